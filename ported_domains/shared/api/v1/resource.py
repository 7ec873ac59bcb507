"""What a domain states of a resource: its fields, what may be filtered, who sees which rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ported_domains.shared.api.store import Store

ROOT = "/api/v1/"
NO_DEFAULT = "No default provided."
ALL_LOOKUPS = 1
WITH_RELATIONS = 2
"""Values of Tastypie's that its schema shows as they are."""

Column = SQLColumnExpression[Any]
Kind = Literal["string", "integer", "boolean", "datetime", "related"]


class Entity(dict[str, Any]):
    """One object of a resource; XML shows it otherwise than a plain mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`column` is None only for `resource_uri`. `filtering` as in Tastypie: names of lookups,
    WITH_RELATIONS, or None where the field does not filter. `related` is the name of the resource
    a key points to, `target` that resource: URIs of its rows can be written, and filters go on into
    it if `filtering` says so. `stores` makes a value for the column of what was sent, otherwise
    than fields of its kind do; it raises `TypeError` or `ValueError`."""

    name: str
    kind: Kind = "string"
    column: Column | None = None
    filtering: Sequence[str | int] | int | None = None
    related: str | None = None
    target: "Resource | None" = None
    default: object | Callable[[], object] = NO_DEFAULT
    blank: bool = False
    nullable: bool = False
    readonly: bool = False
    unique: bool = False
    verbose_name: str = ""
    help_text: str = ""
    stores: Callable[[Any], Any] | None = None

    @property
    def column_name(self) -> str:
        """What the column is called where rows are written."""
        return str(self.stored.key)  # type: ignore[attr-defined]

    @property
    def stored(self) -> Column:
        """The column of a field that has one, as all have that filter."""
        if self.column is None:
            raise LookupError(self.name)
        return self.column


RESOURCE_URI = Field(name="resource_uri", readonly=True, verbose_name="resource uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """`fields` in alphabetical order. `joined` are the relations that `order` and filters reach.
    Where `published` is a column, only staff see the rows for which it is false. Rows can be
    written where there is a `store`."""

    name: str
    key: SQLColumnExpression[int]
    fields: tuple[Field, ...]
    order: tuple[Column, ...]
    joined: tuple[InstrumentedAttribute[Any], ...] = ()
    published: SQLColumnExpression[bool] | None = None
    store: Store | None = None
    list_methods: tuple[str, ...] = ("get", "post")
    detail_methods: tuple[str, ...] = ("get", "delete")
    by_name: dict[str, Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    @property
    def starts_as_draft(self) -> bool:
        """Whether a row made of defaults alone would be one."""
        return any(
            one.column is not None and one.column is self.published and not one.default
            for one in self.fields
        )

    @property
    def written(self) -> Store:
        """The store of a resource that has one, as all have whose methods write."""
        if self.store is None:
            raise LookupError(self.name)
        return self.store

    @property
    def uri(self) -> str:
        return f"{ROOT}{self.name}/"

    def rows(self, *conditions: SQLColumnExpression[bool]) -> Select[*tuple[Any, ...]]:
        """Rows of key, number of all rows that fit (before any limit), and fields, unordered."""
        columns = [one.column for one in self.fields if one.column is not None]
        query = select(self.key, func.count().over().label("total"), *columns)
        for relation in self.joined:
            query = query.join(relation)
        return query.where(*conditions)

    def entity(self, row: Sequence[Any]) -> Entity:
        """The object that a row of `rows` stands for."""
        key, _, *values = row
        remaining = iter(values)
        return Entity(
            {
                one.name: _shown(one, next(remaining))
                if one.column is not None
                else f"{self.uri}{key}/"
                for one in self.fields
            }
        )


def _shown(one: Field, value: Any) -> Any:
    if one.related is not None:
        return None if value is None else f"{ROOT}{one.related}/{value}/"
    return shown_datetime(value) if isinstance(value, datetime) else value


def shown_datetime(moment: datetime) -> str:
    """ISO 8601 in the site's time zone, which is UTC, without saying so (B.6)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
