"""The endpoints of one resource of API v2.

After what every request passes (`admission`): method → filters → rows. What is wrong on the way is
raised as `FaultError`, which is the answer. Whoever asks may read, only what they see differs;
staff may write.
"""

from typing import Any

from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v2 import changing, faults
from ported_domains.shared.api.v2.admission import READ_ONLY, Caller, answered, staff_or_reading
from ported_domains.shared.api.v2.faults import FaultError
from ported_domains.shared.api.v2.metadata import metadata, writable_fields
from ported_domains.shared.api.v2.question import Ask, Question, Told, find_all, find_one
from ported_domains.shared.api.v2.resource import Resource

LIST = "GET, POST, HEAD, OPTIONS"
DETAIL = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
WRITE_ACTION = "DELETE, OPTIONS"


async def answer_list(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None
) -> ApiAnswer:
    allowed = READ_ONLY if resource.is_read_only else LIST
    return await _answered(resource, inquiry, sources, suffix, allowed, _list)


async def answer_detail(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None, key: str
) -> ApiAnswer:
    async def ask(question: Question) -> Told:
        return await _detail(question, key)

    allowed = READ_ONLY if resource.is_read_only else DETAIL
    return await _answered(resource, inquiry, sources, suffix, allowed, ask)


async def answer_write_action(
    resource: Resource, inquiry: Inquiry, sources: Sources, suffix: str | None, action: str
) -> ApiAnswer:
    async def ask(question: Question) -> Told:
        if inquiry.method == "OPTIONS":
            return Told(metadata(action.replace("_", " ").capitalize(), ""))
        if inquiry.method != "DELETE":
            raise faults.method_not_allowed(inquiry.method)
        return await changing.delete_by(question, resource.write_actions[action])

    return await _answered(resource, inquiry, sources, suffix, WRITE_ACTION, ask)


async def _answered(
    resource: Resource,
    inquiry: Inquiry,
    sources: Sources,
    suffix: str | None,
    allowed: str,
    ask: Ask,
) -> ApiAnswer:
    async def asked(caller: Caller) -> Told:
        return await ask(Question(resource, inquiry, caller, sources, suffix))

    return await answered(inquiry, sources, suffix, allowed, staff_or_reading, asked)


async def _list(question: Question) -> Told:
    resource = question.resource
    match question.inquiry.method:
        case "GET" | "HEAD":
            async with question.sources.reading() as db:
                return Told(await find_all(question, db))
        case "POST" if not resource.is_read_only:
            return await changing.create(question)
        case "OPTIONS":
            told = metadata(f"{resource.label} List", resource.description)
            if question.may_write:
                told["actions"] = {"POST": writable_fields(resource)}
            return Told(told)
        case method:
            raise faults.method_not_allowed(method)


async def _detail(question: Question, key: str) -> Told:
    match question.inquiry.method:
        case "GET" | "HEAD":
            async with question.sources.reading() as db:
                return Told(await find_one(question, db, key))
        case "PUT" | "PATCH" as method if not question.resource.is_read_only:
            return await changing.change(question, key, partial=method == "PATCH")
        case "DELETE" if not question.resource.is_read_only:
            return await changing.delete(question, key)
        case "OPTIONS":
            return Told(await _described(question, key))
        case method:
            raise faults.method_not_allowed(method)


async def _described(question: Question, key: str) -> dict[str, Any]:
    resource = question.resource
    told = metadata(f"{resource.label} Instance", resource.description)
    if question.may_write and await _is_there(question, key):
        told["actions"] = {"PUT": writable_fields(resource)}
    return told


async def _is_there(question: Question, key: str) -> bool:
    try:
        async with question.sources.reading() as db:
            await find_one(question, db, key)
    except FaultError:
        return False
    return True
