"""The native side with its hands tied: it answers as it would, and nothing that it does lasts.

databases   the server refuses whatever writes
sessions    are read, and kept nowhere
mails       go nowhere
cache       there is none, and no limit for callers
files       smaller images are drawn, and kept nowhere
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.recognition import Recognition
from legacy_bridge.django.cache.memory import MemoryCache
from legacy_bridge.django.rate_limits import RateLimits
from legacy_bridge.django.sessions.cached_database import CachedDatabaseStore
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.sessions.store import Lifetime, Loaded, SessionStore, Values, new_key
from ported_domains.shared.mail.mail import Mail
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.services import Accounts
from proxy.abilities import manifest_of
from proxy.accounts import accounts_of
from proxy.contracts import contracts_of
from proxy.databases import open_engine, open_redis
from proxy.native import native_application, release_cycle, site_look, unlimited
from proxy.server.asgi import Application
from proxy.settings import Settings

CONNECTIONS = 4


@asynccontextmanager
async def harmless(
    settings: Settings, writes: Callable[[AsyncEngine], AsyncEngine] | None = None
) -> AsyncIterator[Application]:
    """For a block. `writes` makes, of the engine that reads, the one that handlers write with.
    Raises `SettingsError`."""
    async with AsyncExitStack() as stack:
        database = await _engine(stack, settings.require("database_url", "its rows are shown"))
        legacy_url = settings.plain("legacy_database_url")
        legacy = None if legacy_url is None else await _engine(stack, legacy_url)
        redis = None
        if (cache_url := settings.plain("legacy_cache_url")) is not None:
            redis = open_redis(cache_url)
            stack.push_async_callback(redis.aclose)
        manifest = manifest_of(settings)
        contracts = contracts_of(settings, manifest, legacy, redis)
        if contracts is not None:
            stack.callback(contracts.passwords.close)
        if (cycle := release_cycle(settings)) is not None:
            stack.push_async_callback(cycle.close)
        accounts = accounts_of(settings, manifest, contracts, redis)
        yield native_application(
            database,
            legacy,
            throttles=unlimited(),
            contracts=None if contracts is None else tied(contracts),
            accounts=None if accounts is None else quiet(accounts),
            look=site_look(settings, manifest, keeps_files=False),
            cycle=cycle,
            writes=None if writes is None else writes(database),
        )


async def _engine(stack: AsyncExitStack, url: str) -> AsyncEngine:
    engine = open_engine(url, pool_size=CONNECTIONS, name="strangler shadow", read_only=True)
    stack.push_async_callback(engine.dispose)
    return engine


def tied(contracts: Contracts) -> Contracts:
    """The same, but that no session is stored. A session that is wholly in its cookie is stored
    nowhere anyway."""
    if isinstance(contracts.sessions, SignedCookieStore):
        return contracts
    store = contracts.sessions
    sessions = ReadSessions(store.database if isinstance(store, CachedDatabaseStore) else store)
    return replace(
        contracts,
        sessions=sessions,
        recognition=Recognition(
            contracts.legacy,
            sessions,
            contracts.users,
            contracts.secrets,
            contracts.methods.backends,
        ),
    )


def quiet(accounts: Accounts) -> Accounts:
    """The same, but that no mail goes out, and nobody's tries are counted."""
    limits = RateLimits(MemoryCache(), {})
    return replace(accounts, mailer=NoMailer(), limits=limits)


class ReadSessions:
    """Sessions of a store, as they are there."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def load(self, key: str) -> Loaded:
        return await self._store.load(key)

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        return new_key()

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> str | None:
        return None

    async def delete(self, key: str) -> None:
        """It stays."""


class NoMailer:
    async def send(self, mail: Mail) -> None:
        """It goes nowhere."""
