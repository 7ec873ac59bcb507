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
        with self.to_source(direction.opposite) as target:
            yield target

    @contextmanager
    def to_source(self, direction: Direction) -> Iterator[Connection]:
        """The same at the other end: where the opposite stream is written down."""
        end = self.source(direction)
        with connected(end.url, end.what) as source:
            if direction is Direction.FORWARD:
                home.look_there(source)
            yield source
