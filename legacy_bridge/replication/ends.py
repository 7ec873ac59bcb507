"""The two databases, as the beginning and the end of each direction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.pairs import Direction


@dataclass(frozen=True, slots=True)
class End:
    """`what` is LEGACY or NATIVE, for messages."""

    url: str
    what: str


@dataclass(frozen=True, slots=True)
class Ends:
    legacy_url: str
    native_url: str

    def source(self, direction: Direction) -> End:
        if direction is Direction.FORWARD:
            return End(self.legacy_url, LEGACY)
        return End(self.native_url, NATIVE)

    def target(self, direction: Direction) -> End:
        return self.source(direction.opposite)

    @contextmanager
    def to_target(self, direction: Direction) -> Iterator[Connection]:
        """A connection that finds what is written down of the stream."""
        end = self.target(direction)
        with connected(end.url, end.what) as target:
            if direction is Direction.REVERSE:
                home.look_there(target)
            yield target
