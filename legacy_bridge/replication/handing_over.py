"""A domain gets another owner. Whoever calls this has seen to it that nobody writes meanwhile, and
that everything written before has been applied on both sides."""

from collections.abc import Sequence

from legacy_bridge.replication import sequences
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.owners import Owner, Ownership, Strays, read_owners, write_owner
from legacy_bridge.replication.pairs import TablePair


def hand_over(
    legacy: Connection,
    native: Connection,
    pairs: Sequence[TablePair],
    to: Owner,
    strays: Strays = Strays.CAPTURE,
) -> Ownership:
    """`pairs` are all tables of one domain. Until the last step nothing is decided, and every step
    may be repeated.

    1. the new owner numbers its rows from where the old one is
    2. the owner changes: what the appliers write from now on, they write as that says
    3. the old owner numbers what it still makes in the other half
    """
    (domain,) = {pair.domain for pair in pairs}
    old, new = (native, legacy) if to is Owner.LEGACY else (legacy, native)
    if read_owners(native).of(domain).owner is not to:
        for pair in pairs:
            sequences.take_over(old, new, pair.towards(to.direction.opposite))
    ownership = write_owner(native, domain, to, strays)
    for pair in pairs:
        sequences.keep_apart(old, pair.towards(to.direction))
    return ownership
