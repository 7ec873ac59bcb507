"""Rows that seem to differ are looked at again: what has just changed is not a difference.

A row differs for certain if the native side had another value between two looks at the legacy
side that saw the very same row version, and all that came before the first look was applied.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from time import sleep

from legacy_bridge.replication.verify.chunks import Opened
from legacy_bridge.replication.verify.fingerprints import Key
from legacy_bridge.replication.verify.positions import Carrying

CONFIRMATIONS = 3
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, *[1.0] * 8)
"""Seconds between the looks; at most 10 in all, for rows that change at each of them."""
BATCH_KEYS = 2000
WATCHED_ROWS = 200
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class State:
    """One row at one look: which version of it, and a hash (8 bytes) for each mapped column."""

    version: str
    columns: bytes


States = Mapping[Key, State]


def hash_of(state: State, column: int) -> bytes:
    return state.columns[8 * column : 8 * (column + 1)]


class Verdict(Enum):
    EQUAL = auto()
    DIFFERENT = auto()
    CHANGED = auto()  # while it was looked at


@dataclass(frozen=True, slots=True)
class Differing:
    """A row that stays different; None on the side that lacks it."""

    key: Key
    legacy: State | None
    native: State | None


@dataclass(frozen=True, slots=True)
class Settled:
    """`unsettled`: keys of rows that changed each time and were never seen equal; only where
    `streaming`: an applier brings changes over."""

    differing: tuple[Differing, ...] = ()
    unsettled: tuple[Key, ...] = ()
    streaming: bool = False


def judge(
    before: State | None,
    native: State | None,
    after: State | None,
    between: Collection[bytes | None] = (),
) -> Verdict:
    """Of a row that was seen on the legacy side, then on the native one, then on the legacy one.

    What is applied includes what the first look saw. `between`: what the legacy side has shown
    since the moment up to which all is applied; the first look does not count here, as the native
    side may be stuck where the row was then.
    """
    columns = native and native.columns
    if columns in (after and after.columns, *between):
        return Verdict.EQUAL
    return Verdict.DIFFERENT if before == after else Verdict.CHANGED


@dataclass(slots=True)
class _Suspect:
    before: State | None
    native: State | None = None
    between: set[bytes | None] = field(default_factory=set)
    seen: int = 0  # how often it was different for certain


@dataclass(slots=True)
class _Open:
    """Suspects whose case is not settled."""

    suspects: dict[Key, _Suspect]
    streaming: bool
    confirmed: list[Differing] = field(default_factory=list)

    def sample(self, legacy: States) -> None:
        for key, suspect in self.suspects.items():
            state = legacy.get(key)
            suspect.between.add(state.columns if state else None)

    def take(self, native: States, after: States) -> bool:
        """Judge by another look. Says whether a row has changed since the look before."""
        changed = False
        for key, suspect in list(self.suspects.items()):
            suspect.native = native.get(key)
            verdict = judge(suspect.before, suspect.native, after.get(key), suspect.between)
            changed |= verdict is Verdict.CHANGED
            suspect.before = after.get(key)
            suspect.between.clear()
            # Without a stream nobody brings a change over: that it is new is no excuse.
            suspect.seen += verdict is Verdict.DIFFERENT or not self.streaming
            if verdict is Verdict.EQUAL:
                del self.suspects[key]
            elif suspect.seen == CONFIRMATIONS:
                self.confirmed.append(Differing(key, suspect.before, suspect.native))
                del self.suspects[key]
        return changed


def settle(legacy: Opened, native: Opened, keys: Sequence[Key], stream: Carrying | None) -> Settled:
    """Look at these rows until it is clear of each whether it differs."""
    before = states(legacy, keys)
    open_ = _Open({key: _Suspect(before.get(key)) for key in keys}, stream is not None)
    changed = True
    for pause in PAUSES:
        sleep(pause)
        if changed and stream:
            _wait(legacy, open_, stream)
        suspects = list(open_.suspects)
        changed = open_.take(states(native, suspects), states(legacy, suspects))
        if not open_.suspects:
            break
    return Settled(tuple(open_.confirmed), tuple(open_.suspects), stream is not None)


def _wait(legacy: Opened, open_: _Open, stream: Carrying) -> None:
    """Until the native side has come to where the legacy one was when it was last looked at.

    A row that is always changing is never alike on both sides at once. So we watch what becomes
    of it on the legacy side: the native one will follow.
    """
    stream.mark()
    while not stream.passed():
        if len(open_.suspects) <= WATCHED_ROWS:
            open_.sample(states(legacy, list(open_.suspects)))
        else:
            sleep(POLL_SECONDS)


def states(opened: Opened, keys: Sequence[Key]) -> dict[Key, State]:
    """The rows with these keys, as they are now; rows that are not there are missing."""
    found = {}
    for batch in batches(keys):
        for number, version, columns in opened.connection.execute(opened.side.states(batch)):
            found[batch[number - 1]] = State(version, columns)
    return found


def batches(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """So many at a time as one statement names."""
    return (keys[start : start + BATCH_KEYS] for start in range(0, len(keys), BATCH_KEYS))
