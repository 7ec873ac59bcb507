"""The native side as one application: made alike for a worker, for `strangler parity`, and for the
shadow process."""

from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.registry import DOMAINS
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Accesses, MemoryAccesses, Rate, Throttles
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.site import native_app
from ported_domains.shared.visitors.contracts import CONTRACTS_KEY, Contracts
from ported_domains.users.accounts.services import ACCOUNTS_KEY, Accounts
from proxy.server.asgi import Application

_UNLIMITED = Rate(None, 1)


def native_application(
    database: AsyncEngine,
    legacy_database: AsyncEngine | None,
    *,
    throttles: Throttles,
    contracts: Contracts | None,
    accounts: Accounts | None,
    cache: AnswerCache | None = None,
    writes: AsyncEngine | None = None,
) -> Application:
    """All ported domains over these databases, which stay the caller's to dispose of. `writes`:
    where rows of the native database are written, if it is another engine."""
    state: dict[str, Any] = {
        THROTTLES_KEY: throttles,
        CONTRACTS_KEY: contracts,
        ACCOUNTS_KEY: accounts,
    }
    if writes is not None:
        state["engine"] = writes
    app = native_app(DOMAINS.values(), database, legacy_database, state, cache)
    return cast(Application, app)  # Litestar's types for scope and messages are its own


def unlimited(accesses: Accesses | None = None) -> Throttles:
    """Nobody is turned away for asking too often."""
    return Throttles(
        accesses=accesses or MemoryAccesses(), v1=_UNLIMITED, anonymous=_UNLIMITED, user=_UNLIMITED
    )
