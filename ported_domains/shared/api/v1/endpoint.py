"""The endpoints of one resource of API v1.

In the order of api.md B.2: method → caller → throttle → question → what the caller may see →
format. What is wrong on the way is raised, and becomes an answer in `answered`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any

from sqlalchemy import SQLColumnExpression, literal

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.callers import (
    UncheckableCredentialsError,
    Unknown,
    caller_of_api_key,
)
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry, refuse_write
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v1 import formats
from ported_domains.shared.api.v1.faults import BadRequestError, StopError, UnansweredError
from ported_domains.shared.api.v1.filters import conditions
from ported_domains.shared.api.v1.formats import Format
from ported_domains.shared.api.v1.paging import check_order, read_page
from ported_domains.shared.api.v1.resource import Entity, Resource
from ported_domains.shared.api.v1.schema import schema

CANNED = "Sorry, this request could not be processed. Please try again later."
LARGEST_KEY = 2**31 - 1
VARIES = {"Vary": "Accept"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request that may be answered: who asks, and what of. `method` may be overridden."""

    resource: Resource
    inquiry: Inquiry
    caller: Account | Unknown
    sources: Sources
    method: str

    @property
    def identity(self) -> str:
        """Who is throttled: the user, or the address (REMOTE_HOST is never known)."""
        if isinstance(self.caller, Account):
            return self.caller.username
        return f"{self.inquiry.peer}_nohost"

    @property
    def sees_drafts(self) -> bool:
        return isinstance(self.caller, Account) and self.caller.is_staff

    def visible(self) -> list[SQLColumnExpression[bool]]:
        published = self.resource.published
        return [] if published is None or self.sees_drafts else [published]

    async def count(self) -> None:
        await self.sources.throttles.count_v1(self.identity)


Ask = Callable[[Question], Awaitable[ApiAnswer]]


async def answer_list(resource: Resource, inquiry: Inquiry, sources: Sources) -> ApiAnswer:
    method = inquiry.method_override or inquiry.method
    return await _answered(resource, inquiry, sources, method, resource.list_methods, _list)


async def answer_detail(
    resource: Resource, inquiry: Inquiry, sources: Sources, key: str
) -> ApiAnswer:
    async def ask(question: Question) -> ApiAnswer:
        return await _detail(question, key)

    method = inquiry.method_override or inquiry.method
    return await _answered(resource, inquiry, sources, method, resource.detail_methods, ask)


async def answer_set(
    resource: Resource, inquiry: Inquiry, sources: Sources, keys: str
) -> ApiAnswer:
    async def ask(question: Question) -> ApiAnswer:
        return await _set(question, keys.split(";"))

    return await _answered(resource, inquiry, sources, inquiry.method, ("get",), ask)


async def answer_schema(resource: Resource, inquiry: Inquiry, sources: Sources) -> ApiAnswer:
    return await _answered(resource, inquiry, sources, inquiry.method, ("get",), _schema)


async def _answered(
    resource: Resource,
    inquiry: Inquiry,
    sources: Sources,
    method: str,
    allowed: tuple[str, ...],
    ask: Ask,
) -> ApiAnswer:
    try:
        _check_method(inquiry, method, allowed)
        question = Question(resource, inquiry, await _caller(inquiry, sources), sources, method)
        await _check_throttle(question)
        return await ask(question)
    except StopError as stop:
        return stop.answer
    except BadRequestError as fault:
        text = escape(str(fault), quote=False)
        return _error(inquiry, HTTPStatus.BAD_REQUEST, {"error": text})
    except UnansweredError as fault:
        return _error(inquiry, fault.status, {"error_message": CANNED})


def _check_method(inquiry: Inquiry, method: str, allowed: tuple[str, ...]) -> None:
    if method.lower() == "get":
        return
    verbs = ",".join(allowed).upper()
    if method.lower() == "options":
        raise StopError(ApiAnswer(HTTPStatus.OK, verbs.encode(), headers={"Allow": verbs}))
    if method.lower() in allowed:
        raise StopError(refuse_write(method, inquiry.path, "GET"))
    raise StopError(
        ApiAnswer(HTTPStatus.METHOD_NOT_ALLOWED, verbs.encode(), headers={"Allow": verbs})
    )


