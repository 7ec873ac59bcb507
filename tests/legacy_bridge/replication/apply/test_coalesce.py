"""Coalesced or one after the other: the target is the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.replication.apply.coalesce import Coalesced, Key, TableChanges
from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Delete,
    Insert,
    Relation,
    RelationColumn,
    ReplicaIdentity,
    Row,
    Update,
)
from legacy_bridge.replication.pgoutput.transactions import Change, Emptied

RELATION = Relation(
    oid=1,
    schema="public",
    name="things",
    identity=ReplicaIdentity.DEFAULT,
    columns=(
        RelationColumn("id", 23, -1, key=True),
        RelationColumn("small", 25, -1, key=False),
        RelationColumn("large", 25, -1, key=False),
    ),
)


class Things:
    """Every column in its place, the first is the key."""

    table = "things"

    @staticmethod
    def pick(row: Row) -> Row:
        return row

    @staticmethod
    def key(row: Row) -> Key:
        return row[:1]


FORM = Things()
Stored = dict[Key, tuple[Row, str]]
"""Rows of the target by key, each with a value that the target alone knows."""

KEYS = st.sampled_from([b"1", b"2", b"3", b"4"])
VALUES = st.sampled_from([b"a", b"b", None])
STEPS = st.one_of(
    st.tuples(st.just("insert"), KEYS, VALUES, VALUES),
    st.tuples(st.just("update"), KEYS, VALUES, VALUES),
    st.tuples(st.just("touch"), KEYS, VALUES, st.none()),
    st.tuples(st.just("move"), KEYS, KEYS, st.none()),
    st.tuples(st.just("move and touch"), KEYS, KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS, st.none(), st.none()),
    st.tuples(st.just("empty"), st.none(), st.none(), st.none()),
)


def change(before: Stored, step: tuple[Any, ...]) -> Insert | Update | Delete | Emptied | None:
    """What the source says of a step; None if it is impossible there."""
    kind, key, one, two = step
    if kind == "empty":
        return Emptied((RELATION,), cascade=False, restart_identity=False)
    there = (key,) in before
    if kind == "insert":
        return None if there else Insert(1, (key, one, two))
    if not there:
        return None
    if kind == "update":
        return Update(1, None, False, (key, one, two))
    if kind == "touch":
        return Update(1, None, False, (key, one, UNCHANGED))
    if kind == "delete":
        return Delete(1, (key, None, None), whole_old=False)
    if (one,) in before:
        return None
    small = two if kind == "move and touch" else before[(key,)][0][1]
    return Update(1, (key, None, None), False, (one, small, UNCHANGED))


def one_by_one(rows: Stored, done: Insert | Update | Delete | Emptied) -> None:
    match done:
        case Emptied():
            rows.clear()
        case Insert(new=new):
            rows[new[:1]] = (new, "new")
        case Delete(old=old):
            del rows[old[:1]]
        case Update(old=old, new=new):
            row, ours = rows.pop(old[:1] if old else new[:1])
            rows[new[:1]] = (filled(new, row), ours)


def filled(new: Row, old: Row) -> Row:
    return tuple(o if n is UNCHANGED else n for n, o in zip(new, old, strict=True))


def at_once(rows: Stored, changes: TableChanges) -> None:
    """As `TableChanges` says that it is to be done; rows that came meanwhile are not there yet."""
    if changes.emptied:
        rows.clear()
    kept = {new: rows.pop(old) for new, old in changes.moved.items() if old in rows}
    for key in changes.gone:
        rows.pop(key, None)
    for new, (row, ours) in kept.items():
        assert new not in rows
        rows[new] = ((*new, *row[1:]), ours)
    for key, new_row in changes.rows.items():
        old, ours = rows.get(key, (None, "new"))
        assert old is not None or UNCHANGED not in new_row
        rows[key] = (filled(new_row, old) if old else new_row, ours)


@given(start=st.dictionaries(KEYS, st.tuples(VALUES, VALUES)), steps=st.lists(STEPS, max_size=30))
def test_the_target_is_the_same(
    start: dict[bytes, tuple[bytes | None, bytes | None]], steps: list[tuple[Any, ...]]
) -> None:
    sequential: Stored = {(k,): ((k, *v), f"ours {k!r}") for k, v in start.items()}
    batched = dict(sequential)
    coalesced = Coalesced[Things](lambda relation: FORM)
    for step in steps:
        done = change(sequential, step)
        if done is None:
            continue
        one_by_one(sequential, done)
        coalesced.add(done if isinstance(done, Emptied) else Change(RELATION, done))
    if coalesced.tables:
        at_once(batched, coalesced.tables["things"][1])
    assert batched == sequential


@given(
    start=st.dictionaries(KEYS, st.tuples(VALUES, VALUES)),
    steps=st.lists(STEPS, max_size=30),
    data=st.data(),
)
def test_a_target_that_is_ahead_comes_to_the_same_end(
    start: dict[bytes, tuple[bytes | None, bytes | None]],
    steps: list[tuple[Any, ...]],
    data: st.DataObject,
) -> None:
    """It had each key as of another moment; what it cannot know is read again in the end."""
    source: Stored = {(k,): ((k, *v), "") for k, v in start.items()}
    moments, changes = [dict(source)], []
    for step in steps:
        if (done := change(source, step)) is not None:
            one_by_one(source, done)
            changes.append(done if isinstance(done, Emptied) else Change(RELATION, done))
            moments.append({key: (row, "") for key, (row, _) in source.items()})
    at: dict[Key, Stored] = {
        (key,): data.draw(st.sampled_from(moments)) for key in (b"1", b"2", b"3", b"4")
    }
    target: dict[Key, Row] = {key: moment[key][0] for key, moment in at.items() if key in moment}
    doubtful: set[Key] = set()
    while changes:
        size = data.draw(st.integers(1, len(changes)))
        coalesced = Coalesced[Things](lambda relation: FORM, ahead=True)
        for each in changes[:size]:
            coalesced.add(each)
        behind(target, coalesced.tables["things"][1], doubtful)
        changes = changes[size:]
    for key in doubtful:
        target.pop(key, None)
    assert target == {key: row for key, (row, _) in moments[-1].items() if key not in doubtful}


def behind(rows: dict[Key, Row], changes: TableChanges, doubtful: set[Key]) -> None:
    """`doubtful`: keys in quarantine."""
    assert not changes.moved
    for key in [*rows, *doubtful] if changes.emptied else changes.gone:
        rows.pop(key, None)
        doubtful.discard(key)
    for key, row in changes.rows.items():
        if UNCHANGED in row and (key not in rows or key in doubtful):
            doubtful.add(key)
        else:
            rows[key] = filled(row, rows.get(key, row))
            doubtful.discard(key)


def test_tables_that_are_not_wanted_are_left_out() -> None:
    coalesced = Coalesced[Things](lambda relation: None)
    coalesced.add(Change(RELATION, Insert(1, (b"1", None, None))))
    coalesced.add(Emptied((RELATION,), cascade=True, restart_identity=True))
    assert coalesced.tables == {}


def test_with_full_identity_a_large_value_comes_with_the_old_row() -> None:
    """And the key is the same although an old row comes."""
    coalesced = Coalesced[Things](lambda relation: FORM)
    update = Update(1, (b"1", b"a", b"large"), True, (b"1", b"b", UNCHANGED))
    coalesced.add(Change(RELATION, update))
    ((_, table),) = coalesced.tables.values()
    assert table.rows == {(b"1",): (b"1", b"b", b"large")}
    assert table.moved == {}


def test_rows_are_in_the_order_of_their_last_changes() -> None:
    """A unique value that one row gives up and another takes is free by then."""
    table = TableChanges()
    table.put((b"1",), (b"1", b"x", None))
    table.put((b"2",), (b"2", b"y", None))
    table.put((b"1",), (b"1", b"z", None))
    assert list(table.rows) == [(b"2",), (b"1",)]
