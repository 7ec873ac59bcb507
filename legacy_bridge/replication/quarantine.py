"""Rows that the target refuses. They are set apart, with key and reason; the rest flows.

Only on this path: all rows that are to change are taken out first, so that unique values are free
to move among them, and then put in as they should be, in halves and halves of halves until the
refused rows stand alone. Of two rows that want one unique value the lower key gets it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import errors

from legacy_bridge.replication import statements
from legacy_bridge.replication.catalogue import Reference
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair

KEPT_OUT = "kept out"
KEPT_OLD = "kept as it was"
DIFFERS = "written, but differs"

# A constraint, a value that does not fit, a trigger, an index entry that is too large.
REFUSALS = (
    psycopg.IntegrityError,
    psycopg.DataError,
    errors.RaiseException,
    errors.ProgramLimitExceeded,
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not on the target as it is on the source."""

    key: Mapping[str, Any]
    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What `settle` did with the rows of one table."""

    inserted: int
    updated: int
    refused: tuple[Refused, ...]


def settle(target: Connection, pair: TablePair) -> Settled:
    """Write all new and changed rows but those that are refused; for these the old row returns."""
    for statement in statements.take_out_changed(pair):
        target.execute(statement)
    ((total, changed),) = target.execute(statements.count_changed(pair)).fetchall()
    inserts = [statement.as_bytes(target) for statement in statements.put_in(pair)]
    reasons = dict(_put_in(target, inserts, 1, total))
    old = target.execute(statements.former_places(pair), [list(reasons)]).fetchall()
    restored = {place: _restore(target, pair, place) for (place,) in old}
    keys = target.execute(statements.keys_at(pair), [list(reasons)]).fetchall()
    return Settled(
        inserted=total - changed - (len(reasons) - len(restored)),
        updated=changed - len(restored),
        refused=tuple(
            Refused(
                named_key(pair, key),
                reasons[place],
                KEPT_OLD if restored.get(place) else KEPT_OUT,
            )
            for place, *key in keys
        ),
    )


def _put_in(
    target: Connection, inserts: Sequence[bytes], first: int, last: int
) -> Iterator[tuple[int, str]]:
    """Put in the rows from place `first` to `last`; the places of refused ones, with reasons."""
    if first > last:
        return
    try:
        with target.transaction():
            for insert in inserts:
                target.execute(insert, {"first": first, "last": last})
    except REFUSALS as error:
        if first == last:
            yield first, reason(error)
            return
        middle = (first + last) // 2
        yield from _put_in(target, inserts, first, middle)
        yield from _put_in(target, inserts, middle + 1, last)


def _restore(target: Connection, pair: TablePair, place: int) -> bool:
    """Put the row back as it was; False if another row has its place now."""
    try:
        with target.transaction():
            target.execute(statements.restore(pair), [place])
    except REFUSALS:
        return False
    return True


def remove_orphans(target: Connection, pairs: Sequence[TablePair]) -> dict[str, list[Refused]]:
    """Take out rows whose parent is missing, until no more follow: table → rows.

    Foreign keys are checked at commit; this looks only if that check would fail.
    """
    found: dict[str, list[Refused]] = {}
    while not _references_hold(target):
        orphans = [
            (pair.target.name, orphan)
            for pair in pairs
            for reference in pair.target.references
            for orphan in _orphans(target, pair, reference)
        ]
        if not orphans:
            break
        for table, orphan in orphans:
            found.setdefault(table, []).append(orphan)
    target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return found


def _references_hold(target: Connection) -> bool:
    try:
        with target.transaction():
            target.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except errors.ForeignKeyViolation:
        return False
    return True


def _orphans(target: Connection, pair: TablePair, reference: Reference) -> list[Refused]:
    why = f"{', '.join(reference.columns)}: no such row in {reference.parent}"
    rows = target.execute(statements.delete_orphans(pair, reference))
    return [Refused(named_key(pair, row), why, KEPT_OUT) for row in sorted(rows)]


def named_key(pair: TablePair, row: Sequence[Any]) -> dict[str, Any]:
    """The key as JSON can hold it; of a secret one the SHA-256, by which the row can be found."""
    values = (value if isinstance(value, int) else str(value) for value in row)
    if pair.mapping.secret_key:
        values = (f"sha256:{sha256(str(value).encode()).hexdigest()}" for value in values)
    return dict(zip(pair.key, values, strict=True))


def reason(error: psycopg.Error) -> str:
    """What the server said. Its detail may show the whole row, so only that of a unique value."""
    said = error.diag.message_primary or str(error)
    if isinstance(error, errors.UniqueViolation) and error.diag.message_detail:
        return f"{said}: {error.diag.message_detail}"
    return said
