"""How a table looks in the stream, held against its mapping before any of its rows is applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Format

from legacy_bridge.replication.apply.coalesce import Key, TableChanges
from legacy_bridge.replication.catalogue import ColumnFacts, TableFacts
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import Carried, Direction, TablePair
from legacy_bridge.replication.pgoutput.messages import Relation, Row, Value
from legacy_bridge.replication.quarantine import named_key


class DriftError(BridgeError):
    """The source's table is not any more what the mapping says. No row of the new shape is read."""


class UnfitError(Exception):
    """A transform does not take a value; the text says which and why, without the value."""


class UnknownFormError(LookupError):
    """A table that has not come before, or looks different now."""


@dataclass(frozen=True, slots=True, eq=False)
class TableForm:
    """One table of the stream. `pick` and `key` follow the mapping's `columns` and `key`."""

    pair: TablePair
    pick: Callable[[Row], Row]
    key: Callable[[Row], Key]
    types: Mapping[str, int]
    """Type numbers of the source's columns."""

    @property
    def table(self) -> str:
        return self.pair.target.name


class Forms:
    """All tables that are mapped. The source is asked about types, over an ordinary connection."""

    def __init__(self, source: Connection, pairs: Sequence[TablePair]) -> None:
        self._source = source
        self._pairs = {(pair.source.schema, pair.source.name): pair for pair in pairs}
        self._known: dict[int, tuple[Relation, TableForm | None]] = {}

    def __call__(self, relation: Relation) -> TableForm | None:
        """None for a table that is not mapped. Raises `DriftError`."""
        known = self._known.get(id(relation))
        if known is None:
            known = self._known[id(relation)] = (relation, self._form(relation))
        return known[1]

    def known(self, relation: Relation) -> TableForm | None:
        """The same without asking anybody. Raises `UnknownFormError`."""
        if (known := self._known.get(id(relation))) is None:
            raise UnknownFormError(relation.name)
        return known[1]

    def fitting(self, relation: Relation) -> TableForm | None:
        """None as well for a table that was altered: its next change will tell."""
        try:
            return self(relation)
        except DriftError:
            return None

    def _form(self, relation: Relation) -> TableForm | None:
        pair = self._pairs.get((relation.schema, relation.name))
        if pair is None:
            return None
        _require_fit(self._source, pair, relation)
        return form(pair, {c.name: c.type_oid for c in relation.columns})


def form(pair: TablePair, types: Mapping[str, int]) -> TableForm:
    """Of a table whose rows come with these columns, in this order."""
    places = {name: place for place, name in enumerate(types)}
    by_target = {column.target: column.source for column in pair.columns}
    return TableForm(
        pair=pair,
        pick=_picker([places[column.source] for column in pair.columns]),
        key=_picker([places[by_target[name]] for name in pair.key]),
        types=types,
    )


def _picker(places: Sequence[int]) -> Callable[[Row], Row]:
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)

    return itemgetter(*places)


def _require_fit(source: Connection, pair: TablePair, relation: Relation) -> None:
    facts = _facts(source, pair, relation)
    faults = [
        str(misfit)
        for misfit in misfits(pair.mapping, *_sides(pair, replace(pair.source, columns=facts)))
        if misfit.refused
    ]
    for column in pair.columns:
        was, now = pair.source.columns.get(column.source), facts.get(column.source)
        if not column.same and was and now and was.base != now.base:
            faults.append(
                f"{pair.source.name}.{column.source}: was {was.base} and is {now.base} now — "
                f"look whether the transform {column.transform.name} still fits"
            )
    if faults:
        raise DriftError(
            f"the {pair.direction.origin} table {pair.source.name} was altered while its changes "
            "were followed; everything before that is applied, nothing after it. Adapt the mapping "
            f"and the {pair.direction.destination} table, then start `strangler sync run` "
            "again; if no mapping fits the rows that were written meanwhile, copy anew with "
            "`strangler sync init --again`:",
            *faults,
        )


def _sides(pair: TablePair, source: TableFacts) -> tuple[TableFacts, TableFacts]:
    """Legacy, native."""
    forward = pair.direction is Direction.FORWARD
    return (source, pair.native) if forward else (pair.legacy, source)


def _facts(source: Connection, pair: TablePair, relation: Relation) -> dict[str, ColumnFacts]:
    named = source.execute(
        """
        SELECT format_type(oid, modifier), format_type(oid, -1)
        FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS t (oid, modifier, place)
        ORDER BY place
        """,
        [[c.type_oid for c in relation.columns], [c.modifier for c in relation.columns]],
    ).fetchall()
    before = pair.source.columns
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
    """Values of the stream on their way, as the texts that the target's columns take."""

    def __init__(self, target: Connection) -> None:
        self._adapt = Transformer(target)

    def table(
        self, form: TableForm, table: TableChanges, unfit: list[tuple[Key, str]]
    ) -> TableChanges:
        """Keys and rows as the target takes them; rows that have no such form: `unfit`."""
        columns = form.pair.columns
        if all(column.same for column in columns):
            return table
        lifted = TableChanges(emptied=table.emptied)
        lifted.gone = {self.key(form, key): None for key in table.gone}
        lifted.moved = {
            self.key(form, new): self.key(form, old) for new, old in table.moved.items()
        }
        lifted.born = {self.key(form, key) for key in table.born}
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
        columns = {column.target: column for column in form.pair.columns}
        named = zip(form.pair.key, key, strict=True)
        return tuple(self._value(form, columns[name], value) for name, value in named)

    def _value(self, form: TableForm, column: Carried, value: Value) -> Value:
        if column.same or not (value is None or isinstance(value, bytes)):
            return value
        try:
            loader = self._adapt.get_loader(form.types[column.source], Format.TEXT)
            lifted = column.convert(None if value is None else loader.load(value))
            if lifted is None:
                return None
            return bytes(self._adapt.get_dumper(lifted, PyFormat.TEXT).dump(lifted) or b"")
        except (ValueError, TypeError, KeyError, ArithmeticError, psycopg.Error) as error:
            raise UnfitError(
                f"{column.target}: the transform {column.transform.name} does not take the value "
                f"({type(error).__name__})"
            ) from error


def key_names(pair: TablePair, key: Key) -> dict[str, Any]:
    """The key as the quarantine has it, from what the target's columns take."""
    values: list[object] = []
    for name, value in zip(pair.key, key, strict=True):
        assert isinstance(value, bytes)  # noqa: S101  # a key is never null
        number = pair.target.columns[name].base in _NUMBERS
        values.append(int(value) if number else value.decode())
    return named_key(pair, values)


_NUMBERS = ("smallint", "integer", "bigint")
