"""Rows in quarantine, read anew from the source: what kept them out may have passed.

What is read may be newer than what was applied so far; the stream will say so again, and by then
all is as it should be.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from legacy_bridge.replication.apply.coalesce import Coalesced, Key
from legacy_bridge.replication.apply.forms import TableForm, form
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import Relation, Value

AT_ONCE = 1000
"""Rows of one table that are tried again at a time."""


class Rounds:
    """Through all that is in quarantine, so many of each table at a time, the oldest first: those
    that do not fit must not keep others from being tried. What is set apart anew meanwhile, as a
    row without a parent is each time, is for the next round."""

    def __init__(self, target: Connection, source: Connection) -> None:
        self._target = target
        self._source = source
        self._through: dict[str, _Place] = {}
        self._until = _BEFORE_ALL[0]
        self.complete = True
        """Nothing of the round is left."""

    def reread(self, pairs: Sequence[TablePair]) -> Coalesced[TableForm]:
        """The next ones, as the source has them now, or that it has not. Of secret keys only the
        hash is known: if the source has not such a row, it is left to the stream."""
        if self.complete:
            self._through.clear()
            ((self._until,),) = self._target.execute(_LATEST).fetchall()
        self.complete = True
        found = Coalesced[TableForm](_no_relations)
        for pair in pairs:
            if keys := self._next(pair.target.name):
                _read(self._source, pair, keys, found)
        return found

    def _next(self, table: str) -> list[dict[str, Any]]:
        since, after = self._through.get(table, _BEFORE_ALL)
        wanted = [table, since, Jsonb(after), self._until, AT_ONCE]
        places = self._target.execute(_NEXT, wanted).fetchall()
        if places:
            self._through[table] = places[-1]
        self.complete &= len(places) < AT_ONCE
        return [key for _, key in places]


_Place = tuple[datetime, Any]
"""Since when, and the key."""
_BEFORE_ALL: _Place = (datetime(1970, 1, 1, tzinfo=UTC), None)
_NEXT: LiteralString = """
SELECT since, key FROM bridge_quarantine
WHERE table_name = %s AND (since, key) > (%s, %s) AND since <= %s ORDER BY since, key LIMIT %s
"""
# The clock may have been set back.
_LATEST: LiteralString = "SELECT greatest(now(), max(since)) FROM bridge_quarantine"


def resent(
    source: Connection,
    pairs: Sequence[TablePair],
    asked: Mapping[str, Mapping[Key, None]],
    forms: Callable[[Relation], TableForm | None],
    owned: Container[str],
) -> Coalesced[TableForm]:
    """Rows, by the source's tables and keys, as the source has them now; or that they are gone.

    Not `owned` any more, as tables of the target, are rows that were asked for before they were
    handed over. What the source has of them is to be made anew, if the target's is known there.
    """
    found = Coalesced[TableForm](forms)
    for pair in pairs:
        if keys := list(asked.get(pair.source.name, ())):
            anew = pair.target.name not in owned
            _read_again(source, pair, keys, found, anew=anew)
    return found


def _read_again(
    source: Connection,
    pair: TablePair,
    keys: Sequence[Key],
    found: Coalesced[TableForm],
    *,
    anew: bool,
) -> None:
    texts = [[_text(key[place]) for key in keys] for place in range(len(pair.source_key))]
    rows = source.execute(_query(pair, pair.source_key, hashed=False), texts)
    table_form, put = _put(pair, rows, found)
    table = found.of(table_form)
    for key in keys:
        if key not in put:
            table.delete(key)
        elif anew:
            row = table.rows[key]
            table.delete(key)
            table.put(key, row)


def _text(value: Value) -> str:
    assert isinstance(value, bytes)  # noqa: S101  # a key is never null
    return value.decode()


def _no_relations(relation: Relation) -> TableForm | None:
    raise AssertionError(relation)  # rows are put in by `_read` alone


def _read(
    source: Connection,
    pair: TablePair,
    keys: Sequence[dict[str, Any]],
    found: Coalesced[TableForm],
) -> None:
    columns = list(pair.source_key)
    wanted = [[str(key[name]) for key in keys] for name in pair.key]
    try:
        rows = source.execute(_query(pair, columns, hashed=pair.mapping.secret_key), wanted)
    except psycopg.ProgrammingError:
        return  # altered meanwhile: the stream will come to that, and say what to do
    table_form, put = _put(pair, rows, found)
    if not pair.mapping.secret_key and all(c.same for c in pair.columns if c.target in pair.key):
        table = found.of(table_form)
        for wanted_key in (tuple(str(key[name]).encode() for name in pair.key) for key in keys):
            if wanted_key not in put:
                table.delete(wanted_key)


def _put(
    pair: TablePair, rows: psycopg.Cursor[tuple[Any, ...]], found: Coalesced[TableForm]
) -> tuple[TableForm, set[Key]]:
    types = {
        name: described.type_code
        for name, described in zip(pair.source.columns, rows.description or (), strict=False)
    }
    table_form = form(pair, types)
    table = found.of(table_form)
    put: set[Key] = set()
    for row in rows:
        texts = tuple(None if text is None else text.encode() for text in row[len(types) :])
        table.put(table_form.key(texts), table_form.pick(texts))
        put.add(table_form.key(texts))
    return table_form, put


def _query(pair: TablePair, key: Sequence[str], *, hashed: bool) -> Composed:
    """Every column twice: as it is, for its type, and as text. Keys may be known by their hash."""
    names = [Identifier(name) for name in pair.source.columns]
    same = SQL(" AND ").join(
        (
            SQL("'sha256:' || encode(sha256(convert_to(l.{}::text, 'UTF8')), 'hex') = k.{}")
            if hashed
            else SQL("l.{} = k.{}::{}")
        ).format(Identifier(name), Identifier(name), SQL(pair.source.columns[name].base))
        for name in key
    )
    return SQL("SELECT {}, {} FROM {} AS l, unnest({}) AS k ({}) WHERE {}").format(
        SQL(", ").join(SQL("NULL::{}").format(SQL(c.base)) for c in pair.source.columns.values()),
        SQL(", ").join(SQL("l.{}::text").format(name) for name in names),
        pair.source_name,
        SQL(", ").join([SQL("%s::text[]")] * len(key)),
        SQL(", ").join(Identifier(name) for name in key),
        same,
    )