async def _caller(inquiry: Inquiry, sources: Sources) -> Account | Unknown:
    try:
        caller = await caller_of_api_key(sources.legacy, inquiry.authorization, inquiry.parameters)
    except UncheckableCredentialsError:
        raise StopError(ApiAnswer(HTTPStatus.SERVICE_UNAVAILABLE)) from None
    if caller is Unknown.REFUSED:
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
    return caller


async def _check_throttle(question: Question) -> None:
    wait = await question.sources.throttles.check_v1(question.identity)
    if wait is not None:
        raise StopError(ApiAnswer(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait)}))


async def _list(question: Question) -> ApiAnswer:
    resource, parameters = question.resource, question.inquiry.parameters
    wanted = [*conditions(resource, parameters), *question.visible()]
    check_order(resource, parameters)
    page = read_page(parameters)
    rows = resource.rows(*wanted).order_by(*resource.order)
    found = (
        await question.sources.db.execute(rows.limit(page.limit).offset(page.database_offset))
    ).all()
    total = found[0].total if found else await _count(question, wanted, page.offset)
    answer = await _ok(
        question,
        {
            "meta": page.meta(resource.uri, parameters, total),
            "objects": [resource.entity(row) for row in found],
        },
    )
    await question.count()
    return answer


async def _count(question: Question, wanted: list[SQLColumnExpression[bool]], offset: int) -> int:
    """How many rows there are when the page shows none of them: it may lie beyond the end."""
    if not offset:
        return 0
    first = (await question.sources.db.execute(question.resource.rows(*wanted).limit(1))).first()
    return first.total if first else 0


async def _detail(question: Question, key: str) -> ApiAnswer:
    resource = question.resource
    number = _key(key, HTTPStatus.NOT_FOUND)
    row = None
    if abs(number) <= LARGEST_KEY:
        row = (await question.sources.db.execute(_with_draft(resource, number))).first()
    if row is None:
        await question.count()
        return ApiAnswer(HTTPStatus.NOT_FOUND, headers=VARIES)
    *shown, is_published = row
    if not (is_published or question.sees_drafts):
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
    answer = await _ok(question, resource.entity(shown))
    await question.count()
    return answer


def _with_draft(resource: Resource, number: int) -> Any:
    always = literal(True)
    published = always if resource.published is None else resource.published
    return resource.rows(resource.key == number).add_columns(published)


async def _set(question: Question, keys: list[str]) -> ApiAnswer:
    resource = question.resource
    wanted = [*conditions(resource, question.inquiry.parameters), *question.visible()]
    numbers = [_key(key, HTTPStatus.INTERNAL_SERVER_ERROR) for key in keys]
    among = resource.key.in_([number for number in numbers if abs(number) <= LARGEST_KEY])
    rows = await question.sources.db.execute(resource.rows(*wanted, among))
    found = {str(row[0]): resource.entity(row) for row in rows}
    data: dict[str, Any] = {"objects": [found[key] for key in keys if key in found]}
    if missing := [key for key in keys if key not in found]:
        data["not_found"] = missing
    return await _ok(question, data)


async def _schema(question: Question) -> ApiAnswer:
    await question.count()
    if question.resource.published is not None and not question.sees_drafts:
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
    return await _ok(question, schema(question.resource))


def _key(text: str, otherwise: HTTPStatus) -> int:
    try:
        return int(text)
    except ValueError:
        raise UnansweredError(otherwise) from None


async def _ok(question: Question, data: dict[str, Any] | Entity) -> ApiAnswer:
    inquiry = question.inquiry
    wanted = formats.negotiate(inquiry.parameters, inquiry.accept)
    body = await _rendered(data, wanted)
    uncached = {"Cache-Control": "no-cache"} if question.method == "GET" else {}
    return ApiAnswer(HTTPStatus.OK, body, wanted.content_type, VARIES | uncached)


async def _rendered(data: dict[str, Any], wanted: Format) -> bytes:
    """YAML takes a millisecond an object: beside the event loop, so that others are answered."""
    if wanted is Format.YAML:
        return await asyncio.to_thread(formats.render, data, wanted)
    return formats.render(data, wanted)


def _error(inquiry: Inquiry, status: HTTPStatus, data: dict[str, str]) -> ApiAnswer:
    wanted = formats.negotiate_error(inquiry.parameters, inquiry.accept)
    return ApiAnswer(status, formats.render(data, wanted), wanted.content_type)
