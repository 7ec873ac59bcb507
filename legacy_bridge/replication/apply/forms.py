"""How a table looks in the stream, held against its mapping before any of its rows is applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Format

from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.catalogue import ColumnFacts
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import IDENTITY, Column
from legacy_bridge.replication.pgoutput.messages import Relation, Row, Value
from legacy_bridge.replication.quarantine import named_key
from legacy_bridge.replication.statements import TablePair


class DriftError(BridgeError):
    """The source's table is not any more what the mapping says. No row of the new shape is read."""


class UnfitError(Exception):
    """A transform does not take a value; the text says which and why, without the value."""


@dataclass(frozen=True, slots=True, eq=False)
class TableForm:
    """One table of the stream. `pick` and `key` follow the mapping's `columns` and `key`."""

    pair: TablePair
    pick: Callable[[Row], Row]
    key: Callable[[Row], Key]
    types: Mapping[str, int]
    """Type numbers of the legacy columns."""

    @property
    def table(self) -> str:
        return self.pair.native.name


class Forms:
    """All tables that are mapped. The source is asked about types, over an ordinary connection."""

    def __init__(self, legacy: Connection, pairs: Sequence[TablePair]) -> None:
        self._legacy = legacy
        self._pairs = {(pair.legacy.schema, pair.legacy.name): pair for pair in pairs}
        self._known: dict[int, tuple[Relation, TableForm | None]] = {}

    def __call__(self, relation: Relation) -> TableForm | None:
        """None for a table that is not mapped. Raises `DriftError`."""
        known = self._known.get(id(relation))
        if known is None:
            known = self._known[id(relation)] = (relation, self._form(relation))
        return known[1]

    def _form(self, relation: Relation) -> TableForm | None:
        pair = self._pairs.get((relation.schema, relation.name))
        if pair is None:
            return None
        _require_fit(self._legacy, pair, relation)
        return form(pair, {c.name: c.type_oid for c in relation.columns})


def form(pair: TablePair, types: Mapping[str, int]) -> TableForm:
    """Of a table whose rows come with these columns, in this order."""
    places = {name: place for place, name in enumerate(types)}
    by_native = {column.native: column.legacy for column in pair.mapping.columns}
    return TableForm(
        pair=pair,
        pick=_picker([places[column.legacy] for column in pair.mapping.columns]),
        key=_picker([places[by_native[name]] for name in pair.mapping.key]),
        types=types,
    )


def _picker(places: Sequence[int]) -> Callable[[Row], Row]:
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)

    def pick(row: Row) -> Row:
        return tuple([row[place] for place in places])

    return pick


def _require_fit(legacy: Connection, pair: TablePair, relation: Relation) -> None:
    facts = _facts(legacy, pair, relation)
    faults = [
        str(misfit)
        for misfit in misfits(pair.mapping, replace(pair.legacy, columns=facts), pair.native)
        if misfit.refused
    ]
    for column in pair.mapping.columns:
        was, now = pair.legacy.columns.get(column.legacy), facts.get(column.legacy)
        if column.transform is not IDENTITY and was and now and was.base != now.base:
            faults.append(
                f"{pair.legacy.name}.{column.legacy}: was {was.base} and is {now.base} now — "
                f"look whether the transform {column.transform.name} still fits"
            )
    if faults:
        raise DriftError(
            f"the legacy table {pair.legacy.name} was altered while its changes were followed; "
            "everything before that is applied, nothing after it. Adapt the mapping and the native "
            "table, then start `strangler sync run` again; if no mapping fits the rows that were "
            "written meanwhile, copy anew with `strangler sync init --again`:",
            *faults,
        )


def _facts(legacy: Connection, pair: TablePair, relation: Relation) -> dict[str, ColumnFacts]:
    named = legacy.execute(
        """
        SELECT format_type(oid, modifier), format_type(oid, -1)
        FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS t (oid, modifier, place)
        ORDER BY place
        """,
        [[c.type_oid for c in relation.columns], [c.modifier for c in relation.columns]],
    ).fetchall()
    before = pair.legacy.columns
    facts = {
        column.name: ColumnFacts(
            name=column.name,
            type=type_,
            base=base,
            nullable=before[column.name].nullable if column.name in before else True,
            has_default=False,
            generated=False,
        )
        for column, (type_, base) in zip(relation.columns, named, strict=True)
    }
    # These are not in the stream; whether they are left out was looked at before.
    computed = {n: c for n, c in before.items() if c.generated and n in pair.mapping.left_out}
    return computed | facts


class Lifting:
    """Values of the stream on their way up, as the texts that the native columns take."""

    def __init__(self, native: Connection) -> None:
        self._adapt = Transformer(native)

    def table(
        self, form: TableForm, table: TableChanges, unfit: list[tuple[Key, str]]
    ) -> TableChanges:
        """Keys and rows as the native columns take them; rows that have no such form: `unfit`."""
        columns = form.pair.mapping.columns
        if all(column.transform is IDENTITY for column in columns):
            return table
        lifted = TableChanges(emptied=table.emptied)
        lifted.gone = {self.key(form, key): None for key in table.gone}
        lifted.moved = {
            self.key(form, new): self.key(form, old) for new, old in table.moved.items()
        }
        for key, row in table.rows.items():
            above = self.key(form, key)
            try:
                pairs = zip(columns, row, strict=True)
                lifted.rows[above] = tuple(self._value(form, c, value) for c, value in pairs)
            except UnfitError as error:
                unfit.append((above, str(error)))
        return lifted

    def key(self, form: TableForm, key: Key) -> Key:
        """Raises `UnfitError`."""
        columns = {column.native: column for column in form.pair.mapping.columns}
        named = zip(form.pair.mapping.key, key, strict=True)
        return tuple(self._value(form, columns[name], value) for name, value in named)

    def _value(self, form: TableForm, column: Column, value: Value) -> Value:
        if column.transform is IDENTITY or not (value is None or isinstance(value, bytes)):
            return value
        try:
            loader = self._adapt.get_loader(form.types[column.legacy], Format.TEXT)
            lifted = column.transform.up(None if value is None else loader.load(value))
            if lifted is None:
                return None
            return bytes(self._adapt.get_dumper(lifted, PyFormat.TEXT).dump(lifted) or b"")
        except (ValueError, TypeError, KeyError, ArithmeticError, psycopg.Error) as error:
            raise UnfitError(
                f"{column.native}: the transform {column.transform.name} does not take the value "
                f"({type(error).__name__})"
            ) from error


def key_names(pair: TablePair, key: Key) -> dict[str, Any]:
    """The key as the quarantine has it, from what the native columns take."""
    values: list[object] = []
    for name, value in zip(pair.mapping.key, key, strict=True):
        assert isinstance(value, bytes)  # noqa: S101  # a key is never null
        number = pair.native.columns[name].base in _NUMBERS
        values.append(int(value) if number else value.decode())
    return named_key(pair, values)


_NUMBERS = ("smallint", "integer", "bigint")
