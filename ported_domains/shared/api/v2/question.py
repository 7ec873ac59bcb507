"""A request to API v2 that may be answered, and the rows that it may mean."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import SQLColumnExpression, exists, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.inquiry import Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.filters import LARGEST_KEY, NO_SUCH_CHOICE, Wanted, read_filters
from ported_domains.shared.api.v2.resource import Links, Resource


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, and what of. `suffix` is the format that stood in the path."""

    resource: Resource
    inquiry: Inquiry
    caller: Account | None
    sources: Sources
    suffix: str | None

    @property
    def is_staff(self) -> bool:
        return self.caller is not None and self.caller.is_staff

    @property
    def may_write(self) -> bool:
        return self.is_staff and not self.resource.is_read_only

    @property
    def links(self) -> Links:
        return links_of(self.inquiry, self.suffix)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that is no fault. Without data it has no body."""

    data: Any
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Ask = Callable[[Question], Awaitable[Told]]


def links_of(inquiry: Inquiry, suffix: str | None) -> Links:
    """Those of an answer, in the form in which it was asked for."""
    ending = f".{suffix}" if suffix else "/"
    if "format" in inquiry.parameters:
        ending += "?" + urlencode({"format": inquiry.parameters.get("format")})
    return Links(inquiry.origin, ending)


async def find_one(question: Question, db: AsyncSession, key: str) -> dict[str, Any]:
    """The object with this key, if it fits the filters. Raises `FaultError`."""
    return (await _found(question, db, _is_key(question.resource, key), key))[0]


async def find_all(question: Question, db: AsyncSession) -> list[dict[str, Any]]:
    return await _found(question, db)


async def show(question: Question, db: AsyncSession, key: int) -> dict[str, Any]:
    """The object of a row that is there."""
    rows = await db.execute(question.resource.rows(question.resource.key == key))
    return question.resource.writer(question.links)(rows.one())


def read_key(key: str) -> int | None:
    try:
        return int(key)
    except ValueError:
        return None


def fits(number: int | None) -> bool:
    return number is not None and abs(number) <= LARGEST_KEY


def _is_key(resource: Resource, key: str) -> SQLColumnExpression[bool]:
    number = read_key(key)
    return resource.key == number if fits(number) else false()


async def _found(
    question: Question,
    db: AsyncSession,
    condition: SQLColumnExpression[bool] | None = None,
    key: str | None = None,
) -> list[dict[str, Any]]:
    """Objects that meet the condition, fit the filters, and may be seen by the caller; at least
    one where a key is given."""
    resource = question.resource
    wanted = read_filters(resource.filters, resource.strict, question.inquiry.parameters)
    if wanted.errors or wanted.unknown:
        await _check_references(resource, db, wanted)
        raise faults.invalid({"error": wanted.unknown})
    conditions = [*wanted.conditions, *_visible(question)]
    if condition is not None:
        conditions.append(condition)
    write = resource.writer(question.links)
    found = [write(row) for row in await db.execute(resource.rows(*conditions))]
    if not found:  # where there are rows, what they refer to is there
        await _check_references(resource, db, wanted)
        if key is not None:
            raise faults.not_found(None if read_key(key) is None else resource.model)
    return found


def _visible(question: Question) -> list[SQLColumnExpression[bool]]:
    published = question.resource.published
    return [] if published is None or question.is_staff else [published]


async def _check_references(resource: Resource, db: AsyncSession, wanted: Wanted) -> None:
    """Raises with all errors of the filters, those of missing rows among them."""
    errors = dict(wanted.errors)
    if wanted.references:
        there = [exists().where(column == key) for _, column, key in wanted.references]
        found = (await db.execute(select(*there))).one()
        for (parameter, _, _), is_there in zip(wanted.references, found, strict=True):
            if not is_there:
                errors[parameter] = NO_SUCH_CHOICE
    if errors:
        names = [one.parameter for one in resource.filters]
        raise faults.invalid({name: [errors[name]] for name in names if name in errors})
