"""What API v2 changes: rows are made, changed and deleted (api.md C.6, C.7)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.api.store import Values
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.incoming import read_sent
from ported_domains.shared.api.v2.links import locator
from ported_domains.shared.api.v2.question import Question, Told, find_one, fits, show
from ported_domains.shared.api.v2.resource import Field, Resource
from ported_domains.shared.api.v2.validation import NON_FIELD, Validation

GONE = Told(None, HTTPStatus.NO_CONTENT)
CLASH = "This contradicts another row."
UNREADABLE_KEY = Told(None, HTTPStatus.BAD_REQUEST)


async def create(question: Question) -> Told:
    sent = await read_sent(question.inquiry)
    resource, store = question.resource, question.resource.written
    async with _writing(question) as db:
        validation = Validation(resource, db, locator(question.sources.is_known))
        key = await store.create(db, await validation.values(sent))
        made = await show(question, db, key)
    headers = {"Location": made["resource_uri"]}
    return Told(made, HTTPStatus.CREATED, headers)


async def change(question: Question, key: str, *, partial: bool) -> Told:
    """The row is looked for before the body is looked at."""
    await question.inquiry.body()  # all of it, before a transaction keeps others waiting
    async with _writing(question) as db:
        await find_one(question, db, key)
        return await _change(question, db, int(key), partial=partial)


async def _change(question: Question, db: AsyncSession, key: int, *, partial: bool) -> Told:
    sent = await read_sent(question.inquiry)
    resource = question.resource
    validation = Validation(
        resource,
        db,
        locator(question.sources.is_known),
        stored=await _stored(question, db, key),
        key=key,
        partial=partial,
    )
    await resource.written.change(db, key, await validation.values(sent))
    return Told(await show(question, db, key))


async def _stored(question: Question, db: AsyncSession, key: int) -> Values:
    resource = question.resource
    columns = [one.stored for one in resource.fields if not one.read_only]
    asked = select(*columns).where(resource.key == key)
    return dict((await db.execute(asked)).mappings().one())


async def delete(question: Question, key: str) -> Told:
    async with _writing(question) as db:
        await find_one(question, db, key)
        await question.resource.written.remove(db, [int(key)])
    return GONE


async def delete_by(question: Question, parent: Field) -> Told:
    """All rows of one parent, whose key is in the query."""
    resource, store = question.resource, question.resource.written
    try:
        key = int(question.inquiry.parameters.get(parent.name) or "")
    except ValueError:
        return UNREADABLE_KEY
    async with _writing(question) as db:
        if fits(key):
            asked = select(resource.key).where(parent.stored == key)
            await store.remove(db, (await db.execute(asked)).scalars().all())
    return GONE


@asynccontextmanager
async def _writing(question: Question) -> AsyncIterator[AsyncSession]:
    """A transaction, beside which no other writes the same kind of rows. Raises `FaultError` for
    what only the tables refuse; the legacy side fails there."""
    store = question.resource.written
    try:
        async with question.sources.writing(store.domain) as db:
            await store.alone(db)
            yield db
    except IntegrityError as error:
        raise faults.invalid({NON_FIELD: [_refusal(question.resource, str(error.orig))]}) from None


def _refusal(resource: Resource, error: str) -> str:
    known = (together.refusal for together in resource.together if together.index in error)
    return next(known, CLASH)
