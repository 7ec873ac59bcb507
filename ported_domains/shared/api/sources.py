"""What an endpoint reads from and writes to, and how handlers come by it."""

from dataclasses import dataclass
from typing import Any, Self

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ported_domains.shared.api.throttle import Throttles

THROTTLES_KEY = "throttles"


@dataclass(frozen=True, slots=True)
class Sources:
    """`db` is the native database; `legacy` the one that knows credentials, if it is set."""

    db: AsyncSession
    legacy: AsyncEngine | None
    throttles: Throttles

    @classmethod
    def of(cls, request: Request[Any, Any, Any], db: AsyncSession) -> Self:
        """Throttles are the app's; without them each worker has its own, with the usual rates."""
        state = request.app.state
        if THROTTLES_KEY not in state:
            state[THROTTLES_KEY] = Throttles()
        return cls(db, state.legacy_engine, state[THROTTLES_KEY])
