"""What the home page reads."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.codesamples import models
from ported_domains.shared.markup_text import MarkupText

SHOWN = 5
_samples = models.CodeSample.__table__.c
_FIRST_PUBLISHED = (
    select(
        _samples.id,
        _samples.code,
        _samples.code_markup_type,
        _samples.code_rendered,
        _samples.copy,
        _samples.copy_markup_type,
        _samples.copy_rendered,
    )
    .where(_samples.is_published)
    .order_by(_samples.id)
    .limit(SHOWN)
)


@dataclass(frozen=True, slots=True)
class CodeSample:
    """A slide: `code` in a session of the interpreter, `copy` says what it shows."""

    id: int
    code: MarkupText
    copy: MarkupText


async def first_published(db: AsyncSession) -> list[CodeSample]:
    """The `code_samples` of the home page, oldest first: which of more than five the legacy site
    shows is left to chance."""
    return [
        CodeSample(key, MarkupText(*texts[:3]), MarkupText(*texts[3:]))
        for key, *texts in await db.execute(_FIRST_PUBLISHED)
    ]
