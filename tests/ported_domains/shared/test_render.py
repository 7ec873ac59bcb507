"""Which template serves: the site's own, or the built-in one where that cannot."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ported_domains.look import look_of
from tests.ported_domains.wire import NativeSite, Reply, ask, native_site

BROKEN = "{% load nothing %}"
FAILING = "{% include missing %}"


@pytest_asyncio.fixture
async def site(native_database_url: str, tmp_path: Path) -> AsyncIterator[NativeSite]:
    """Its own templates for 404 and for the base of all pages have faults, that for 500 fails."""
    (tmp_path / "404.html").write_text(BROKEN)
    (tmp_path / "500.html").write_text(FAILING)
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "inner.html").write_text(FAILING)
    (tmp_path / "robots.txt").write_text("own {{ request.path }}")
    async with native_site(native_database_url, look=look_of(None, [tmp_path])) as site:
        yield site


async def get(site: NativeSite, path: str) -> Reply:
    return await ask(site.url, "GET", path)


async def test_one_with_faults_is_replaced_and_told_once(
    site: NativeSite, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        replies = [await get(site, "/no/where/") for _ in range(2)]
    assert [reply.status for reply in replies] == [404, 404]
    assert b"<h1>There is no page here</h1>" in replies[0].body
    assert [template for template, _ in site.pages] == ["404.html", "404.html"]
    [told] = [record for record in caplog.records if "404.html" in record.getMessage()]
    assert "'nothing' is not a registered tag library" in told.getMessage()


async def test_where_the_page_for_500_fails_as_well(site: NativeSite) -> None:
    reply = await get(site, "/inner/")
    assert (reply.status, reply.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert b"<h1>Something went wrong</h1>" in reply.body


async def test_its_own_come_first(site: NativeSite) -> None:
    assert (await get(site, "/robots.txt")).body == b"own /robots.txt"
