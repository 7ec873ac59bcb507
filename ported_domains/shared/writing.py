"""Writes of native rows: one transaction each, and only while the native side owns the domain.

A worker may not have heard yet that a domain went back to the legacy side. What it wrote then would
be a stray; so the row that names the owner is read first, in the transaction of the write itself.
It stays locked until the end: an owner changes before a write or after it, never meanwhile.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from litestar import Request
from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ported_domains.shared.database import transaction
from ported_domains.shared.purging import CDN_KEY, tell
from ported_domains.shared.row_templates import RENDER_KEY

RETRY_SECONDS: Final = 1
"""After which whoever is told to come again finds the owner."""

_owners = table("bridge_owners", column("domain"), column("owner"), column("epoch"))
NATIVE: Final = "native"

Writer = Callable[[str], AbstractAsyncContextManager[AsyncSession]]
"""Opens a session that writes rows of the domain of this name."""


class NotOwnerError(Exception):
    """The legacy side owns the domain's rows. Nothing was written; 503 with Retry-After."""

    def __init__(self, domain: str, epoch: int) -> None:
        super().__init__(f"the legacy side owns {domain} (epoch {epoch})")


@asynccontextmanager
async def writing(request: Request[Any, Any, Any], domain: str) -> AsyncIterator[AsyncSession]:
    """A transaction that is committed at the end, or rolled back where something is raised. Then
    the CDN is told what is outdated.

    Domains with `shares_rows` do not need it: their rows are nobody's to hand over. Raises
    `NotOwnerError` and `DatabaseDownError` before anything is done, and `CdnError` at the end.
    """
    async with writing_to(request.app.state.engine, domain) as session:
        session.info[RENDER_KEY] = request.app.state[RENDER_KEY]
        yield session
    await tell(request.app.state.get(CDN_KEY), session)


@asynccontextmanager
async def writing_to(engine: AsyncEngine, domain: str) -> AsyncIterator[AsyncSession]:
    """The same for what no request asked for."""
    async with transaction(engine) as session:
        await _check_owner(session, domain)
        yield session


async def _check_owner(session: AsyncSession, domain: str) -> None:
    """A domain without a row is the legacy side's."""
    asked = select(_owners.c.owner, _owners.c.epoch).where(_owners.c.domain == domain)
    found = (await session.execute(asked.with_for_update(read=True))).first()
    if found is None or found.owner != NATIVE:
        raise NotOwnerError(domain, found.epoch if found else 0)
