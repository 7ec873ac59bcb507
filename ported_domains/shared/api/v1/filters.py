"""From query parameters to conditions (api.md B.8).

parameter  `release__version__exact=2`
→ split    field `release`, on into `version`, lookup `exact`
→ allowed  by the field's `filtering`, and by that of the related resource
→ value    text to what the column holds
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, false, literal

from ported_domains.shared.api.lookups import contains_any_case
from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v1.faults import BadRequestError
from ported_domains.shared.api.v1.resource import WITH_RELATIONS, Column, Field, Kind, Resource

# fmt: off
_COMMON = frozenset({
    "exact", "iexact", "gt", "gte", "lt", "lte", "in", "contains", "icontains", "startswith",
    "istartswith", "endswith", "iendswith", "range", "isnull", "regex", "iregex",
})
_DATE_PARTS = frozenset({
    "year", "month", "day", "week_day", "iso_week_day", "week", "iso_year", "quarter", "hour",
    "minute", "second", "date", "time",
})
# fmt: on
LOOKUPS: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        "string": _COMMON,
        "integer": _COMMON,
        "boolean": _COMMON,
        "datetime": _COMMON | _DATE_PARTS,
        "related": frozenset({"exact", "in", "gt", "gte", "lt", "lte", "isnull"}),
    }
)
"""What counts as a lookup at the end of a parameter; any other word is read as a relation."""

_WORDS: Mapping[str, bool | None] = MappingProxyType(
    {"true": True, "True": True, "false": False, "False": False}
    | dict.fromkeys(("nil", "none", "None"))
)
_TRUE = frozenset({True, "True", "true", "t", "1"})
_FALSE = frozenset({False, "False", "false", "f", "0"})

Value = str | bool | None


class _MismatchedError(Exception):
    """The value does not fit the column."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter that filters: the field it ends at, and the lookup there."""

    path: tuple[Field, ...]
    lookup: str

    @property
    def key(self) -> str:
        return "__".join((*(one.name for one in self.path), self.lookup))


def conditions(resource: Resource, parameters: Parameters) -> list[ColumnElement[bool]]:
    """Conditions that the parameters state. Raises `BadRequestError`.

    All parameters are checked before any value is read, as the legacy side does.
    """
    wanted = {
        found.key: (found, name)
        for name in parameters
        if (found := read_filter(resource, name)) is not None
    }
    try:
        return [_condition(found, name, parameters) for _, (found, name) in sorted(wanted.items())]
    except _MismatchedError:
        raise BadRequestError("Invalid resource lookup data provided (mismatched type).") from None


def read_filter(resource: Resource, parameter: str) -> Filter | None:
    """What a parameter asks for; None where its first part is no field. Raises."""
    name, *rest = parameter.split("__")
    field = resource.by_name.get(name)
    if field is None:
        return None
    if field.column is None:
        raise BadRequestError(f"The '{name}' field is not a valid field name")
    lookup = rest.pop() if rest and rest[-1] in LOOKUPS[field.kind] else "exact"
    return Filter(_allowed(resource, name, lookup, rest), lookup)


def _allowed(resource: Resource, name: str, lookup: str, rest: Sequence[str]) -> tuple[Field, ...]:
    field = resource.by_name.get(name)
    filtering = None if field is None else field.filtering
    if field is None or filtering is None:
        raise BadRequestError(f"The '{name}' field does not allow filtering.")
    if not isinstance(filtering, int) and lookup not in filtering:
        raise BadRequestError(f"'{lookup}' is not an allowed filter on the '{name}' field.")
    if not rest:
        return (field,)
    if field.target is None or filtering != WITH_RELATIONS:
        raise BadRequestError(f"The '{name}' field does not support relations.")
    return (field, *_allowed(field.target, rest[0], lookup, rest[1:]))


def _condition(found: Filter, name: str, parameters: Parameters) -> ColumnElement[bool]:
    field, text = found.path[-1], parameters.get(name) or ""
    value = _WORDS.get(text, text)
    if found.lookup == "in":
        return _among(field.stored, value, parameters.get_all(name))
    if value is None and found.lookup != "exact":
        raise _MismatchedError
    if value is None:
        return false()  # Django: IS NULL, of columns that are never null
    return _CONDITIONS[field.kind](field.stored, found.lookup, value)


def _text(column: Column, lookup: str, value: str | bool) -> ColumnElement[bool]:
    text = _storable(value)
    match lookup:
        case "contains":
            return column.contains(text, autoescape=True)
        case "icontains":
            return contains_any_case(column, text)
    return column == text


def _integer(column: Column, lookup: str, value: str | bool) -> ColumnElement[bool]:
    if lookup == "startswith":
        return cast(column, Text).startswith(_storable(value), autoescape=True)
    return column == _number(value)


def _boolean(column: Column, lookup: str, value: str | bool) -> ColumnElement[bool]:
    if value not in _TRUE | _FALSE:
        raise BadRequestError(repr([f"“{value}” value must be either True or False."]))
    return column.is_(value in _TRUE)


def _key(column: Column, lookup: str, value: str | bool) -> ColumnElement[bool]:
    if lookup != "isnull":
        return _COMPARISONS[lookup](column, _number(value))
    if not isinstance(value, bool):
        raise _MismatchedError
    return column.is_(None) if value else column.is_not(None)


def _among(column: Column, value: Value, given: Sequence[str]) -> ColumnElement[bool]:
    if not isinstance(value, str):
        raise _MismatchedError
    parts = [part for text in given for part in text.split(",")] if value else []
    return column.in_([_number(part) for part in parts])


def _storable(value: str | bool) -> str:
    """PostgreSQL's text holds no NUL."""
    text = str(value)
    if "\0" in text:
        raise _MismatchedError
    return text


def _number(value: str | bool) -> ColumnElement[int]:
    """As Python reads a number. Beyond 64 bits no key lies, but comparisons still hold."""
    try:
        number = int(value)
    except ValueError:
        raise _MismatchedError from None
    return literal(max(-(2**63), min(number, 2**63 - 1)), BigInteger)


_CONDITIONS: Mapping[Kind, Callable[[Column, str, str | bool], ColumnElement[bool]]] = (
    MappingProxyType({"string": _text, "integer": _integer, "boolean": _boolean, "related": _key})
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = MappingProxyType(
    {
        "exact": operator.eq,
        "gt": operator.gt,
        "gte": operator.ge,
        "lt": operator.lt,
        "lte": operator.le,
    }
)
