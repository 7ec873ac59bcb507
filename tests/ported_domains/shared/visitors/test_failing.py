"""What a visitor is told when the legacy database or cache is not there: 503, soon, and no more."""

import asyncio
import datetime
import logging
import pickle
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.sessions.cache import PREFIX, CacheStore
from legacy_bridge.django.settings import CacheSettings
from ported_domains.shared.visitors.contracts import Contracts
from proxy import databases
from proxy.databases import open_engine
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.probes import PROBES
from tests.ported_domains.shared.visitors.ailing import SOME_KEY, ailing
from tests.ported_domains.shared.visitors.twins import Side, Twins, written
from tests.ported_domains.wire import native_site


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are late: one may go by without anybody's fault."""
    monkeypatch.setattr(databases, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(databases, "QUERY_SECONDS", 2)


async def test_a_database_that_refuses(
    contracts: Contracts, native_tables: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    async with ailing(contracts, native_tables, url) as native:
        await native.refuses(caplog, "[Errno 111] Connect call failed")


async def test_a_database_that_is_not_there(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that is starting up, has no connection left or another password."""
    url = twins.legacy.database.replace("/twins", "/no_such_database")
    async with ailing(contracts, native_tables, url) as native:
        await native.refuses(caplog, 'database "no_such_database" does not exist')


async def test_a_host_that_nobody_knows(
    contracts: Contracts, native_tables: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = "postgresql://nobody@no-such-host.invalid/none"
    async with ailing(contracts, native_tables, url) as native:
        await native.refuses(caplog, "[Errno -")


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_says_nothing(
    contracts: Contracts, native_tables: str, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://nobody@127.0.0.1:{port}/none?sslmode=disable"
        async with ailing(contracts, native_tables, url) as native:
            await native.refuses(caplog, "TimeoutError")


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_takes_too_long(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    async with ailing(contracts, native_tables, twins.legacy.database) as native:
        async with twins.legacy.connected() as other, other.transaction():
            await other.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            await native.refuses(caplog, "TimeoutError")
        after = await native.side.get("/probes/user/", f"sessionid={SOME_KEY}")
        assert after.status == 200


@pytest.mark.usefixtures("impatient")
async def test_all_connections_are_in_use(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    async with ailing(contracts, native_tables, twins.legacy.database, pool_size=1) as native:
        async with native.engine.connect():
            await native.refuses(caplog, "QueuePool limit of size 1 overflow 0 reached")
        after = await native.side.get("/probes/user/", f"sessionid={SOME_KEY}")
        assert after.status == 200


@pytest.mark.usefixtures("impatient")
async def test_a_session_that_cannot_be_saved(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    """The handler is done, but what it did to the session is not kept: that is no success."""
    key = await twins.legacy.plant({"a": 1})
    async with ailing(contracts, native_tables, twins.legacy.database) as native:
        async with twins.legacy.connected() as other, other.transaction():
            await other.execute(
                "SELECT session_key FROM django_session WHERE session_key = %s FOR UPDATE", [key]
            )
            reply = await native.side.post(
                "/probes/session/", f"sessionid={key}", key="a", value="2"
            )
            native.says_so(caplog, reply, "POST /probes/session/: no database: TimeoutError")
        after = await native.side.get("/probes/session/", f"sessionid={key}")
        assert after.json() == {"a": 1}


async def test_who_leaves_in_the_middle_of_an_answer_is_no_fault(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    async with ailing(contracts, native_tables, twins.legacy.database) as native:
        port = int(native.site.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(written("GET", "/own/long/"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()
        assert (await native.side.get("/probes/exempt/")).status == 200
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_who_needs_no_database_is_answered(contracts: Contracts, native_tables: str) -> None:
    """Nobody is asked about a visitor without a session, nor about one whom no page mentions."""
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    async with ailing(contracts, native_tables, url) as native:
        for probe in ("user/", "session/", "messages/", "form/", "for/members/"):
            assert (await native.side.get(f"/probes/{probe}")).status in (200, 302)
        with_session = await native.side.get("/probes/exempt/", f"sessionid={SOME_KEY}")
        assert with_session.status == 200
        assert (await native.side.post("/probes/form/", a="1")).json()["a"] == ["1"]


@pytest_asyncio.fixture
async def redis(stack: EmbeddedStack) -> AsyncIterator[Redis]:
    async with Redis.from_url(stack.redis_url) as one:
        yield one


async def test_sessions_in_a_redis_that_is_down(
    contracts: Contracts, native_tables: str, twins: Twins, caplog: pytest.LogCaptureFixture
) -> None:
    async with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as gone:
        store = CacheStore(RedisCache(gone, CacheSettings()))
        async with ailing(
            contracts, native_tables, twins.legacy.database, sessions=store
        ) as native:
            await native.refuses(caplog, "Redis, where the legacy site's cache is: Error 111")


async def test_a_session_that_only_the_legacy_site_can_read(
    contracts: Contracts,
    native_tables: str,
    twins: Twins,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The edge asks it for what changes nothing; for the rest, and where it is down, there is 503.

    The entry stays as it is.
    """
    cache = CacheSettings()
    name, foreign = cache.name(PREFIX + SOME_KEY), pickle.dumps({"a": datetime.date(2026, 1, 1)})
    await redis.set(name, foreign)
    store = CacheStore(RedisCache(redis, cache))
    cookie = f"sessionid={SOME_KEY}"
    async with ailing(contracts, native_tables, twins.legacy.database, sessions=store) as native:
        reply = await native.side.get("/probes/session/", cookie)
        line = "GET /probes/session/ is the legacy site's to answer: "
        native.says_so(caplog, reply, line)
        assert native.site.missed == ["/probes/session/"]
        caplog.clear()
        reply = await native.side.post("/probes/session/", cookie, key="a", value="1")
        native.says_so(caplog, reply, line.replace("GET", "POST"))
        assert (await native.side.get("/probes/exempt/", cookie)).status == 200
    assert await redis.get(name) == foreign


async def test_without_contracts_nobody_is_known(native_tables: str) -> None:
    """GET is the legacy site's to answer; no token can be right."""
    async with native_site(native_tables, domains=(PROBES,)) as site:
        side = Side("native", site.url, native_tables)
        assert (await side.get("/probes/user/")).status == 503
        assert (await side.get("/probes/for/members/")).status == 503
        assert site.missed == ["/probes/user/", "/probes/for/members/"]
        assert (await side.post("/probes/form/")).status == 403


async def test_the_log_has_no_keys_of_sessions(twins: Twins) -> None:
    """What the driver complains of is logged, with the statement but without its parameters."""
    engine = open_engine(twins.legacy.database, pool_size=1, name="ailing")
    with pytest.raises(DBAPIError) as caught:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT :key FROM no_table"), {"key": SOME_KEY})
    await engine.dispose()
    assert "no_table" in str(caught.value)
    assert SOME_KEY not in str(caught.value)
