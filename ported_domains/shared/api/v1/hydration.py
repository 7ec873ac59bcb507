"""From the data that is sent to API v1 to a row that can be written (api.md B.11).

Hardly anything is checked, as on the legacy side: what a column takes is stored. A `Draft` is the
row as sent; `storable` makes values of it that the columns take.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from dateutil.parser import parse  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.api.v1.faults import BadRequestError, UnansweredError
from ported_domains.shared.api.v1.question import Question, find_row, read_key
from ported_domains.shared.api.v1.resource import Field, Kind, Resource

_NO_MOMENT = (
    "“{}” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."
)
LONGEST_MOMENT = 200
"""Characters of a text that are looked at for a date; reading more takes long."""
_TRUE, _FALSE = ("t", "True", "1"), ("f", "False", "0")


@dataclass(slots=True)
class Draft:
    """A row to be written, `values` by column as sent. With a key it is there already. `below` are
    rows to be written first, by the column that points to them."""

    resource: Resource
    values: dict[str, Any] = field(default_factory=dict)
    key: int | None = None
    below: dict[str, "Draft"] = field(default_factory=dict)

    async def save(self, db: AsyncSession) -> int:
        """Raises `BadRequestError` and `UnansweredError` (500)."""
        keys = {name: await draft.save(db) for name, draft in self.below.items()}
        values = storable(self.resource, self.values) | keys
        store = self.resource.written
        if self.key is None:
            return await store.create(db, values)
        await store.change(db, self.key, values)
        return self.key


def as_mapping(data: Any) -> Mapping[str, Any]:
    """A body that is no object sets nothing, or cannot be looked into. Raises (500)."""
    if not data:
        return {}
    if isinstance(data, dict):
        return data
    raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR)


async def hydrate(
    question: Question, db: AsyncSession, resource: Resource, data: Mapping[str, Any]
) -> Draft:
    """Relations first. Raises `BadRequestError`, `UnansweredError` and `StopError`."""
    draft = Draft(resource)
    for one in sorted(resource.fields, key=lambda one: one.related is None):
        if one.readonly:
            continue
        if one.target is not None:
            await _hydrate_relation(question, db, draft, one, data)
        elif data.get(one.name) is not None:
            value = data[one.name]
            draft.values[one.column_name] = _moment(one, value) if one.kind == "datetime" else value
    return draft


async def _hydrate_relation(
    question: Question, db: AsyncSession, draft: Draft, one: Field, data: Mapping[str, Any]
) -> None:
    target = one.target
    assert target is not None  # noqa: S101  # the caller has looked
    value = data.get(one.name)
    if value is None:
        if not one.blank and one.name not in data:
            text = f"The '{one.name}' field has no data and doesn't allow a default or null value."
            raise BadRequestError(text)
        draft.values[one.column_name] = None
    elif isinstance(value, str):
        draft.values[one.column_name] = await _key_of_uri(question, db, target, value)
    elif isinstance(value, dict):
        below = await _nested(question, db, one, target, value)
        draft.below[one.column_name] = below
    else:
        raise BadRequestError(
            f"The '{one.name}' field was given data that was not a URI, not a dictionary-alike "
            f"and does not have a 'pk' attribute: {value}."
        )


async def _nested(
    question: Question, db: AsyncSession, one: Field, target: Resource, data: dict[str, Any]
) -> Draft:
    """A row that is changed, or made, beside the one that points to it."""
    if target.store is None:
        raise BadRequestError(f"The '{one.name}' field takes the URI of a row that is there.")
    key = await _key_of_data(question, db, target, data)
    draft = await hydrate(question, db, target, data)
    draft.key = key
    if key is not None:  # what is not sent stays
        fields = (field for field in target.fields if not field.readonly)
        sent = {field.column_name for field in fields if field.name in data}
        draft.values = {name: value for name, value in draft.values.items() if name in sent}
    return draft


async def _key_of_data(
    question: Question, db: AsyncSession, target: Resource, data: dict[str, Any]
) -> int | None:
    if "resource_uri" in data:
        return await _key_of_uri(question, db, target, str(data["resource_uri"]))
    if "pk" in data:
        number = read_key(str(data["pk"]), HTTPStatus.NOT_FOUND)
        row = await find_row(question, db, target, number)
        return None if row is None else number
    unique = [one for one in target.fields if one.unique and isinstance(data.get(one.name), str)]
    for one in unique:
        asked = select(target.key).where(one.stored == data[one.name])
        key: int | None = (await db.execute(asked)).scalar()
        return key
    return None


async def _key_of_uri(question: Question, db: AsyncSession, target: Resource, uri: str) -> int:
    """Only the end counts: a URI of API v2 names the same row."""
    missing = f"Could not find the provided {target.name} object via resource URI '{uri}'."
    if not uri:
        raise BadRequestError(missing)
    start, _, last = uri.rstrip("/").rpartition("/")
    if not start.endswith(f"/{target.name}") or not uri.endswith("/") or urlsplit(uri).query:
        raise UnansweredError(HTTPStatus.NOT_FOUND)
    number = read_key(last, HTTPStatus.NOT_FOUND)
    if await find_row(question, db, target, number) is None:
        raise BadRequestError(missing)
    return number


def _moment(one: Field, value: Any) -> Any:
    """What is false, or a moment already, is for the column to judge."""
    if not value or isinstance(value, date):
        return value
    start = f"Datetime provided to '{one.name}' field"
    if not isinstance(value, str):
        raise BadRequestError(f"{start} must be a string: {value}")
    try:
        return parse(value[:LONGEST_MOMENT])
    except OverflowError:
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None
    except (ValueError, TypeError):
        text = f"{start} doesn't appear to be a valid datetime string: '{value}'"
        raise BadRequestError(text) from None


def storable(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """By column, in its type. Raises `BadRequestError` and `UnansweredError` (500)."""
    stored: dict[str, Any] = {}
    for one in resource.fields:
        if one.column is None or one.column_name not in values:
            continue
        value = values[one.column_name]
        try:
            stored[one.column_name] = (one.stores or _CONVERSIONS[one.kind])(value)
        except (TypeError, ValueError, OverflowError):
            raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None
    return stored


def _boolean(value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    raise BadRequestError(repr([f"“{value}” value must be either True or False."]))


def _datetime(value: Any) -> datetime:
    if isinstance(value, str):
        raise BadRequestError(repr([_NO_MOMENT.format(value)]))
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise TypeError(value)


def _same(value: Any) -> Any:
    return value


_CONVERSIONS: Mapping[Kind, Callable[[Any], Any]] = {
    "string": str,
    "integer": int,
    "boolean": _boolean,
    "datetime": _datetime,
    "related": _same,
}
