"""One page while it is rendered.

Templates ask while they are rendered, as in Django: for boxes, menus, flags, the visitor. So a page
is rendered in a greenlet of SQLAlchemy's, where what is awaited looks like a plain call (`waited`),
and a session of the native database is there from the first question on.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from legacy_bridge.templates.faults import RenderingError
from ported_domains.shared.database import Reader
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.shared.waiting import waited


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pages are made from: sessions of the native database, and the app's state."""

    read: Reader
    state: Mapping[str, Any]


class Rendering:
    """Who asks for which page, and where its tags ask. `visitor` is None where nobody is known."""

    def __init__(
        self,
        visit: Visit,
        visitor: VisitorState | None,
        sources: Sources,
        own: AsyncSession | None = None,
    ) -> None:
        """Tags read in the handler's `own` session where it has one."""
        self.visit = visit
        self.visitor = visitor
        self.state = sources.state
        self.remembered: dict[Any, Any] = {}
        """What tags keep from one question to the next, by its type."""
        self._read = sources.read
        self._session = own
        self._opened = AsyncExitStack()

    @property
    def session(self) -> Session:
        """For questions to the native database. `DatabaseDownError`."""
        if self._session is None:
            self._session = waited(self._opened.enter_async_context(self._read()))
        return self._session.sync_session

    def reading(self, tables: Iterable[str]) -> Session:
        """`session`, for rows of these tables: whoever keeps the page has to know of them."""
        self.visit.read_tables.update(tables)
        return self.session

    async def run(self, render: Callable[[], str]) -> str:
        """What `render` makes, which may ask."""
        token = RENDERING.set(self)
        try:
            async with self._opened:
                return await greenlet_spawn(render)
        finally:
            RENDERING.reset(token)


RENDERING: ContextVar[Rendering] = ContextVar("rendering")


def rendering() -> Rendering:
    """The one that is going on. Raises `RenderingError` where none is."""
    try:
        return RENDERING.get()
    except LookupError:
        raise RenderingError("nothing is being rendered; ask within Rendering.run") from None
