"""Rows that the native tables refuse. They are set apart, with key and reason; the rest flows.

Only on this path: all rows that are to change are taken out first, so that unique values are free
to move among them, and then put in as they should be, in halves and halves of halves until the
refused rows stand alone. Of two rows that want one unique value the lower key gets it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from legacy_bridge.replication import statements
from legacy_bridge.replication.catalogue import Reference
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.statements import TablePair

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
    """A row that is not on the native side as it is on the legacy one."""

    key: Mapping[str, Any]
    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What `settle` did with the rows of one table."""

    inserted: int
    updated: int
    refused: tuple[Refused, ...]


def settle(native: Connection, pair: TablePair) -> Settled:
    """Write all new and changed rows but those that are refused; for these the old row returns."""
    for statement in statements.take_out_changed(pair):
        native.execute(statement)
    row = native.execute(statements.count_changed(pair)).fetchone()
    assert row is not None  # noqa: S101  # an aggregate has one row
    total, former = row
    refused: list[tuple[int, str]] = []
    _put_in(native, pair, 1, total, refused)
    outcomes = [_restore(native, pair, place) for place, _ in refused]
    old = outcomes.count(True)
    return Settled(
        inserted=total - former - outcomes.count(None),
        updated=former - old - outcomes.count(False),
        refused=tuple(
            Refused(_key_at(native, pair, place), reason, KEPT_OLD if restored else KEPT_OUT)
            for (place, reason), restored in zip(refused, outcomes, strict=True)
        ),
    )


def _put_in(
    native: Connection, pair: TablePair, first: int, last: int, refused: list[tuple[int, str]]
) -> None:
    """Put in the rows from place `first` to `last`; places of refused ones go to the list."""
    if first > last:
        return
    try:
        with native.transaction():
            for statement in statements.put_in(pair):
                native.execute(statement, [first, last])
    except REFUSALS as error:
        if first == last:
            refused.append((first, reason(error)))
            return
        middle = (first + last) // 2
        _put_in(native, pair, first, middle, refused)
        _put_in(native, pair, middle + 1, last, refused)


def _restore(native: Connection, pair: TablePair, place: int) -> bool | None:
    """Whether the row as it was is back; None if there was none."""
    try:
        with native.transaction():
            count = native.execute(statements.restore(pair), [place]).rowcount
    except REFUSALS:
        return False
    return True if count else None


def _key_at(native: Connection, pair: TablePair, place: int) -> dict[str, Any]:
    row = native.execute(statements.key_at(pair), [place]).fetchone()
    assert row is not None  # noqa: S101  # places were counted just before
    return named_key(pair, row)


def remove_orphans(native: Connection, pairs: Sequence[TablePair]) -> dict[str, list[Refused]]:
    """Take out rows whose parent is missing, until no more follow: table → rows.

    Foreign keys are checked at commit; this looks only if that check would fail.
    """
    found: dict[str, list[Refused]] = {}
    while not _references_hold(native):
        orphans = [
            (pair.native.name, orphan)
            for pair in pairs
            for reference in pair.native.references
            for orphan in _orphans(native, pair, reference)
        ]
        if not orphans:
            break
        for table, orphan in orphans:
            found.setdefault(table, []).append(orphan)
    native.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return found


def _references_hold(native: Connection) -> bool:
    try:
        with native.transaction():
            native.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except errors.ForeignKeyViolation:
        return False
    return True


def _orphans(native: Connection, pair: TablePair, reference: Reference) -> list[Refused]:
    why = f"{', '.join(reference.columns)}: no such row in {reference.parent}"
    rows = native.execute(statements.delete_orphans(pair, reference))
    return [Refused(named_key(pair, row), why, KEPT_OUT) for row in sorted(rows)]


def named_key(pair: TablePair, row: Sequence[Any]) -> dict[str, Any]:
    """The key as JSON can hold it."""
    values = (value if isinstance(value, int) else str(value) for value in row)
    return dict(zip(pair.mapping.key, values, strict=True))


def reason(error: psycopg.Error) -> str:
    """What the server said. Its detail may show the whole row, so only that of a unique value."""
    said = error.diag.message_primary or str(error)
    if isinstance(error, errors.UniqueViolation) and error.diag.message_detail:
        return f"{said}: {error.diag.message_detail}"
    return said
