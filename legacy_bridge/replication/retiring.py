"""The end of a domain's replication: what must not be left behind, and what there is to be tidied.

That it ends is one row (`owners.write_retired`): appliers see it with their next transaction and
leave the domain out from then on, whatever the publications still bring. So these are changed
behind the decision, and may be so at any later time: a slot that is behind reads its old log with
the publication as that was then, and rows that nobody maps any more are passed over.
"""

from collections.abc import Mapping, Sequence

from legacy_bridge.replication import home, rejecting
from legacy_bridge.replication.catalogue import read_catalogue
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import Domains, table_pairs
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.one_way import by_side
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.publication import take_out
from legacy_bridge.replication.streams import published_tables, read_stream


def referring(pairs: Sequence[TablePair], others: Domains) -> tuple[str, ...]:
    """Tables of the other domains that refer to these. Their rows go on travelling, and would not
    be taken where the rows that they refer to do not come any more."""
    theirs = {
        name: domain
        for domain, mapped in others.items()
        for mapping in mapped
        for name in (mapping.legacy, mapping.native)
    }
    found = {
        f"{table} of {theirs[table]} refers to {facts.name}": None
        for pair in pairs
        for facts in (pair.legacy, pair.native)
        for reference in facts.referenced_by
        if (table := reference.table.strip('"')) in theirs
    }
    return tuple(found)


def left_behind(
    legacy: Connection, native: Connection, pairs: Sequence[TablePair]
) -> tuple[str, ...]:
    """What has not reached the other side, each with what to do. `pairs` are all of one domain;
    `legacy` finds the bridge's tables (`home.look_there`)."""
    (domain,) = {pair.domain for pair in pairs}
    sides = (("legacy", legacy), ("native", native))
    return (
        *(
            f"{count} rows of {table} are in quarantine on the {side} side, which has them "
            f"otherwise or not at all — `strangler sync status` and the table bridge_quarantine "
            f"there tell why; mend them natively, or run `strangler sync repair --domain {domain}`"
            for side, connection in sides
            for table, count in _set_apart(connection, pairs)
        ),
        *(
            f"{count} changes lost against the owner's and are kept on the {side} side — settle "
            f"each: `strangler sync conflicts --domain {domain}`"
            for side, connection in sides
            if (count := _conflicts(connection, domain))
        ),
    )


def _set_apart(connection: Connection, pairs: Sequence[TablePair]) -> list[tuple[str, int]]:
    names = [name for pair in pairs for name in (pair.legacy.name, pair.native.name)]
    return connection.execute(
        "SELECT table_name, count(*) FROM bridge_quarantine WHERE table_name = ANY (%s)"
        " GROUP BY 1 ORDER BY 1",
        [names],
    ).fetchall()


def _conflicts(connection: Connection, domain: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM bridge_conflicts WHERE domain = %s", [domain]
    ).fetchone()
    return row[0] if row else 0


def tidy(
    legacy: Connection,
    native: Connection,
    domain: str,
    mapped: Sequence[TableMapping],
    others: Domains,
) -> tuple[str, ...]:
    """Behind the decision; repeating it is safe. Returns what could not be done, each with its
    remedy: nothing hangs on it but that the servers send rows which nobody takes.

    1. the legacy tables say of every change that they refuse that the domain is retired; native
       ones refuse nothing
    2. neither side publishes the domain's tables any more, unless one of `others` has it as well
    """
    left: list[str] = []
    try:
        _guard(legacy, native, domain, mapped)
    except BridgeError as error:
        left += error.problems
    failpoint("retire.guarded_for_good")
    for direction in Direction:
        source, target = by_side(direction, legacy, native)  # it turns either way
        needed = published_tables(others, direction)
        tables = published_tables({domain: mapped}, direction).keys() - needed.keys()
        record = read_stream(target, direction)
        try:
            if record is not None:
                take_out(source, record.publication, sorted(tables))
        except BridgeError as error:
            left += error.problems
        failpoint(f"retire.unpublished_{direction}")
    return tuple(left)


def _guard(
    legacy: Connection, native: Connection, domain: str, mapped: Sequence[TableMapping]
) -> None:
    """Of those of the legacy tables that are still there."""
    there = read_catalogue(legacy, [mapping.legacy for mapping in mapped])
    wanted: Mapping[str, Sequence[TableMapping]] = {
        domain: [mapping for mapping in mapped if mapping.legacy in there]
    }
    pairs, _ = table_pairs(legacy, native, wanted)
    rejecting.let_pass(native, pairs, Owner.NATIVE)
    if pairs:
        home.look_there(legacy)
        rejecting.reject(legacy, pairs, Owner.NATIVE, for_good=True)


def unneeded(others: Domains) -> tuple[str, ...]:
    """What is to be said where nothing travels any more at all."""
    if others:
        return ()
    said = (
        "no domain is left whose rows travel: set STRANGLER_BRIDGE=off, restart, and drop the slots"
        " for which both servers keep their log (strangler_… in pg_replication_slots, but those of "
        "strangler_react_…): SELECT pg_drop_replication_slot('…');"
    )
    return (said,)
