"""The same changes when the target refuses some of the rows: these are found one by one and
set apart with key and reason, everything else is written. As in a copy (`merge`, `quarantine`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from legacy_bridge.replication import statements
from legacy_bridge.replication.apply import sql
from legacy_bridge.replication.apply.arrays import columns
from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.apply.horizons import Unseen
from legacy_bridge.replication.apply.writing import Changes, put_back, split, take_out, unknown
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.merge import Merged, write_staged
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import Row
from legacy_bridge.replication.quarantine import (
    REFUSALS,
    Refused,
    reason,
)

READ_AGAIN = "a large value did not come with the change, as it is the same as before"


@dataclass(slots=True)
class Settled:
    """Rows that are not as they are on the source: table → rows.

    `texts` are those of which only the key's texts are known: with reason.
    """

    refused: dict[str, list[Refused]] = field(default_factory=dict)
    texts: dict[str, list[tuple[Key, str]]] = field(default_factory=dict)


def settle_changes(target: Connection, changes: Changes, unseen: Unseen | None = None) -> Settled:
    """Within the caller's transaction; foreign keys are not looked at yet. `unseen` as for
    `writing`."""
    settled = Settled()
    for pair, table in reversed(changes):
        take_out(target, pair, table, unseen)
    for pair, table in changes:
        put_back(target, pair, table)
        if table.rows:
            _put_in(target, pair, table, settled)
    return settled


def _put_in(target: Connection, pair: TablePair, table: TableChanges, settled: Settled) -> None:
    name = pair.target.name
    texts = settled.texts.setdefault(name, [])
    target.execute(statements.create_staging(pair))
    whole, parts = split(pair, table.rows)
    mapped = [column.target for column in pair.columns]
    texts += _stage(target, pair, mapped, whole)
    for names, rows in parts.items():
        absent = dict.fromkeys(unknown(target, pair, names, rows), READ_AGAIN)
        texts += absent.items()
        texts += _stage(
            target, pair, names, [r for r in rows if _key(pair, names, r) not in absent]
        )
    merged = write_staged(target, pair, Merged())
    settled.refused.setdefault(name, []).extend(merged.refused)
    target.execute(sql.drop_temporary(pair))


def _stage(
    target: Connection, pair: TablePair, names: Sequence[str], rows: Sequence[Row]
) -> Iterator[tuple[Key, str]]:
    """Put the rows into staging; keys of those whose values are none of the column's type."""
    if not rows:
        return
    whole = len(names) == len(pair.columns)
    statement = sql.stage(pair) if whole else sql.stage_some(pair, names)
    try:
        with target.transaction():
            target.execute(statement, columns(rows), prepare=False)
    except REFUSALS as error:
        if len(rows) == 1:
            yield _key(pair, names, rows[0]), reason(error)
            return
        middle = len(rows) // 2
        yield from _stage(target, pair, names, rows[:middle])
        yield from _stage(target, pair, names, rows[middle:])


def _key(pair: TablePair, names: Sequence[str], row: Row) -> Key:
    return tuple(row[names.index(name)] for name in pair.key)
