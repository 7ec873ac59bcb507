"""The native side as a whole: what it asks the database, and what it says when things fail."""

import json
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
import pytest_asyncio
from litestar import Response
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ported_domains.domain import Domain
from ported_domains.downloads.cycle_sharing import GOOD_FOR_SECONDS
from ported_domains.downloads.cycle_source import ReleaseCycle
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.database import reader
from ported_domains.shared.render import redirect
from ported_domains.shared.urls import mount, path
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from tests.inside import until
from tests.ported_domains.downloads.cycle_servers import Time, cycle_server
from tests.ported_domains.wire import NativeSite, ask, native_site

ROUND_TRIPS = {
    "/downloads/": 5,
    "/downloads/operating-systems/": 2,
    "/downloads/windows/": 4,
    "/downloads/no-such-system/": 3,
    "/downloads/release/python-3140/": 4,
    "/downloads/release/python-2718/": 3,
    "/downloads/release/no-such-release/": 3,
    "/downloads/latest/": 1,
    "/downloads/latest/python3.14/": 1,
    "/downloads/feed.rss": 2,
    "/downloads": 2,
    "/downloads/a/b/": 2,
}
CYCLE = {
    "3.14": {"status": "bugfix", "first_release": "2025-10-07", "end_of_life": "2030", "pep": 745},
    "3.9": {"status": "end-of-life", "first_release": "2020", "end_of_life": "2025", "pep": 596},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def native(native_database_url: str) -> AsyncIterator[NativeSite]:
    async with native_site(native_database_url) as site:
        yield site


@pytest.mark.parametrize("address", ROUND_TRIPS)
async def test_asks_the_database_so_often(native: NativeSite, address: str) -> None:
    """Once the boxes of its template are known."""
    await ask(native.url, "GET", address)
    native.statements.clear()
    await ask(native.url, "GET", address)
    assert len(native.statements) == ROUND_TRIPS[address], native.statements


async def test_shows_active_series_when_there_is_a_source(native_database_url: str) -> None:
    async with cycle_server(body=json.dumps(CYCLE).encode()) as server:
        cycle = ReleaseCycle(server.url)
        async with native_site(native_database_url, release_cycle=cycle) as site:
            landing = await ask(site.url, "GET", "/downloads/")
            ended = await ask(site.url, "GET", "/downloads/release/python-3925/")
        await cycle.close()
    assert _series(landing.body) == [b"3.14", b"3.9"]
    assert b'<a href="/downloads/release/python-3925/">3.9.25</a>' in landing.body
    assert b"has reached its end of life (2025)" in ended.body


async def test_a_kept_page_is_made_anew_once_the_series_are_fetched_anew(
    native_database_url: str,
) -> None:
    time, time_of_pages, seen = Time(), Time(), Counter[str]()
    cache = AnswerCache(4 << 20, lambda what, times: seen.update({what: times}), time_of_pages)

    async def series(site: NativeSite, later: float) -> list[bytes]:
        time.now += later
        time_of_pages.now += later
        cache.pulse()
        return _series((await ask(site.url, "GET", "/downloads/")).body)

    async with cycle_server(body=json.dumps(CYCLE).encode()) as server:
        cycle = ReleaseCycle(server.url, clock=time)
        async with native_site(native_database_url, cache=cache, release_cycle=cycle) as site:
            await cycle.heard()
            await cycle.settled()
            time.now += GOOD_FOR_SECONDS - 1.5
            assert await series(site, 0) == [b"3.14", b"3.9"]
            assert await series(site, 1) == [b"3.14", b"3.9"]
            assert seen["hit"] == 1
            server.body = json.dumps({"3.14": CYCLE["3.14"]}).encode()
            assert await series(site, 1) == [b"3.14", b"3.9"]
            await cycle.settled()
            assert await series(site, 1) == [b"3.14"]
            assert seen["hit"] == 1
        await cycle.close()


def _series(page: bytes) -> list[bytes]:
    return re.findall(rb'<th scope="row">([\d.]+)</th>', page)


async def test_an_empty_database_is_no_fault(stack: EmbeddedStack, native_template: str) -> None:
    empty = stack.create_database("native_empty", template=native_template)
    async with native_site(empty) as site:
        answers = {
            address: await ask(site.url, "GET", address)
            for address in ("/downloads/", "/downloads/latest/pymanager/", "/downloads/feed.rss")
        }
    assert [answer.status for answer in answers.values()] == [200, 302, 200]
    assert b"There are none yet." in answers["/downloads/"].body
    assert b"http://www.example.org/downloads/" in answers["/downloads/feed.rss"].body


async def test_says_that_the_database_is_down(caplog: pytest.LogCaptureFixture) -> None:
    async with native_site(f"postgresql://nobody@127.0.0.1:{free_port()}/none") as site:
        reply = await ask(site.url, "GET", "/downloads/")
    assert reply.status == 503
    assert b"not available at the moment" in reply.body
    assert reply.headers["surrogate-key"] == "pydotorg-app downloads"
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.startswith("GET /downloads/: no database: ")


async def test_connections_cut_by_the_database_cost_no_request(
    native: NativeSite, native_database_url: str
) -> None:
    assert (await ask(native.url, "GET", "/downloads/")).status == 200
    with psycopg.connect(native_database_url) as database:
        cut = database.execute(
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'test' AND datname = current_database()"
        ).fetchall()
    assert cut
    await until(lambda: not any(psutil.pid_exists(pid) for pid, _ in cut))
    assert (await ask(native.url, "GET", "/downloads/")).status == 200


async def broken() -> Response[bytes]:
    raise RuntimeError("the reason is for the log alone")


async def moved() -> Response[bytes]:
    return redirect("/é/?a=1&b=ü")


ODD = Domain(
    name="odd",
    mapping=(),
    handlers=mount("odd/", (path("broken/", broken), path("moved/", moved))),
)


async def test_a_fault_is_logged_and_not_shown(
    native_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with native_site(native_database_url, domains=[ODD]) as site:
        reply = await ask(site.url, "GET", "/odd/broken/")
    assert reply.status == 500
    assert b"That was our fault" in reply.body
    assert b"for the log alone" not in reply.body
    assert reply.headers["surrogate-key"] == "pydotorg-app odd"
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "GET /odd/broken/ failed"
    assert record.exc_info is not None
    assert record.exc_info[0] is RuntimeError


async def test_a_location_is_ascii(native_database_url: str) -> None:
    async with native_site(native_database_url, domains=[ODD]) as site:
        reply = await ask(site.url, "GET", "/odd/moved/")
    assert (reply.status, reply.headers["location"]) == (302, "/%C3%A9/?a=1&b=%C3%BC")


async def test_a_page_reads_one_moment_and_writes_nothing(native_database_url: str) -> None:
    engine = create_async_engine(make_url(native_database_url).set(drivername="postgresql+asyncpg"))
    async with reader(engine)() as db:
        isolation = (await db.execute(text("SHOW transaction_isolation"))).scalar_one()
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await db.execute(text("DELETE FROM boxes"))
    assert isolation == "repeatable read"
    await engine.dispose()
