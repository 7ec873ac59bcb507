"""The CDN is told of a saved page once it is there for everybody, and of nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest

from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.shared.purging import API, SITE, Cdn, Outdated, Telling, telling
from proxy.demo.parts import LegacySite
from tests.ported_domains.pages.sides import CALLERS, V1, Both
from tests.ported_domains.wire import client_of, native_site

KEY = "not for the log"
PAGE = {"title": "New", "path": "a/new"}


@pytest.mark.parametrize(
    ("outdated", "service", "told"),
    [
        (Outdated("/a/"), None, Telling("PURGE", f"{SITE}/a/")),
        (Outdated("/a/"), "s1", Telling("PURGE", f"{SITE}/a/")),
        (Outdated("/a?b#c\a/"), None, Telling("PURGE", f"{SITE}/a%3Fb%23c%07/")),
        (Outdated("/a/", key="a"), None, Telling("PURGE", f"{SITE}/a/")),
        (Outdated("/a/", key="a"), "s1", Telling("POST", f"{API}/service/s1/purge/a")),
    ],
)
def test_what_the_cdn_is_told(outdated: Outdated, service: str | None, told: Telling) -> None:
    assert telling(outdated, service) == told


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(Cdn(KEY))


@asynccontextmanager
async def staff(
    native: str,
    legacy: LegacySite,
    answer: Callable[[httpx.Request], httpx.Response],
    service: str | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """A member of staff of a native site whose CDN answers so."""
    cdn = Cdn(KEY, service, transport=httpx.MockTransport(answer))
    async with (
        native_site(native, legacy.database_url, cdn=cdn) as site,
        client_of(site.url) as client,
    ):
        client.headers["authorization"] = CALLERS["staff"][V1]
        yield client


def paths_in(database: str) -> set[str]:
    with psycopg.connect(database) as connection:
        return {path for (path,) in connection.execute("SELECT path FROM pages")}


def public_file(database: str) -> int:
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT min(release_files.id) FROM release_files JOIN releases"
            " ON releases.id = release_id WHERE is_published"
        ).fetchone()
    assert found
    key: int = found[0]
    return key


@pytest.mark.parametrize(
    ("path", "addresses"), [("a/new", ["/a/new", "/a/new/"]), ("a/new/", ["/a/new/"])]
)
@pytest.mark.parametrize("is_published", [True, False])
async def test_a_saved_page(
    both: Both,
    pages_native: str,
    pages_site: LegacySite,
    path: str,
    addresses: list[str],
    is_published: bool,
) -> None:
    told: list[tuple[str, str, str | None]] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        assert path in paths_in(pages_native)
        told.append((asked.method, str(asked.url), asked.headers.get("fastly-key")))
        return httpx.Response(404)

    async with staff(pages_native, pages_site, answer) as client:
        made = await client.post(V1, json={"path": path, "is_published": is_published})
        assert made.status_code == 201
        assert told == [("PURGE", SITE + address, KEY) for address in addresses]
        gone = await client.delete(made.headers["location"])
        assert (gone.status_code, len(told)) == (204, len(addresses))


async def test_a_cdn_that_is_not_there(
    both: Both, pages_native: str, pages_site: LegacySite, caplog: pytest.LogCaptureFixture
) -> None:
    """As in Django: the page is written, and whoever saved it hears that something failed."""
    told: list[str] = []

    def fail(asked: httpx.Request) -> httpx.Response:
        told.append(str(asked.url))
        raise httpx.ConnectError("refused", request=asked)

    async with staff(pages_native, pages_site, fail) as client:
        made = await client.post(V1, json=PAGE)
    assert (made.status_code, made.json()) == (
        500,
        {"error_message": "Sorry, this request could not be processed. Please try again later."},
    )
    assert told == [f"{SITE}/a/new"]
    assert "a/new" in paths_in(pages_native)
    assert f"PURGE {SITE}/a/new: refused" in caplog.text
    assert KEY not in caplog.text


async def test_what_is_not_written_is_not_told(
    both: Both, pages_native: str, pages_site: LegacySite
) -> None:
    def answer(asked: httpx.Request) -> httpx.Response:
        raise AssertionError(asked.url)

    async with staff(pages_native, pages_site, answer) as client:
        taken = await client.post(V1, json=PAGE | {"path": "about/help"})
        assert taken.status_code == 500
        with psycopg.connect(pages_native) as owners:
            write_owner(owners, "pages", Owner.LEGACY)
        try:
            refused = await client.post(V1, json=PAGE)
        finally:
            with psycopg.connect(pages_native) as owners:
                write_owner(owners, "pages", Owner.NATIVE)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "a/new" not in paths_in(pages_native)


@pytest.mark.parametrize(
    ("service", "first"),
    [(None, f"PURGE {SITE}/downloads/"), ("s1", f"POST {API}/service/s1/purge/downloads")],
)
async def test_a_saved_release(
    both: Both, pages_native: str, pages_site: LegacySite, service: str | None, first: str
) -> None:
    """Behaviour/downloads.md 7; of a draft nothing is told."""
    told: list[str] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        told.append(f"{asked.method} {asked.url}")
        return httpx.Response(200)

    boxes = ("supernav-python-downloads", "homepage-downloads", "download-sources")
    async with staff(pages_native, pages_site, answer, service) as client:
        release: dict[str, Any] = {"name": "Python 3.16.1", "slug": "a"}
        made = await client.post("/api/v1/downloads/release/", json=release)
        assert (made.status_code, told) == (201, [])
        release |= {"is_published": True, "slug": "b"}
        made = await client.post("/api/v1/downloads/release/", json=release)
        assert made.status_code == 201
        assert told == [
            first,
            f"PURGE {SITE}/ftp/python/",
            f"PURGE {SITE}/ftp/python/3.16.1/",
            *(f"PURGE {SITE}/box/{label}/" for label in boxes),
        ]
        told.clear()
        gone = await client.delete(f"/api/v1/downloads/release_file/{public_file(pages_native)}/")
        assert gone.status_code == 204
        assert told == [f"PURGE {SITE}/box/{label}/" for label in boxes]


async def test_a_release_goes_with_its_page(
    both: Both, pages_native: str, pages_site: LegacySite
) -> None:
    with psycopg.connect(pages_native, autocommit=True) as rows:
        found = "SELECT release_page_id, id FROM releases WHERE release_page_id IS NOT NULL"
        page, release = rows.execute(found).fetchone() or (0, 0)
        assert page
        async with staff(pages_native, pages_site, lambda _: httpx.Response(200)) as client:
            assert (await client.delete(f"{V1}{page}/")).status_code == 204
        for table, column, key in (
            ("pages", "id", page),
            ("releases", "id", release),
            ("release_files", "release_id", release),
        ):
            query = f"SELECT count(*) FROM {table} WHERE {column} = %s"
            assert (table, rows.execute(query, (key,)).fetchone()) == (table, (0,))
