"""What a domain states of a resource: its fields in order, its filters, who sees which rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, SQLColumnExpression, select
from sqlalchemy.orm import InstrumentedAttribute

from ported_domains.shared.api.store import Store
from ported_domains.shared.api.v2.filters import Filter

ROOT = "/api/v2/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`column` is None only for `resource_uri`. `link` names the resource a key points to, and
    `refers_to` is the key column there. A `unique` field is one whose value no two rows
    share.

    The rest is what OPTIONS tells those who may write: `limits` such as `max_length`, `choices` as
    value → name.
    """

    name: str
    column: SQLColumnExpression[Any] | None = None
    link: str | None = None
    refers_to: SQLColumnExpression[int] | None = None
    kind: str
    label: str
    required: bool = False
    nullable: bool = False
    unique: bool = False
    read_only: bool = False
    help_text: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[int, str] = field(default_factory=dict)

    @property
    def column_name(self) -> str:
        """What the column is called where rows are written."""
        return str(self.stored.key)  # type: ignore[attr-defined]

    @property
    def stored(self) -> SQLColumnExpression[Any]:
        """The column of a field that has one, as all have that can be written."""
        if self.column is None:
            raise LookupError(self.name)
        return self.column


@dataclass(frozen=True, slots=True)
class Together:
    """A row is refused if one for which `taken_by` holds has the same values in these fields;
    `index` is the table's rule of the same."""

    fields: tuple[str, ...]
    taken_by: SQLColumnExpression[bool]
    index: str

    @property
    def refusal(self) -> str:
        return f"The fields {', '.join(self.fields)} must make a unique set."


RESOURCE_URI = Field(name="resource_uri", kind="field", label="Resource uri", read_only=True)


@dataclass(frozen=True, slots=True)
class Links:
    """How links are written in an answer: absolute, with the suffix and `format` asked for."""

    origin: str
    ending: str = "/"

    def to_list(self, resource: str) -> str:
        return f"{self.origin}{ROOT}{resource}{self.ending}"

    def to(self, resource: str) -> Callable[[object], str]:
        start, ending = f"{self.origin}{ROOT}{resource}/", self.ending
        return lambda key: f"{start}{key}{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """`model` is the name in "No … matches the given query.", `label` the one in OPTIONS.

    With `strict`, a parameter that is no filter is an error. `joined` are the relations that
    `order` reaches. Where `published` is a column, only staff see rows for which it is false.
    `write_actions` are paths below the list that delete rows by the key of a parent.

    Rows can be written where there is a `store`, else nobody is let to; `called` is what a row is
    called when it is refused.
    """

    name: str
    model: str
    label: str
    key: SQLColumnExpression[int]
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...]
    order: tuple[SQLColumnExpression[Any], ...]
    joined: tuple[InstrumentedAttribute[Any], ...] = ()
    published: SQLColumnExpression[bool] | None = None
    strict: bool = False
    description: str = ""
    write_actions: Mapping[str, "Field"] = field(default_factory=dict)
    store: Store | None = None
    called: str = ""
    together: tuple[Together, ...] = ()

    @property
    def is_read_only(self) -> bool:
        return self.store is None

    @property
    def written(self) -> Store:
        """The store of a resource that has one, as all have that staff may write."""
        if self.store is None:
            raise LookupError(self.name)
        return self.store

    def rows(self, *conditions: SQLColumnExpression[bool]) -> Select[Any]:
        """Rows of key and fields."""
        columns = [one.column for one in self.fields if one.column is not None]
        query = select(self.key, *columns)
        for relation in self.joined:
            query = query.join(relation)
        return query.where(*conditions).order_by(*self.order)

    def writer(self, links: Links) -> Callable[[Row[Any]], dict[str, Any]]:
        """What makes the object of a row of `rows`. Moments stay as they are."""
        places: list[tuple[str, int, Callable[[object], str] | None]] = []
        position = 0
        for one in self.fields:
            if one.column is None:
                places.append((one.name, 0, links.to(self.name)))
                continue
            position += 1
            places.append((one.name, position, links.to(one.link) if one.link else None))

        def write(row: Row[Any]) -> dict[str, Any]:
            return {
                name: row[at] if link is None or row[at] is None else link(row[at])
                for name, at, link in places
            }

        return write
