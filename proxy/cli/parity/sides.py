"""How each side is reached: the legacy site over HTTP; the native side in this process, or through
a running proxy that is told to answer natively."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, cast

import httpx

from ported_domains.shared.visit import TRUSTED_PEER_KEY
from proxy.abilities import manifest_of
from proxy.accounts import accounts_of
from proxy.cli.parity.questions import Ask
from proxy.contracts import contracts_of
from proxy.databases import open_engine, open_redis
from proxy.edge import NOT_FOUND
from proxy.native import native_application as native_application_over
from proxy.native import release_cycle, site_look, unlimited
from proxy.parity.answer import Answer
from proxy.server.asgi import Application, Message, Receive, Scope, Send
from proxy.settings import Settings

LARGEST = 64 << 20
"""Octets of a body that are read; what sends more is no page."""
LEFT = b"strangler-left"
"""Set on an answer that the edge would not give: it would ask the legacy side instead."""
_CONNECTIONS = 8
FORCE = {"Strangler-Force": "native"}


class SideError(Exception):
    """No answer could be had; the message says from whom and why."""


class UnreachableError(SideError):
    """Nobody answers at all."""


@dataclass(frozen=True, slots=True)
class Given:
    """`left`: the native side leaves this one to the legacy side; then `own` is whether `answer`
    is nevertheless its own, which visitors get while the legacy side is down."""

    answer: Answer
    left: bool = False
    own: bool = True


class Side(Protocol):
    async def ask(self, ask: Ask) -> Given: ...


class Remote:
    """`name` is for messages. `client` has base URL, Host and the fields of every request."""

    def __init__(self, name: str, client: httpx.AsyncClient) -> None:
        self._name = name
        self._client = client

    async def ask(self, ask: Ask) -> Given:
        try:
            answer = await self._answer(ask)
        except httpx.ConnectError as error:
            raise UnreachableError(f"the {self._name} cannot be reached: {error}") from None
        except httpx.TimeoutException:
            raise SideError(f"the {self._name} did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SideError(f"the {self._name}: {type(error).__name__}") from None
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            raise SideError(f"the {self._name} limits callers (429): ask less, or switch that off")
        return Given(answer, left=bool(answer.field(LEFT.decode())))

    async def _answer(self, ask: Ask) -> Answer:
        request = self._client.build_request(
            ask.method, ask.target, headers=list(ask.headers), content=ask.body or None
        )
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > LARGEST:
                    raise SideError(f"the {self._name} sent more than {LARGEST >> 20} MiB")
        finally:
            await response.aclose()
        return Answer(response.status_code, tuple(response.headers.raw), bytes(body))


class ThroughProxy:
    """A proxy that lets its side be chosen; its answers say who gave them."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    async def ask(self, ask: Ask) -> Given:
        given = await self._remote.ask(ask)
        owner = given.answer.field("strangler-owner")
        if not owner:
            raise SideError(
                "the proxy does not say who answered — set STRANGLER_OWNER_HEADERS=true for it"
            )
        native = owner == "native"
        return Given(given.answer, left=not native, own=native)


def client(
    base_url: str, headers: dict[str, str], timeout: float, app: Application | None = None
) -> httpx.AsyncClient:
    """Over HTTP, or into an application in this process. No cookies are kept between requests."""
    transport: httpx.AsyncBaseTransport
    if app is None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        transport = httpx.AsyncHTTPTransport(limits=limits)
    else:
        transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    standing = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "strangler-parity"}
    return httpx.AsyncClient(
        base_url=base_url,
        headers={**standing, **{name.lower(): value for name, value in headers.items()}},
        timeout=timeout,
        transport=transport,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        trust_env=False,
    )


@asynccontextmanager
async def native_application(settings: Settings) -> AsyncIterator[Application]:
    """All ported domains over the databases of the settings, as `strangler serve` makes them, but
    without limits for callers and without a cache. Raises `SettingsError`."""
    database_url = settings.require("database_url", "the native side answers from it")
    legacy_url = settings.plain("legacy_database_url")
    cache_url = settings.plain("legacy_cache_url")
    async with AsyncExitStack() as stack:
        engine = open_engine(database_url, pool_size=_CONNECTIONS, name="strangler parity")
        stack.push_async_callback(engine.dispose)
        legacy = redis = None
        if legacy_url is not None:
            legacy = open_engine(legacy_url, pool_size=_CONNECTIONS, name="strangler parity")
            stack.push_async_callback(legacy.dispose)
        if cache_url is not None:
            redis = open_redis(cache_url)
            stack.push_async_callback(redis.aclose)
        manifest = manifest_of(settings)
        contracts = contracts_of(settings, manifest, legacy, redis)
        if contracts is not None:
            stack.callback(contracts.passwords.close)
        if (cycle := release_cycle(settings)) is not None:
            stack.push_async_callback(cycle.close)
        yield telling(
            native_application_over(
                engine,
                legacy,
                throttles=unlimited(),
                contracts=contracts,
                accounts=accounts_of(settings, manifest, contracts, redis),
                look=site_look(settings, manifest, keeps_files=False),
                cycle=cycle,
            )
        )


def telling(app: Application) -> Application:
    """The application, whose answers tell what the edge would not give (docs/adr/0006).

    What a request says of its way is believed, as the legacy side does that is asked directly.
    """

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and scope.get(NOT_FOUND):
                message = {**message, "headers": [*message["headers"], (LEFT, b"1")]}
            await send(message)

        scope[TRUSTED_PEER_KEY] = True
        await app(scope, receive, sent)

    return asked
