"""Native answers are kept, and never older than what is in the database."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import pytest
import pytest_asyncio
from litestar import Response
from pydantic import SecretStr
from sqlalchemy import text

from ported_domains.boxes import BOXES
from ported_domains.domain import Domain, tables_shown
from ported_domains.downloads import DOWNLOADS
from ported_domains.pages import PAGES
from ported_domains.registry import DOMAINS
from ported_domains.shared.database import Database
from ported_domains.shared.site import kept_routes
from ported_domains.shared.urls import mount, mounted, path
from ported_domains.shared.visit import Visiting
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.shared.visitors.guards import login_required
from ported_domains.shared.visitors.state import Calling
from proxy.contracts import contracts_of
from proxy.databases import open_engine
from proxy.settings import Settings
from tests.inside import until
from tests.ported_domains.wire import NativeSite, Reply, ask, native_site
from tests.proxy.caching.announced import TABLES, rename, write
from tests.proxy.caching.conftest import LONG, Hearing
from tests.proxy.http.ends import PATIENCE

PAGE = "/downloads/operating-systems/"


@pytest_asyncio.fixture
async def site(announced: str, hearing: Hearing) -> AsyncIterator[NativeSite]:
    async with native_site(announced, cache=hearing.cache) as running:
        yield running


async def shows(site: NativeSite, name: str, page: str = PAGE) -> Reply:
    reply = await ask(site.url, "GET", page)
    assert f">{name}<" in reply.body.decode(), reply.body
    return reply


async def renamed(hearing: Hearing, url: str, name: str) -> None:
    """Until it was heard of."""
    events = hearing.cache.now
    rename(url, name)
    await until(lambda: hearing.cache.now > events)


async def await_shown(site: NativeSite, name: str, page: str = PAGE) -> None:
    async with asyncio.timeout(PATIENCE):
        while f">{name}<" not in (await ask(site.url, "GET", page)).body.decode():
            pass


async def test_the_second_answer_costs_no_question(
    site: NativeSite, hearing: Hearing, announced: str
) -> None:
    await renamed(hearing, announced, "kept")
    first = await shows(site, "kept")
    site.statements.clear()
    second = await shows(site, "kept")
    head = await ask(site.url, "HEAD", PAGE)
    assert site.statements == []
    own = {"date": "", "x-request-id": ""}
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert (second.body, dict(second.headers) | own) == (first.body, dict(first.headers) | own)
    assert head.body == b""
    assert head.headers["content-length"] == first.headers["content-length"]
    assert second.headers["surrogate-key"] == "pydotorg-app downloads"
    assert hearing.counts == {"miss": 1, "kept": 1, "hit": 2}


@pytest.mark.parametrize(
    ("address", "status", "missed"),
    [
        ("/downloads/", 200, 0),
        ("/downloads/windows/", 200, 0),
        ("/downloads/release/python-3140/", 200, 0),
        ("/downloads/release/python-3140/?a=b", 200, 0),
        ("/downloads/latest/", 302, 0),
        ("/downloads/feed.rss", 200, 0),
        ("/downloads/nowhere/", 404, 2),
        ("/downloads/a/b/", 404, 2),
    ],
)
async def test_what_is_kept(
    site: NativeSite, hearing: Hearing, address: str, status: int, missed: int
) -> None:
    """A 404 is the legacy site's to say more about, be it kept or not."""
    first = await ask(site.url, "GET", address)
    second = await ask(site.url, "GET", address)
    assert (first.status, second.status, first.body) == (status, status, second.body)
    assert (hearing.counts["miss"], hearing.counts["hit"]) == (1, 1)
    assert len(site.missed) == missed


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("GET", "/api/v2/downloads/os/", {}),
        ("GET", "/api/v1/downloads/os/", {}),
        ("GET", PAGE, {"Authorization": "Basic eA=="}),
        ("POST", "/downloads/latest/", {"Content-Length": "0"}),
        ("GET", "/downloads/windows", {}),
    ],
)
async def test_what_has_nothing_to_do_with_the_cache(
    site: NativeSite, hearing: Hearing, method: str, address: str, headers: dict[str, str]
) -> None:
    for _ in range(2):
        await ask(site.url, method, address, **headers)
    assert hearing.counts.keys() <= {"invalidated"}


async def test_a_change_is_seen_at_once(site: NativeSite, hearing: Hearing, announced: str) -> None:
    """And kept again; but not what was read before the change was heard of: that is outdated."""
    for number in range(5):
        hits, events = hearing.counts["hit"], hearing.cache.now
        rename(announced, f"Windows {number}")
        await await_shown(site, f"Windows {number}")
        async with asyncio.timeout(PATIENCE):
            while hearing.counts["hit"] == hits:
                await shows(site, f"Windows {number}")
        await until(lambda: hearing.cache.now > events)  # noqa: B023  # it is awaited here


