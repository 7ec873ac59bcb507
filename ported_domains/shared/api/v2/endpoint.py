"""The endpoints of one resource of API v2.

In the order of Django REST framework: format → caller → throttle → method → filters → rows. What
is wrong on the way is raised as `FaultError`, which is the answer. Whoever asks may read; only
what they see differs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import SQLColumnExpression, exists, false, select

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.callers import (
    TokenFault,
    UncheckableCredentialsError,
    caller_of_token,
)
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry, refuse_write
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.throttle import address_behind
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.faults import FaultError
from ported_domains.shared.api.v2.filters import LARGEST_KEY, NO_SUCH_CHOICE, Wanted, read_filters
from ported_domains.shared.api.v2.metadata import metadata, writable_fields
from ported_domains.shared.api.v2.negotiation import JSON, negotiate, render
from ported_domains.shared.api.v2.resource import Links, Resource

READ = ("GET", "HEAD")
LIST = "GET, POST, HEAD, OPTIONS"
DETAIL = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
WRITE_ACTION = "DELETE, OPTIONS"


@dataclass(frozen=True, slots=True)
class Question:
    """A request that may be answered. `suffix` is the format that stood in the path."""

    resource: Resource
    inquiry: Inquiry
    caller: Account | None
    sources: Sources
    suffix: str | None

    @property
    def is_staff(self) -> bool:
        return self.caller is not None and self.caller.is_staff

    @property
    def links(self) -> Links:
        ending = f".{self.suffix}" if self.suffix else "/"
        parameters = self.inquiry.parameters
        if "format" in parameters:
            ending += "?" + urlencode({"format": parameters.get("format")})
        return Links(self.inquiry.origin, ending)


Ask = Callable[[Question], Awaitable[Any]]


async def answer_list(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None
) -> ApiAnswer:
    return await _answered(resource, inquiry, sources, suffix, LIST, _list)


async def answer_detail(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None, key: str
) -> ApiAnswer:
    async def ask(question: Question) -> Any:
        return await _detail(question, key)

    return await _answered(resource, inquiry, sources, suffix, DETAIL, ask)


async def answer_write_action(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None, action: str
) -> ApiAnswer:
    async def ask(question: Question) -> Any:
        if inquiry.method == "OPTIONS":
            return metadata(action.replace("_", " ").capitalize(), "")
        raise faults.method_not_allowed(inquiry.method)

    return await _answered(resource, inquiry, sources, suffix, WRITE_ACTION, ask)


async def _answered(
    resource: Resource,
    inquiry: Inquiry,
    sources: Sources,
    suffix: str | None,
    allowed: str,
    ask: Ask,
) -> ApiAnswer:
    indent, headers = None, {"Allow": allowed, "Vary": "Accept"}
    if inquiry.method not in (*READ, "OPTIONS"):
        return refuse_write(inquiry.method, inquiry.path, "GET, HEAD, OPTIONS")
    try:
        indent = negotiate(suffix, inquiry.parameters.get("format"), inquiry.accept)
        caller = await _caller(inquiry, sources)
        await _check_throttle(inquiry, sources, caller)
        data = await ask(Question(resource, inquiry, caller, sources, suffix))
    except FaultError as fault:
        return ApiAnswer(fault.status, render(fault.data, indent), JSON, headers | fault.headers)
    return ApiAnswer(HTTPStatus.OK, render(data, indent), JSON, headers)


async def _caller(inquiry: Inquiry, sources: Sources) -> Account | None:
    try:
        caller = await caller_of_token(sources.legacy, inquiry.authorization)
    except UncheckableCredentialsError:
        raise faults.uncheckable() from None
    if isinstance(caller, TokenFault):
        raise faults.unauthenticated(caller.value)
    return caller


async def _check_throttle(inquiry: Inquiry, sources: Sources, caller: Account | None) -> None:
    address = address_behind(inquiry.forwarded_for, inquiry.peer)
    wait = await sources.throttles.check_v2(caller.id if caller else None, address)
    if wait is not None:
        raise faults.throttled(wait)


async def _list(question: Question) -> Any:
    resource = question.resource
    if question.inquiry.method == "OPTIONS":
        told = metadata(f"{resource.label} List", resource.description)
        return told | (
            {"actions": {"POST": writable_fields(resource)}} if question.is_staff else {}
        )
    return await _found(question)


async def _detail(question: Question, key: str) -> Any:
    resource = question.resource
    if question.inquiry.method != "OPTIONS":
        return await _one(question, key)
    told = metadata(f"{resource.label} Instance", resource.description)
    if question.is_staff and await _is_there(question, key):
        told["actions"] = {"PUT": writable_fields(resource)}
    return told


async def _is_there(question: Question, key: str) -> bool:
    try:
        await _one(question, key)
    except FaultError:
        return False
    return True


async def _one(question: Question, key: str) -> Any:
    number = _number(key)
    found = await _found(question, question.resource.key == number if _fits(number) else false())
    if not found:
        raise faults.not_found(None if number is None else question.resource.model)
    return found[0]


async def _found(
    question: Question, *conditions: SQLColumnExpression[bool]
) -> list[dict[str, Any]]:
    """Objects that meet `conditions`, fit the filters, and may be seen by the caller."""
    resource = question.resource
    wanted = read_filters(resource.filters, resource.strict, question.inquiry.parameters)
    if wanted.errors or wanted.unknown:
        await _check_references(question, wanted)
        raise faults.invalid({"error": wanted.unknown})
    rows = await question.sources.db.execute(
        resource.rows(*conditions, *wanted.conditions, *_visible(question))
    )
    write = resource.writer(question.links)
    found = [write(row) for row in rows]
    if not found:  # where there are rows, what they refer to is there
        await _check_references(question, wanted)
    return found


def _visible(question: Question) -> list[SQLColumnExpression[bool]]:
    published = question.resource.published
    return [] if published is None or question.is_staff else [published]


def _number(key: str) -> int | None:
    try:
        return int(key)
    except ValueError:
        return None


def _fits(number: int | None) -> bool:
    return number is not None and abs(number) <= LARGEST_KEY


async def _check_references(question: Question, wanted: Wanted) -> None:
    """Raises with all errors of the filters, those of missing rows among them."""
    errors = dict(wanted.errors)
    if wanted.references:
        there = [exists().where(column == key) for _, column, key in wanted.references]
        found = (await question.sources.db.execute(select(*there))).one()
        for (parameter, _, _), is_there in zip(wanted.references, found, strict=True):
            if not is_there:
                errors[parameter] = NO_SUCH_CHOICE
    if errors:
        names = [one.parameter for one in question.resource.filters]
        raise faults.invalid({name: [errors[name]] for name in names if name in errors})
