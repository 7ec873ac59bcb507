"""A domain gets another owner. Whoever calls this has seen to it that nobody writes meanwhile, and
that everything written before has been applied on both sides."""

from collections.abc import Sequence

from legacy_bridge.replication import rejecting, sequences
from legacy_bridge.replication.checks import back_misfits
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owner, Ownership, Strays, read_owners, write_owner
from legacy_bridge.replication.pairs import TablePair


def hand_over(
    legacy: Connection,
    native: Connection,
    pairs: Sequence[TablePair],
    to: Owner,
    strays: Strays | None = None,
) -> Ownership:
    """`pairs` are all tables of one domain; `strays`: None leaves that as it is. Until the last
    step nothing is decided, and every step may be repeated. Raises `BridgeError` for a domain
    whose rows could not be carried back.

    1. the new owner numbers its rows from where the old one is, and takes what is written there
    2. the owner changes: what the appliers write from now on, they write as that says
    3. the old owner numbers what it still makes in the other half, and refuses it where that is
       asked for
    """
    (domain,) = {pair.domain for pair in pairs}
    if to is Owner.NATIVE:
        require_way_back(pairs)
    old, new = (native, legacy) if to is Owner.LEGACY else (legacy, native)
    before = read_owners(native).of(domain)
    wanted = before.strays if strays is None else strays
    if before.owner is not to:
        go_on_numbering(old, new, pairs, to)
    rejecting.let_pass(new, pairs, to)
    ownership = write_owner(native, domain, to, wanted)
    number_apart(old, pairs, to)
    rejecting.as_said(old, pairs, to, wanted)
    return ownership


def go_on_numbering(
    old: Connection, new: Connection, pairs: Sequence[TablePair], to: Owner
) -> None:
    """Let the side that is to own the rows number them from where the old owner is."""
    for pair in pairs:
        sequences.take_over(old, new, pair.towards(to.direction.opposite))


def number_apart(other: Connection, pairs: Sequence[TablePair], owner: Owner) -> None:
    """Whoever does not own the rows numbers what it still makes in the other half. May be
    repeated."""
    for pair in pairs:
        sequences.keep_apart(other, pair.towards(owner.direction))


def require_way_back(pairs: Sequence[TablePair]) -> None:
    """Raises `BridgeError` unless the native side's rows can become the legacy side's."""
    if problems := no_way_back(pairs):
        raise BridgeError(*problems)


def no_way_back(pairs: Sequence[TablePair]) -> tuple[str, ...]:
    """What keeps the native side's rows from becoming the legacy side's, each with its place."""
    found = [
        str(misfit)
        for pair in pairs
        for misfit in back_misfits(pair.mapping, pair.legacy, pair.native)
        if misfit.refused
    ]
    return tuple(dict.fromkeys(found))  # a foreign key is one of two tables