async def test_a_row_of_a_domain_that_is_read(
    site: NativeSite, hearing: Hearing, announced: str
) -> None:
    await shows(site, "Windows 4", "/downloads/")
    events = hearing.cache.now
    write(
        announced,
        "INSERT INTO boxes (id, created, updated, label, content, content_markup_type,"
        " content_rendered) VALUES (1, now(), now(), 'download-pgp', '', 'html', '<b>boxed</b>')"
        " ON CONFLICT DO NOTHING",
    )
    await await_shown(site, "boxed", "/downloads/")
    await until(lambda: hearing.cache.now > events)


async def test_rows_of_other_domains_leave_it_alone(
    site: NativeSite, hearing: Hearing, announced: str
) -> None:
    await ask(site.url, "GET", PAGE)
    invalidated = hearing.counts["invalidated"]
    events = hearing.cache.now
    write(
        announced,
        "INSERT INTO code_samples (id, created, updated, code, code_markup_type,"
        " code_rendered, copy, copy_markup_type, copy_rendered, is_published)"
        " VALUES (1, now(), now(), '', 'html', '', '', 'html', '', true)",
    )
    await until(lambda: hearing.cache.now > events)
    assert hearing.counts["invalidated"] == invalidated
    assert len(hearing.cache) == 1


@contextmanager
def slow_domain() -> Iterator[tuple[Domain, list[asyncio.Event], asyncio.Event]]:
    """A page that has read its row waits: each entry of the list is somebody waiting."""
    reading: list[asyncio.Event] = []
    go = asyncio.Event()

    async def page(db: Database) -> Response[bytes]:
        name = await db.scalar(text("SELECT name FROM operating_systems WHERE id = 1"))
        reading.append(asyncio.Event())
        await go.wait()
        return Response(f">{name}<".encode(), media_type="text/html")

    routes = (path("page/", page, kept=True),)
    yield (
        Domain(name="slow", mapping=DOWNLOADS.mapping, handlers=mount("slow/", routes)),
        reading,
        go,
    )


async def test_a_change_between_the_read_and_the_keeping(announced: str, hearing: Hearing) -> None:
    await renamed(hearing, announced, "before")
    with slow_domain() as (domain, reading, go):
        async with native_site(announced, domains=[domain], cache=hearing.cache) as site:
            asked = asyncio.create_task(ask(site.url, "GET", "/slow/page/"))
            await until(lambda: len(reading) == 1)
            await renamed(hearing, announced, "after")
            late = asyncio.create_task(ask(site.url, "GET", "/slow/page/"))
            await until(lambda: len(reading) == 2)  # it does not wait with the first
            go.set()
            assert (await asked).body == b">before<"
            assert (await late).body == b">after<"
            await shows(site, "after", "/slow/page/")
    assert (hearing.counts["outdated"], hearing.counts["hit"]) == (1, 1)


async def test_of_many_who_ask_at_once_one_is_answered_by_the_handler(
    announced: str, hearing: Hearing
) -> None:
    with slow_domain() as (domain, reading, go):
        async with native_site(announced, domains=[domain], cache=hearing.cache) as site:
            asked = [asyncio.create_task(ask(site.url, "GET", "/slow/page/")) for _ in range(20)]
            await until(lambda: len(reading) >= 1)
            await asyncio.sleep(0.05)  # for more of them to get there
            go.set()
            bodies = {(await one).body for one in asked}
    assert len(bodies) == 1
    assert len(reading) == 1
    assert hearing.counts["joined"] + hearing.counts["hit"] == 19


async def test_the_first_one_leaves(announced: str, hearing: Hearing) -> None:
    """Those who wait with them are answered all the same."""
    await renamed(hearing, announced, "left")
    with slow_domain() as (domain, reading, go):
        async with native_site(announced, domains=[domain], cache=hearing.cache) as site:
            host, port = site.url.removeprefix("http://").split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET /slow/page/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
            await until(lambda: len(reading) == 1)
            other = asyncio.create_task(ask(site.url, "GET", "/slow/page/"))
            writer.close()
            await writer.wait_closed()
            go.set()
            assert (await other).body == b">left<"
    assert len(reading) <= 2


async def test_a_cut_listener_hears_nothing_and_keeps_nothing(
    site: NativeSite, hearing: Hearing, announced: str
) -> None:
    await renamed(hearing, announced, "heard")
    await shows(site, "heard")
    with psycopg.connect(announced, autocommit=True) as database:
        database.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'strangler cache' AND datname = current_database()"
        )
    rename(announced, "unheard")
    await until(lambda: not hearing.cache.trusted)
    for _ in range(3):
        await shows(site, "unheard")
    await hearing.trusted()
    await shows(site, "unheard")


async def test_without_pulses_nothing_is_kept(
    site: NativeSite, hearing: Hearing, announced: str
) -> None:
    await shows(site, "unheard")
    real = hearing.cache.clock
    hearing.cache.clock = lambda: real() + LONG + 1
    assert not hearing.cache.trusted
    site.statements.clear()
    await shows(site, "unheard")
    assert site.statements != []
    hearing.cache.clock = real
    hearing.cache.deaf()
    await hearing.trusted()  # the next pulse has come
    assert len(hearing.cache) == 0


