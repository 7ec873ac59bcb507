"""Rows in quarantine, read anew from the source: what kept them out may have passed.

What is read may be newer than what was applied so far; the stream will say so again, and by then
all is as it should be.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from legacy_bridge.replication.apply.coalesce import Coalesced
from legacy_bridge.replication.apply.forms import TableForm, form
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.messages import Relation

AT_ONCE = 1000
"""Rows of one table that are tried again at a time; others follow when these are through."""


def reread(
    target: Connection, source: Connection, pairs: Sequence[TablePair]
) -> Coalesced[TableForm]:
    """As the source has them now. Those that it has not are left to the stream."""
    found = Coalesced[TableForm](_no_relations)
    for pair in pairs:
        keys = target.execute(
            "SELECT key FROM bridge_quarantine WHERE table_name = %s ORDER BY since, key LIMIT %s",
            [pair.target.name, AT_ONCE],
        ).fetchall()
        if keys:
            _read(source, pair, [key for (key,) in keys], found)
    return found


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
        rows = source.execute(_query(pair, columns), wanted)
    except psycopg.ProgrammingError:
        return  # altered meanwhile: the stream will come to that, and say what to do
    types = {
        name: described.type_code
        for name, described in zip(pair.source.columns, rows.description or (), strict=False)
    }
    table_form = form(pair, types)
    table = found.of(table_form)
    for row in rows:
        texts = tuple(None if text is None else text.encode() for text in row[len(types) :])
        table.put(table_form.key(texts), table_form.pick(texts))


def _query(pair: TablePair, key: Sequence[str]) -> Composed:
    """Every column twice: as it is, for its type, and as text."""
    names = [Identifier(name) for name in pair.source.columns]
    same = SQL(" AND ").join(
        (
            SQL("'sha256:' || encode(sha256(convert_to(l.{}::text, 'UTF8')), 'hex') = k.{}")
            if pair.mapping.secret_key
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
