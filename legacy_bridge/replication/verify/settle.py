"""Rows that seem to differ are looked at again: what has just changed is not a difference.

A row differs for certain if the replica had another value between two looks at the owner's side
that saw the very same row version, and all that came before the first look was applied. Where
changes of the replica are carried to the owner, the replica's version has to be the same as well
since before that was waited for: what was changed there in between may be on its way.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from time import sleep

from legacy_bridge.replication.verify.chunks import Opened
from legacy_bridge.replication.verify.fingerprints import Key
from legacy_bridge.replication.verify.positions import Carrying, require_shown

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
    owner: State | None
    replica: State | None


@dataclass(frozen=True, slots=True)
class Settled:
    """`unsettled`: keys of rows that changed each time and were never seen equal; only where
    `streaming`: an applier brings changes over."""

    differing: tuple[Differing, ...] = ()
    unsettled: tuple[Key, ...] = ()
    streaming: bool = False


def judge(
    before: State | None,
    replica: State | None,
    after: State | None,
    between: Collection[bytes | None] = (),
) -> Verdict:
    """Of a row that was seen on the owner's side, then on the replica, then on the owner's side.

    What is applied includes what the first look saw. `between`: what the owner's side has shown
    since the moment up to which all is applied; the first look does not count here, as the
    replica may be stuck where the row was then.
    """
    columns = replica and replica.columns
    if columns in (after and after.columns, *between):
        return Verdict.EQUAL
    return Verdict.DIFFERENT if before == after else Verdict.CHANGED


@dataclass(slots=True)
class _Suspect:
    before: State | None
    replica: State | None
    between: set[bytes | None] = field(default_factory=set)
    seen: int = 0  # how often it was different for certain


@dataclass(slots=True)
class _Open:
    """Suspects whose case is not settled. `carried`: an applier brings changes over; `strays`: one
    takes those of the replica to the owner."""

    suspects: dict[Key, _Suspect]
    carried: bool
    strays: bool
    confirmed: list[Differing] = field(default_factory=list)

    def sample(self, owner: States) -> None:
        for key, suspect in self.suspects.items():
            state = owner.get(key)
            suspect.between.add(state.columns if state else None)

    def look(self, owner: Opened, replica: Opened) -> bool:
        """Whether a row has changed since the look before.

        Before a row is found to differ for certain, each side has to show what the other one may
        have of it: that is in its log before it is seen.
        """
        suspects = list(self.suspects)
        certain = any(suspect.seen == CONFIRMATIONS - 1 for suspect in self.suspects.values())
        if certain:
            require_shown(replica.connection)
        there = states(replica, suspects)
        if certain:
            require_shown(owner.connection)
        return self.take(there, states(owner, suspects))

    def take(self, replica: States, after: States) -> bool:
        """Judge by another look. Says whether a row has changed since the look before."""
        changed = False
        for key, suspect in list(self.suspects.items()):
            last, suspect.replica = suspect.replica, replica.get(key)
            verdict = judge(suspect.before, suspect.replica, after.get(key), suspect.between)
            if verdict is Verdict.DIFFERENT and self.strays and suspect.replica != last:
                verdict = Verdict.CHANGED
            changed |= verdict is Verdict.CHANGED
            suspect.before = after.get(key)
            suspect.between.clear()
            # Without a stream nobody brings a change over: that it is new is no excuse.
            suspect.seen += verdict is Verdict.DIFFERENT or not self.carried
            if verdict is Verdict.EQUAL:
                del self.suspects[key]
            elif suspect.seen == CONFIRMATIONS:
                self.confirmed.append(Differing(key, suspect.before, suspect.replica))
                del self.suspects[key]
        return changed


def settle(
    owner: Opened,
    replica: Opened,
    keys: Sequence[Key],
    stream: Carrying | None,
    strays: Carrying | None = None,
) -> Settled:
    """Look at these rows until it is clear of each whether it differs. `strays`: the opposite
    stream."""
    before, there = states(owner, keys), states(replica, keys)
    open_ = _Open(
        {key: _Suspect(before.get(key), there.get(key)) for key in keys},
        carried=stream is not None,
        strays=stream is not None and strays is not None,
    )
    changed = True
    for pause in PAUSES:
        sleep(pause)
        if changed and stream:
            _wait(owner, open_, stream, strays)
        changed = open_.look(owner, replica)
        if not open_.suspects:
            break
    return Settled(tuple(open_.confirmed), tuple(open_.suspects), stream is not None)


def _wait(owner: Opened, open_: _Open, stream: Carrying, strays: Carrying | None) -> None:
    """Until the replica has come to where the owner's side was when it was last looked at.

    A row that is always changing is never alike on both sides at once. So we watch what becomes
    of it on the owner's side: the replica will follow. Before that, what the replica itself has
    changed goes to the owner, whose answer follows as well.
    """
    if strays:
        strays.pass_if_it_can()
    stream.mark()
    while not stream.passed():
        if len(open_.suspects) <= WATCHED_ROWS:
            open_.sample(states(owner, list(open_.suspects)))
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
