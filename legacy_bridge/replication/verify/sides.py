"""The two databases as a verification sees them: for each table the owner's side, which is right,
and the replica, and what carries rows from the one to the other."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owners, read_owners, require_same_owners
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.standbys import limited_sessions
from legacy_bridge.replication.verify.chunks import Opened
from legacy_bridge.replication.verify.fingerprints import PROBE, SETTINGS, TableSide
from legacy_bridge.replication.verify.positions import Stream
from legacy_bridge.replication.verify.records import copied_at


@dataclass(frozen=True, slots=True)
class Sides:
    """Two connections whose values are written alike; the legacy one cannot write unless it is
    asked to. Pairs are in the direction of their owner. `recode`: see `fingerprints`."""

    ends: Ends
    legacy: Connection
    native: Connection
    owners: Owners
    streams: Mapping[Direction, Stream]
    recode: bool

    def of(self, pair: TablePair) -> tuple[Opened, Opened]:
        """The owner's side and the replica."""
        legacy = Opened(TableSide(pair, legacy=True, recode=self.recode), self.legacy)
        native = Opened(TableSide(pair, legacy=False, recode=self.recode), self.native)
        return (legacy, native) if pair.direction is Direction.FORWARD else (native, legacy)

    def source(self, direction: Direction) -> Connection:
        return self.legacy if direction is Direction.FORWARD else self.native

    def target(self, direction: Direction) -> Connection:
        return self.source(direction.opposite)

    def limited(self, left: Callable[[], str]) -> AbstractContextManager[None]:
        """Within it their commits do not wait for a standby for long: see `limited_sessions`."""
        return limited_sessions([(self.ends.source(d), self.source(d)) for d in Direction], left)

    def as_of(self, pair: TablePair) -> datetime | None:
        """By the owner's clock: until when rows were brought over; None if they never were."""
        forward = pair.direction is Direction.FORWARD
        copied = copied_at(self.native, pair.native.name) if forward else None
        return self.streams[pair.direction].as_of(pair.domain, copied)

    def require_same_owners(self) -> None:
        require_same_owners(self.native, self.owners)


@contextmanager
def both_sides(legacy_url: str, native_url: str) -> Iterator[Sides]:
    with connected(legacy_url, LEGACY) as legacy, connected(native_url, NATIVE) as native:
        for connection in (legacy, native):
            for name, value in SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        native.execute("SET default_transaction_read_only = off")
        if legacy.execute(PROBE).fetchone() != native.execute(PROBE).fetchone():
            raise BridgeError(
                "the two servers compute hashes differently (processors with another byte order): "
                "rows cannot be compared by fingerprint — run both on the same kind of processor"
            )
        encodings = {c.info.parameter_status("server_encoding") for c in (legacy, native)}
        kept = home.found(legacy) and not home.unreadable(legacy)
        streams = {
            Direction.FORWARD: Stream(legacy, native, Direction.FORWARD),
            Direction.REVERSE: Stream(native, legacy, Direction.REVERSE, kept=kept),
        }
        yield Sides(
            ends=Ends(legacy_url, native_url),
            legacy=legacy,
            native=native,
            owners=read_owners(native),
            streams=streams,
            recode=len(encodings) > 1,
        )


def require_records(sides: Sides, pairs: tuple[TablePair, ...]) -> None:
    """Raises `BridgeError` unless it can be known what was not carried to the legacy side."""
    given = sorted({pair.domain for pair in pairs if pair.direction is Direction.REVERSE})
    if not given:
        return
    if not home.began(sides.legacy):
        raise BridgeError(
            f"the native side owns {', '.join(given)}, but the bridge's tables are not in the "
            "legacy database: nothing is carried there — run `strangler sync init`"
        )
    if missing := home.unreadable(sides.legacy):
        raise BridgeError(missing)
