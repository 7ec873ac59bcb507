"""The endpoints of one resource of API v1.

In the order of api.md B.2: method → caller → throttle → question → what the caller may see →
format. What is wrong on the way is raised, and becomes an answer in `answered`.
"""

import asyncio
import logging
from html import escape
from http import HTTPStatus
from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.callers import (
    UncheckableCredentialsError,
    Unknown,
    caller_of_api_key,
)
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v1 import changing, formats
from ported_domains.shared.api.v1.faults import BadRequestError, StopError, UnansweredError
from ported_domains.shared.api.v1.filters import conditions
from ported_domains.shared.api.v1.formats import Format
from ported_domains.shared.api.v1.paging import check_order, read_page
from ported_domains.shared.api.v1.question import (
    LARGEST_KEY,
    VARIES,
    Ask,
    Question,
    error,
    find_row,
    read_key,
)
from ported_domains.shared.api.v1.resource import Entity, Resource
from ported_domains.shared.api.v1.schema import schema
from ported_domains.shared.database import says_database_down
from ported_domains.shared.purging import CdnError

CANNED = "Sorry, this request could not be processed. Please try again later."

log = logging.getLogger(__name__)


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
        _check_method(method, allowed)
        caller = await _caller(inquiry, sources, method)
        question = Question(resource, inquiry, caller, sources, method)
        await _check_throttle(question)
        return await ask(question)
    except StopError as stop:
        return stop.answer
    except BadRequestError as fault:
        text = escape(str(fault), quote=False)
        return error(inquiry, HTTPStatus.BAD_REQUEST, {"error": text})
    except UnansweredError as fault:
        return error(inquiry, fault.status, {"error_message": CANNED})
    except CdnError as fault:
        log.warning("%s %s: written, but the CDN was not told: %s", method, inquiry.path, fault)
        return error(inquiry, HTTPStatus.INTERNAL_SERVER_ERROR, {"error_message": CANNED})
    except DBAPIError as refusal:
        if says_database_down(refusal):
            raise
        log.warning("%s %s: refused by the database: %s", method, inquiry.path, refusal.orig)
        return error(inquiry, HTTPStatus.INTERNAL_SERVER_ERROR, {"error_message": CANNED})


def _check_method(method: str, allowed: tuple[str, ...]) -> None:
    if method.lower() in allowed:
        return
    verbs = ",".join(allowed).upper()
    is_asked = method.lower() == "options"
    status = HTTPStatus.OK if is_asked else HTTPStatus.METHOD_NOT_ALLOWED
    raise StopError(ApiAnswer(status, verbs.encode(), headers={"Allow": verbs}))


async def _caller(inquiry: Inquiry, sources: Sources, method: str) -> Account | Unknown:
    if method == "POST" and await changing.names_caller(inquiry):
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
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
    match question.method.lower():
        case "post":
            answer = await changing.create(question)
        case "delete":
            answer = await changing.delete_list(question)
        case _:
            async with question.sources.reading() as db:
                answer = await _show_list(question, db)
    await question.count()
    return answer


async def _show_list(question: Question, db: AsyncSession) -> ApiAnswer:
    resource, parameters = question.resource, question.inquiry.parameters
    wanted = [*conditions(resource, parameters), *question.visible()]
    check_order(resource, parameters)
    page = read_page(parameters)
    rows = resource.rows(*wanted).order_by(*resource.order)
    found = (await db.execute(rows.limit(page.limit).offset(page.database_offset))).all()
    total = found[0].total if found else await _count(resource, db, wanted, page.offset)
    return await _ok(
        question,
        {
            "meta": page.meta(resource.uri, parameters, total),
            "objects": [resource.entity(row) for row in found],
        },
    )


async def _count(
    resource: Resource, db: AsyncSession, wanted: list[SQLColumnExpression[bool]], offset: int
) -> int:
    """How many rows there are when the page shows none of them: it may lie beyond the end."""
    if not offset:
        return 0
    first = (await db.execute(resource.rows(*wanted).limit(1))).first()
    return first.total if first else 0


async def _detail(question: Question, key: str) -> ApiAnswer:
    if question.method.lower() == "delete":
        answer = await changing.delete(question, key)
    else:
        async with question.sources.reading() as db:
            answer = await _show(question, db, key)
    await question.count()
    return answer


async def _show(question: Question, db: AsyncSession, key: str) -> ApiAnswer:
    resource = question.resource
    row = await find_row(question, db, resource, read_key(key, HTTPStatus.NOT_FOUND))
    if row is None:
        return ApiAnswer(HTTPStatus.NOT_FOUND, headers=VARIES)
    return await _ok(question, resource.entity(row))


async def _set(question: Question, keys: list[str]) -> ApiAnswer:
    resource = question.resource
    wanted = [*conditions(resource, question.inquiry.parameters), *question.visible()]
    numbers = [read_key(key, HTTPStatus.INTERNAL_SERVER_ERROR) for key in keys]
    among = resource.key.in_([number for number in numbers if abs(number) <= LARGEST_KEY])
    async with question.sources.reading() as db:
        rows = (await db.execute(resource.rows(*wanted, among))).all()
    found = {str(row[0]): resource.entity(row) for row in rows}
    data: dict[str, Any] = {"objects": [found[key] for key in keys if key in found]}
    if missing := [key for key in keys if key not in found]:
        data["not_found"] = missing
    return await _ok(question, data)


async def _schema(question: Question) -> ApiAnswer:
    await question.count()
    if question.resource.starts_as_draft and not question.is_staff:
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
    return await _ok(question, schema(question.resource))


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
