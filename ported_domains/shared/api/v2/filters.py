"""From query parameters to conditions (api.md C.5).

Each filter reads the last value of its parameter; without one, or with an empty one, it does not
filter. What it cannot read is an error in Django's words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy import ColumnElement, SQLColumnExpression

from ported_domains.shared.api.lookups import contains_any_case
from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v2.moments import parse_moment

LARGEST_KEY = 2**31 - 1
NO_NULLS = "Null characters are not allowed."
NO_SUCH_CHOICE = "Select a valid choice. That choice is not one of the available choices."
NO_MOMENT = "Enter a valid date/time."
_BOOLEANS = MappingProxyType({"true": True, "1": True, "false": False, "0": False})


class FilterError(ValueError):
    """The text says what is wrong with the value."""


class Filter(Protocol):
    """`parameter` is its name in the query; `refers_to` the key column that must hold the value."""

    @property
    def parameter(self) -> str: ...

    @property
    def refers_to(self) -> SQLColumnExpression[int] | None: ...

    def read(self, text: str) -> Any:
        """The value, or None where it does not filter. Raises `FilterError`."""

    def condition(self, value: Any) -> ColumnElement[bool]: ...


@dataclass(frozen=True, slots=True)
class Exact:
    """Of a column; subclasses read other values than text."""

    column: SQLColumnExpression[Any]
    parameter: str
    refers_to: SQLColumnExpression[int] | None = field(default=None, kw_only=True)

    def read(self, text: str) -> Any:
        if "\0" in text:
            raise FilterError(NO_NULLS)
        return text.strip() or None

    def condition(self, value: Any) -> ColumnElement[bool]:
        fits: ColumnElement[bool] = self.column == value
        return fits


@dataclass(frozen=True, slots=True)
class Contains(Exact):
    def condition(self, value: Any) -> ColumnElement[bool]:
        return self.column.contains(value, autoescape=True)


@dataclass(frozen=True, slots=True)
class ContainsAnyCase(Exact):
    def condition(self, value: Any) -> ColumnElement[bool]:
        return contains_any_case(self.column, value)


@dataclass(frozen=True, slots=True)
class Boolean(Exact):
    """What is neither true nor false does not filter."""

    def read(self, text: str) -> bool | None:
        return _BOOLEANS.get(text.lower())


@dataclass(frozen=True, slots=True)
class Choice(Exact):
    """One of these numbers."""

    choices: Sequence[int] = ()

    def read(self, text: str) -> int | None:
        if not text:
            return None
        if text not in map(str, self.choices):
            raise FilterError(f"Select a valid choice. {text} is not one of the available choices.")
        return int(text)


@dataclass(frozen=True, slots=True)
class Reference(Exact):
    """The key of a row that exists; whether it does is for the caller to ask."""

    def read(self, text: str) -> int | None:
        if not text:
            return None
        try:
            key = int(text)
        except ValueError:
            raise FilterError(NO_SUCH_CHOICE) from None
        if abs(key) > LARGEST_KEY:
            raise FilterError(NO_SUCH_CHOICE)
        return key


@dataclass(frozen=True, slots=True)
class Moment(Exact):
    """A date alone is its midnight; without a zone it is UTC, the site's."""

    def read(self, text: str) -> datetime | None:
        if not text:
            return None
        moment = parse_moment(text.strip())
        if moment is None:
            raise FilterError(NO_MOMENT)
        try:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except OverflowError:  # within a day of the first or the last year
            raise FilterError(NO_MOMENT) from None


@dataclass(frozen=True, slots=True)
class Wanted:
    """`errors` by parameter, in the order of the filters; `references` are yet to be looked up:
    parameter, key column, key. `unknown` are texts on parameters that are no filters."""

    conditions: tuple[ColumnElement[bool], ...]
    errors: dict[str, str]
    references: tuple[tuple[str, SQLColumnExpression[int], int], ...]
    unknown: tuple[str, ...]


def read_filters(filters: Sequence[Filter], strict: bool, parameters: Parameters) -> Wanted:
    conditions: list[ColumnElement[bool]] = []
    errors: dict[str, str] = {}
    references: list[tuple[str, SQLColumnExpression[int], int]] = []
    for one in filters:
        try:
            value = one.read(parameters.get(one.parameter) or "")
        except FilterError as error:
            errors[one.parameter] = str(error)
            continue
        if value is not None:
            conditions.append(one.condition(value))
            if one.refers_to is not None:
                references.append((one.parameter, one.refers_to, value))
    known = {one.parameter for one in filters}
    unknown = [_unknown(name) for name in parameters if name not in known] if strict else []
    return Wanted(tuple(conditions), errors, tuple(references), tuple(unknown))


def _unknown(parameter: str) -> str:
    field_name, _, lookup = (
        parameter.rpartition("__") if "__" in parameter else (parameter, "", "exact")
    )
    return f"{lookup!r} is not an allowed filter on the {field_name!r} field."
