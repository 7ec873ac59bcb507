"""What API v1 changes: rows are made and deleted (api.md B.11, B.12)."""

import asyncio
from http import HTTPStatus
from typing import Any

from sqlalchemy import select

from ported_domains.shared.api.callers import LEGACY_PARAMETERS
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.v1.faults import BadRequestError, StopError, UnansweredError
from ported_domains.shared.api.v1.filters import conditions
from ported_domains.shared.api.v1.formats import Format, negotiate_error, render
from ported_domains.shared.api.v1.hydration import Draft, as_mapping, hydrate
from ported_domains.shared.api.v1.incoming import read_data, read_form
from ported_domains.shared.api.v1.question import VARIES, Question, find_row

EMPTY = ApiAnswer(HTTPStatus.NO_CONTENT, media_type=None, headers=VARIES)
_ONE_RELEASE = "Deleting release files requires exactly one 'release' filter."


async def names_caller(inquiry: Inquiry) -> bool:
    """Whether a form that is posted holds credentials, which are refused wherever they stand but
    in their header. Raises `UnansweredError` (500)."""
    if inquiry.content_type is None:
        return False
    form = read_form(await inquiry.body(), inquiry.content_type)
    return any(name in form for name in LEGACY_PARAMETERS)


async def create(question: Question) -> ApiAnswer:
    """What is wrong with the data is told to everybody, before it is asked who may write."""
    resource, inquiry = question.resource, question.inquiry
    body = await inquiry.body()
    # YAML takes a while: beside the event loop, so that others are answered
    data = as_mapping(await asyncio.to_thread(read_data, body, inquiry.content_type))
    async with question.sources.writing(resource.written.domain) as db:
        draft = await hydrate(question, db, resource, data)
        _check(question, draft)
        question.check_staff()
        await resource.written.alone(db)
        key = await draft.save(db)
    location = {"Location": f"{resource.uri}{key}/"}
    return ApiAnswer(HTTPStatus.CREATED, headers=VARIES | location)


async def delete(question: Question, key: str) -> ApiAnswer:
    """A row that is missing is missing for everybody."""
    store = question.resource.written
    number = _number(key)
    async with question.sources.writing(store.domain) as db:
        if number is None or await find_row(question, db, question.resource, number) is None:
            return ApiAnswer(HTTPStatus.NOT_FOUND, headers=VARIES)
        question.check_staff()
        await store.alone(db)
        await store.remove(db, [number])
    return EMPTY


async def delete_list(question: Question) -> ApiAnswer:
    """Of exactly one release, so that a slip cannot empty the table."""
    resource, parameters = question.resource, question.inquiry.parameters
    if [(name, len(parameters.get_all(name))) for name in parameters] != [("release", 1)]:
        raise BadRequestError(_ONE_RELEASE)
    wanted = conditions(resource, parameters)
    question.check_staff()
    store = resource.written
    async with question.sources.writing(store.domain) as db:
        await store.alone(db)
        keys = (await db.execute(select(resource.key).where(*wanted))).scalars().all()
        await store.remove(db, keys)
    return EMPTY


def _check(question: Question, draft: Draft) -> None:
    """Raises `StopError` with all that is wrong with the draft as a whole."""
    resource = draft.resource
    try:
        faults = resource.written.faults(draft.values, None)
    except (AttributeError, TypeError):  # a value of another type than text
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None
    if faults:
        raise StopError(_refusal(question.inquiry, {resource.name: faults}))


def _number(key: str) -> int | None:
    try:
        return int(key)
    except ValueError:
        return None


def _refusal(inquiry: Inquiry, told: dict[str, Any]) -> ApiAnswer:
    """In JSON where XML was asked for: the name of a resource cannot be that of an element, and the
    legacy side fails with it."""
    wanted = negotiate_error(inquiry.parameters, inquiry.accept)
    if wanted is Format.XML:
        wanted = Format.JSON
    return ApiAnswer(HTTPStatus.BAD_REQUEST, render(told, wanted), wanted.content_type)
