"""What an endpoint reads from and writes to, and how handlers come by it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.shared.api.throttle import Throttles
from ported_domains.shared.database import Reader, reader
from ported_domains.shared.writing import Writer, writing

THROTTLES_KEY = "throttles"


@dataclass(frozen=True, slots=True)
class Sources:
    """`reading` and `writing` open sessions of the native database, not before there is something
    to look for; `legacy` knows credentials, if it is set. `is_known` says whether the native side
    answers at a path."""

    reading: Reader
    writing: Writer
    legacy: AsyncEngine | None
    throttles: Throttles
    is_known: Callable[[str], bool]

    @classmethod
    def of(cls, request: Request[Any, Any, Any]) -> Self:
        """Throttles are the app's; without them each worker has its own, with the usual rates."""
        state = request.app.state
        if THROTTLES_KEY not in state:
            state[THROTTLES_KEY] = Throttles()
        return cls(
            reader(state.engine),
            partial(writing, request),
            state.legacy_engine,
            state[THROTTLES_KEY],
            lambda path: state.urls.resolve(path) is not None,
        )
