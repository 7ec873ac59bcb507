"""One table on both sides, and which way its rows travel."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from psycopg.sql import SQL, Composable, Composed, Identifier

from legacy_bridge.replication.catalogue import TableFacts
from legacy_bridge.replication.mapping import IDENTITY, Column, Kind, TableMapping, Transform


class Direction(StrEnum):
    """Which way a stream carries rows, and what it is called."""

    FORWARD = "forward"  # from the legacy database to the native one
    REVERSE = "reverse"  # back

    @property
    def origin(self) -> str:
        """The side that it comes from, for a person."""
        return "legacy" if self is Direction.FORWARD else "native"

    @property
    def destination(self) -> str:
        return self.opposite.origin

    @property
    def opposite(self) -> "Direction":
        return Direction.REVERSE if self is Direction.FORWARD else Direction.FORWARD


@dataclass(frozen=True, slots=True)
class Carried:
    """A column on its way: `transform` is that of the mapping, used in one of its directions."""

    source: str
    target: str
    transform: Transform
    direction: Direction

    @property
    def same(self) -> bool:
        """The value is not changed on the way."""
        return self.transform is IDENTITY

    @property
    def preserved(self) -> bool:
        """What the target has holds more than comes back: it stays if it leads to what came."""
        return self.direction is Direction.REVERSE and self.transform.kind is Kind.PRESERVING

    @property
    def convert(self) -> Callable[[Any], Any]:
        if self.direction is Direction.FORWARD:
            return self.transform.up
        if self.transform.down is None:
            raise ValueError(f"{self.source}: the transform {self.transform.name} has no way down")
        return self.transform.down

    def expression(self, value: Composable) -> Composed:
        """`value` of the source as the target takes it, but for its type."""
        form = self.transform.up_sql
        if self.direction is Direction.REVERSE:
            if self.transform.down_sql is None:
                raise ValueError(f"{self.source}: {self.transform.name} has no way down")
            form = self.transform.down_sql
        return SQL(form).format(value)

    def back(self, value: Composable) -> Composed:
        """What a value of the target would lead to on the source, for one that is `preserved`."""
        return SQL(self.transform.up_sql).format(value)


@dataclass(frozen=True)
class TablePair:
    """A mapping, and what the two catalogues say; `source` and `target` by the direction."""

    domain: str
    mapping: TableMapping
    legacy: TableFacts
    native: TableFacts
    direction: Direction = Direction.FORWARD

    def towards(self, direction: Direction) -> "TablePair":
        return self if direction is self.direction else replace(self, direction=direction)

    @cached_property
    def source(self) -> TableFacts:
        return self.legacy if self.direction is Direction.FORWARD else self.native

    @cached_property
    def target(self) -> TableFacts:
        return self.native if self.direction is Direction.FORWARD else self.legacy

    @property
    def source_name(self) -> Identifier:
        return Identifier(self.source.schema, self.source.name)

    @property
    def target_name(self) -> Identifier:
        return Identifier(self.target.schema, self.target.name)

    @cached_property
    def columns(self) -> tuple[Carried, ...]:
        """In the order of the mapping. A column without a way back does not travel back."""
        back = self.direction is Direction.REVERSE
        return tuple(
            self._carried(column)
            for column in self.mapping.columns
            if not (back and column.transform.kind is Kind.FORWARD_ONLY)
        )

    def _carried(self, column: Column) -> Carried:
        ends = (column.legacy, column.native)
        if self.direction is Direction.REVERSE:
            ends = (column.native, column.legacy)
        return Carried(*ends, column.transform, self.direction)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The target's columns that identify a row."""
        return self.mapping.key if self.direction is Direction.FORWARD else self.mapping.legacy_key

    @cached_property
    def source_key(self) -> tuple[str, ...]:
        """The same on the source."""
        return self.mapping.legacy_key if self.direction is Direction.FORWARD else self.mapping.key

    @cached_property
    def values(self) -> tuple[Carried, ...]:
        """The columns that are not part of the key."""
        return tuple(column for column in self.columns if column.target not in self.key)

    def temporary(self, purpose: str) -> Identifier:
        return Identifier("pg_temp", f"{purpose} {self.target.name}")

    @property
    def staging(self) -> Identifier:
        return self.temporary("staged")

    @cached_property
    def target_only(self) -> tuple[str, ...]:
        """Columns that no column of the source feeds; they keep their values."""
        fed = {column.target for column in self.columns}
        return tuple(
            name
            for name, facts in self.target.columns.items()
            if name not in fed and not facts.generated
        )
