"""A request to API v1 that may be answered, and what its answers have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import SQLColumnExpression, literal
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_bridge.django.credentials import Account
from ported_domains.shared.api.callers import Unknown
from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v1 import formats
from ported_domains.shared.api.v1.faults import StopError, UnansweredError
from ported_domains.shared.api.v1.resource import Resource

LARGEST_KEY = 2**31 - 1
VARIES = {"Vary": "Accept"}


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, and what of. `method` may be overridden."""

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
    def is_staff(self) -> bool:
        """Staff see drafts, and may write."""
        return isinstance(self.caller, Account) and self.caller.is_staff

    def visible(self) -> list[SQLColumnExpression[bool]]:
        published = self.resource.published
        return [] if published is None or self.is_staff else [published]

    def check_staff(self) -> None:
        if not self.is_staff:
            raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))

    async def count(self) -> None:
        await self.sources.throttles.count_v1(self.identity)


Ask = Callable[[Question], Awaitable[ApiAnswer]]


async def find_row(
    question: Question, db: AsyncSession, resource: Resource, number: int
) -> tuple[Any, ...] | None:
    """Of this key, as `Resource.rows` gives it; None where there is none. A draft is for staff:
    others are stopped with 401."""
    if abs(number) > LARGEST_KEY:
        return None
    published = literal(True) if resource.published is None else resource.published
    asked = resource.rows(resource.key == number).add_columns(published)
    row = (await db.execute(asked)).first()
    if row is None:
        return None
    *shown, is_published = row
    if not (is_published or question.is_staff):
        raise StopError(ApiAnswer(HTTPStatus.UNAUTHORIZED))
    return tuple(shown)


def read_key(text: str, otherwise: HTTPStatus) -> int:
    """The status is for what is no number."""
    try:
        return int(text)
    except ValueError:
        raise UnansweredError(otherwise) from None


def error(inquiry: Inquiry, status: HTTPStatus, data: dict[str, Any]) -> ApiAnswer:
    """In the format asked for; one that is none is answered in JSON."""
    wanted = formats.negotiate_error(inquiry.parameters, inquiry.accept)
    return ApiAnswer(status, formats.render(data, wanted), wanted.content_type)
