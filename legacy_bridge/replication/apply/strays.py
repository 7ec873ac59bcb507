"""Changes made on the side that does not own the rows, on their way to the owner.

1. the owner's rows are locked, and looked at: who wrote them
2. what was changed without knowing that loses (`judging`)
3. the rest is written, as far as the owner's tables take it
4. what lost is kept, and the owner's rows are asked to be sent back: both sides have them then
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from legacy_bridge.replication.apply import marks, sql
from legacy_bridge.replication.apply.arrays import columns
from legacy_bridge.replication.apply.carefully import Refusal, write_carefully
from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.apply.forms import key_names
from legacy_bridge.replication.apply.horizons import Seen
from legacy_bridge.replication.apply.judging import Judged, Lost, judge, lose_both
from legacy_bridge.replication.apply.writing import Changes, split
from legacy_bridge.replication.conflicts import REASONS, Conflict, ConflictKind
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import Row
from legacy_bridge.replication.records import kept_at


@dataclass(slots=True)
class Carried:
    """What became of them."""

    rows: int = 0
    conflicts: list[Conflict] = field(default_factory=list)


def carry(
    target: Connection, changes: Changes, seen: Seen, source: Connection, since: Lsn
) -> Carried:
    """Within the caller's transaction, in which all constraints hold. Parents first. `since`: where
    the first of the changes was committed."""
    carried = Carried()
    judged = [
        (pair, judge_table(target, pair, table, seen, source, since)) for pair, table in changes
    ]
    admitted = [(pair, one.admitted) for pair, one in judged]
    lost = {pair.target.name: dict(one.lost) for pair, one in judged}
    for refusal in write_carefully(target, admitted):
        _refuse(refusal, lost)
    for pair, table in admitted:
        losing = lost[pair.target.name]
        written = [key for key in (*table.gone, *table.rows) if key not in losing]
        carried.rows += len(written)
        seen.wrote(versions(target, pair, written, lock=False).values())
        carried.conflicts += _told(pair, losing)
        _send_back(target, pair, losing)
    return carried


def judge_table(
    target: Connection,
    pair: TablePair,
    table: TableChanges,
    seen: Seen,
    source: Connection,
    since: Lsn,
) -> Judged:
    if table.emptied:
        table = _without_emptying(target, pair, table)
    keys = {**table.gone, **dict.fromkeys(table.moved.values()), **dict.fromkeys(table.rows)}
    found = versions(target, pair, list(keys), lock=True)
    # Whoever changed a row there while its last version was in quarantine changed an older one.
    not_let_in = _quarantined(source, pair, found, since)
    present = {key: None if key in not_let_in else xid for key, xid in found.items()}
    return judge(table, present, set(_equal(target, pair, table.rows)), seen)


def _quarantined(source: Connection, pair: TablePair, keys: Iterable[Key], since: Lsn) -> set[Key]:
    """Those of the owner's rows that the other side has refused, and had not let in by then."""
    back = pair.towards(pair.direction.opposite)
    names = {key: key_names(back, key) for key in keys}
    found = kept_at(source, back.target.name, list(names.values()), since) if names else []
    return {key for key, named in names.items() if named in found}


def assure(
    target: Connection, pairs: Sequence[TablePair], doubted: Mapping[str, Mapping[Key, None]]
) -> None:
    """Send again what the target has of rows that were taken away on the other side.

    Written anew as well: changes made there before they come must lose, as in `_send_back`.
    """
    for pair in pairs:
        if keys := list(doubted.get(pair.source.name, ())):
            told = [marks.RESEND, pair.target.name]
            target.execute(sql.touch_telling(pair), [*columns(keys), *told])


def written(
    target: Connection,
    pairs: Sequence[TablePair],
    keys: Mapping[str, Mapping[Key, None]],
    own: Container[int],
) -> dict[str, dict[Key, None]]:
    """Of the given rows, by the target's tables: those that are there as `own` transactions wrote
    them, by the source's tables, as for `assure`."""
    found: dict[str, dict[Key, None]] = {}
    for pair in pairs:
        there = versions(target, pair, list(keys.get(pair.target.name, ())), lock=False)
        if ours := {key: None for key, xid in there.items() if xid in own}:
            found[pair.source.name] = ours
    return found


def _without_emptying(target: Connection, pair: TablePair, table: TableChanges) -> TableChanges:
    """TRUNCATE as the deletion of every row: some of them may be new to whoever emptied it."""
    there = [tuple(map(str.encode, row)) for row in target.execute(sql.keys(pair))]
    return TableChanges(gone=dict.fromkeys(there), rows=table.rows, born=table.born)


def versions(
    target: Connection, pair: TablePair, keys: Sequence[Key], *, lock: bool
) -> dict[Key, int]:
    """Of those that there are: who wrote them."""
    if not keys:
        return {}
    found = target.execute(sql.versions(pair, lock=lock), columns(keys))
    return {keys[place - 1]: xid for place, xid in found}


def _equal(target: Connection, pair: TablePair, rows: Mapping[Key, Row]) -> Iterator[Key]:
    names = tuple(column.target for column in pair.columns)
    whole, parts = split(pair, rows)
    for given, some in ((names, whole), *parts.items()):
        if some:
            keys = [tuple(row[given.index(name)] for name in pair.key) for row in some]
            for (place,) in target.execute(sql.equal(pair, given), columns(some)):
                yield keys[place - 1]


def _refuse(refusal: Refusal, lost: dict[str, dict[Key, Lost]]) -> None:
    single = refusal.single
    former = single.key if single.former is None else single.former
    refused = Lost(ConflictKind.REFUSED, single.row, refusal.reason)
    lose_both(lost[single.pair.target.name], single.key, former, refused)


def _told(pair: TablePair, losing: Mapping[Key, Lost]) -> Iterator[Conflict]:
    for key, lost in losing.items():
        reason = lost.reason or REASONS[lost.kind]
        values = None if lost.row is None else dict(_values(pair, lost.row))
        yield Conflict(
            pair.domain, pair.target.name, key_names(pair, key), lost.kind, reason, values
        )


def _values(pair: TablePair, row: Row) -> Iterable[tuple[str, str | None]]:
    """By name; nothing of a table whose keys are secrets."""
    if pair.mapping.secret_key:
        return
    for column, value in zip(pair.columns, row, strict=True):
        if value is None or isinstance(value, bytes):
            yield column.target, None if value is None else value.decode()


def _send_back(target: Connection, pair: TablePair, losing: Mapping[Key, Lost]) -> None:
    """Rows are written anew as they are: changes that do not know of this must lose as well."""
    if losing:
        keys = list(losing)
        target.execute(sql.touch(pair), columns(keys))
        marks.ask_for(target, pair.target.name, keys)
