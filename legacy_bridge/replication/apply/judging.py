"""Which changes of a side that does not own the rows may reach the owner. Pure.

What was changed without knowing the owner's last word loses: the row stays as the owner has it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.conflicts import ConflictKind
from legacy_bridge.replication.pgoutput.messages import Row

Versions = Mapping[Key, int | None]


@dataclass(frozen=True, slots=True)
class Lost:
    """`row` is None for a deletion. `reason`: what the owner's table said, if it was asked."""

    kind: ConflictKind
    row: Row | None
    reason: str | None = None


@dataclass(slots=True)
class Judged:
    """`admitted` is to be done, `lost` is not. Rows that are like that already are in neither."""

    admitted: TableChanges = field(default_factory=TableChanges)
    lost: dict[Key, Lost] = field(default_factory=dict)


def judge(
    table: TableChanges, present: Versions, equal: Container[Key], seen: Container[object]
) -> Judged:
    """`present`: rows of the owner, each with who wrote it (None: it was not let in where the
    changes were made); `seen`: whether that was known there. `equal`: rows that the owner has just
    so. Nothing is `emptied`."""
    judged = Judged()
    admitted, lost = judged.admitted, judged.lost
    for key in filter(present.__contains__, table.gone):
        if present[key] in seen:
            admitted.gone[key] = None
        elif key not in table.rows:
            lost[key] = Lost(ConflictKind.CHANGED, None)
    for new, old in table.moved.items():
        _judge_move(judged, table, present, seen, old, new)
    for key, row in table.rows.items():
        if key in table.moved and key not in table.born:
            continue
        if kind := _objection(table, key, admitted, present, equal, seen):
            lost[key] = Lost(kind, row)
        elif key not in equal:
            admitted.rows[key] = row
            if key in table.born:
                admitted.born.add(key)
    admitted.absent = admitted.moved.keys() | (admitted.rows.keys() - present.keys())
    return judged


def _judge_move(
    judged: Judged,
    table: TableChanges,
    present: Versions,
    seen: Container[object],
    old: Key,
    new: Key,
) -> None:
    if new in table.born:
        return  # made and moved within these changes: judged as a new row
    row = table.rows[new]
    if old not in present:
        judged.lost[new] = Lost(ConflictKind.DELETED, row)
    elif present[old] not in seen:
        lose_both(judged.lost, new, old, Lost(ConflictKind.CHANGED, row))
    elif new in present and new not in judged.admitted.gone and new not in table.moved.values():
        lose_both(judged.lost, new, old, Lost(ConflictKind.KEY_TAKEN, row))
    else:
        judged.admitted.moved[new] = old
        judged.admitted.rows[new] = row


def lose_both(losing: dict[Key, Lost], new: Key, old: Key, lost: Lost) -> None:
    """Under both keys the row is to be as the owner has it. If another one that lost was to come to
    the old key, it stays in there: it would be kept nowhere else."""
    losing[new] = lost
    losing.setdefault(old, lost)


def _objection(
    table: TableChanges,
    key: Key,
    admitted: TableChanges,
    present: Versions,
    equal: Container[Key],
    seen: Container[object],
) -> ConflictKind | None:
    if key in equal or key in admitted.gone:
        return None
    made = key in table.born or key in table.gone
    if key not in present:
        return None if made else ConflictKind.DELETED
    if present[key] in seen and key not in table.born:
        return None
    return ConflictKind.KEY_TAKEN if key in table.born else ConflictKind.CHANGED