async def test_handlers_read_no_other_tables_than_declared(announced: str) -> None:
    """What a kept answer shows is what a change of it is heard of."""
    shown = tables_shown(DOWNLOADS, DOMAINS)
    assert {"boxes", "pages", "sites", "releases"} <= shown
    addresses = ["/downloads/", PAGE, "/downloads/windows/", "/downloads/feed.rss"]
    addresses += ["/downloads/release/python-3140/", "/downloads/latest/python3.14/"]
    async with native_site(announced) as site:
        for address in (*addresses, "/downloads/latest/pymanager", "/downloads/latest/prerelease"):
            await ask(site.url, "GET", address)
    asked = " ".join(site.statements)
    read = set(re.findall(r"(?:FROM|JOIN)\s+(\w+)", asked)) & TABLES.keys()
    assert read <= shown
    assert read == {"boxes", "pages", "releases", "release_files", "operating_systems", "sites"}


@pytest.fixture
def contracts(announced: str) -> Iterator[Contracts]:
    """Nobody has a session here, and nobody is asked for one."""
    engine = open_engine(announced, pool_size=1, name="nobody")
    agreed = contracts_of(Settings(legacy_secret_key=SecretStr("s")), None, engine, None)
    assert agreed is not None
    yield agreed
    agreed.passwords.close()


async def test_who_has_a_session_is_not_answered_from_the_cache(
    announced: str, hearing: Hearing, contracts: Contracts
) -> None:
    """Nor are others with what they were answered. Other cookies make no difference."""
    session = {"Cookie": "_ga=1; sessionid=abcdefghijklmnop"}
    async with native_site(announced, cache=hearing.cache, contracts=contracts) as site:
        await ask(site.url, "GET", PAGE, **session)
        assert hearing.counts == {}
        await ask(site.url, "GET", PAGE, Cookie="_ga=1")
        assert hearing.counts == {"miss": 1, "kept": 1}
        await ask(site.url, "GET", PAGE, **session)
        assert hearing.counts == {"miss": 1, "kept": 1}
        spoiled = await ask(site.url, "GET", PAGE, Cookie="csrftoken=spoiled")
        assert hearing.counts == {"miss": 1, "kept": 1, "hit": 1}
    assert "csrftoken=" in spoiled.headers["set-cookie"]  # as without the cache


async def test_a_handler_that_is_declared_wrongly_is_not_kept(
    announced: str, hearing: Hearing, contracts: Contracts
) -> None:
    async def token(visitor: Calling) -> Response[bytes]:
        return Response(visitor.csrf.token().encode())

    async def clock(visit: Visiting) -> Response[bytes]:
        visit.good_for = 0
        return Response(b"12:00")

    async def cookie() -> Response[bytes]:
        return Response(b"", headers={"set-cookie": "a=b"})

    handlers = mount("p/", [path(f"{f.__name__}/", f, kept=True) for f in (token, clock, cookie)])
    wrong = Domain(name="wrong", mapping=(), handlers=handlers)
    async with native_site(
        announced, domains=[wrong], cache=hearing.cache, contracts=contracts
    ) as site:
        tokens = {(await ask(site.url, "GET", "/p/token/")).body for _ in range(2)}
        await ask(site.url, "GET", "/p/clock/")
        await ask(site.url, "GET", "/p/cookie/")
    assert len(tokens) == 2
    assert hearing.counts == {"miss": 4, "unfit": 4}


def test_every_kept_route_knows_its_tables() -> None:
    kept = kept_routes(DOMAINS.values())
    urls = [mounted(handler).opt["url"] for handler in DOWNLOADS.handlers]
    assert {url.name for url in urls if url.key in kept} == {
        *("download", "download_full_os_list", "download_os_list", "download_release_detail"),
        *("download_latest_python2", "download_latest_python3", "download_latest_python3x"),
        *("download_latest_prerelease", "download_latest_pymanager", "feed"),
    }
    shown = {kept[url.key] for url in urls if url.key in kept}
    assert shown == {tables_shown(DOWNLOADS, DOMAINS)}


def test_rows_of_the_legacy_database_cannot_be_kept() -> None:
    async def page(visit: Visiting) -> Response[bytes]:
        return Response(visit.path.encode())

    handlers = mount("p/", (path("", page, kept=True),))
    shared = Domain(name="shared", mapping=(), handlers=handlers, shares_rows=True)
    with pytest.raises(TypeError, match="answers of shared cannot be kept"):
        kept_routes([shared, PAGES, BOXES])


def test_what_is_guarded_cannot_be_kept() -> None:
    async def page(visit: Visiting) -> Response[bytes]:
        return Response(visit.path.encode())

    with pytest.raises(ValueError, match="'p/' cannot be kept: its guards look at the visitor"):
        path("p/", page, kept=True, guards=(login_required,))
