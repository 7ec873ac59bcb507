"""Native and bundled legacy site answer alike: the download pages of the project's own data set,
and Django's manners around them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import lxml.html
import psycopg
import pytest
import pytest_asyncio
from lxml import etree

from proxy.demo.parts import LegacySite
from tests.ported_domains.bundled import dom
from tests.ported_domains.wire import NativeSite, Reply, ask, native_site

pytestmark = pytest.mark.parity

MOUNTS = ("/downloads/", "/getit/")
KINDS = ("", "/python2", "/python3", "/python3.14", "/python3.9", "/python3.99", "/prerelease")
CONTRACT = (
    *("content-type", "location", "allow", "vary", "cache-control", "last-modified"),
    *("surrogate-key", "content-security-policy-report-only", "x-frame-options"),
)
# Django's built-in page for it is its own; ours says the same in the site's look.
OWN_BODY = frozenset({403})


@dataclass(frozen=True, slots=True)
class Sides:
    legacy: str
    native: NativeSite

    async def ask(self, method: str, target: str, **headers: str) -> tuple[Reply, Reply]:
        legacy = await ask(self.legacy, method, target, **headers)
        return legacy, await ask(self.native.url, method, target, **headers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sides(legacy_site: LegacySite, native_database_url: str) -> AsyncIterator[Sides]:
    async with native_site(native_database_url) as native:
        yield Sides(legacy_site.url, native)


def seen(reply: Reply) -> dict[str, Any]:
    """What of an answer both sides must have in common."""
    headers = {name: reply.headers.get(name) for name in CONTRACT}
    return {"status": reply.status, "body": content(reply)} | headers


def content(reply: Reply) -> object:
    if not reply.body or reply.status in OWN_BODY:
        return None
    if reply.headers["content-type"].startswith("text/html"):
        return dom(lxml.html.document_fromstring(reply.body))
    return etree.canonicalize(etree.fromstring(reply.body))


def addresses(database_url: str) -> Iterator[str]:
    """Every address below both mounts that the rows of the data set make."""
    with psycopg.connect(database_url) as connection:
        systems = [slug for (slug,) in connection.execute("SELECT slug FROM downloads_os")]
        releases = [slug for (slug,) in connection.execute("SELECT slug FROM downloads_release")]
    assert len(systems) == 5
    assert len(releases) == 15
    for mount in MOUNTS:
        yield from (mount, f"{mount}operating-systems/", f"{mount}feed.rss")
        yield from (f"{mount}{slug}/" for slug in systems)
        yield from (f"{mount}release/{slug}/" for slug in releases)
        yield from (f"{mount}latest{kind}{slash}" for kind in KINDS for slash in ("", "/"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
async def test_every_page_of_the_data_set(
    sides: Sides, legacy_site: LegacySite, method: str
) -> None:
    different = {}
    asked = list(addresses(legacy_site.database_url))
    for address in asked:
        legacy, native = await sides.ask(method, address)
        if seen(legacy) != seen(native):
            different[address] = (seen(legacy), seen(native))
    assert different == {}
    assert len(asked) == 74


MANNERS = [
    # the slash at the end
    ("GET", "/downloads"),
    ("HEAD", "/downloads"),
    ("POST", "/downloads"),
    ("PURGE", "/downloads"),
    ("GET", "/downloads?a=1&b=%C3%A9&c=%FF"),
    ("GET", "/downloads?next=//example.com/"),
    ("GET", "/downloads?"),
    ("GET", "/getit"),
    ("GET", "/downloads/source"),
    ("GET", "/downloads/source?x='quoted'"),
    ("GET", "/downloads/operating-systems"),
    ("GET", "/downloads/release/python-3140"),
    ("OPTIONS", "/downloads/release/python-3140"),
    ("GET", "/downloads/release/no-such-release"),
    ("GET", "/downloads/feed.rss/"),
    ("GET", "/downloads/latest/python3/?x=1"),
    ("GET", "/downloads/latest/python3//"),
    # what there is not
    ("GET", "/downloads/no-such-system/"),
    ("HEAD", "/downloads/no-such-system/"),
    ("OPTIONS", "/downloads/no-such-system/"),
    ("POST", "/downloads/no-such-system/"),
    ("GET", "/downloads/release/no-such-release/"),
    ("GET", "/downloads/release/"),
    ("GET", "/downloads/latest/pythom3/"),
    ("GET", "/downloads/a/b/c/"),
    ("POST", "/downloads/a/b/c/"),
    ("PURGE", "/downloads/a/b/c/"),
    ("GET", "/Downloads/"),
    ("GET", "/downloads//"),
    ("GET", "//downloads/"),
    ("GET", "//downloads"),
    ("GET", "/downloads/./"),
    ("GET", "/downloads/../downloads/"),
    # octets
    ("GET", "/downloads/%73ource/"),
    ("GET", "/%64ownloads/feed.rss"),
    ("GET", "/downloads%2Fsource/"),
    ("GET", "/downloads/source%2F"),
    ("GET", "/downloads/caf%C3%A9/"),
    ("GET", "/downloads/caf%C3%A9"),
    ("GET", "/downloads/%FF/"),
    ("GET", "/downloads/%FF"),
    ("GET", "/downloads/source%0A/"),
    ("GET", "/downloads/latest/python2%0A"),
    ("GET", "/downloads/latest/python3.%D9%A1%D9%A4/"),
    ("GET", "/downloads/latest/python3.014/"),
    ("GET", "/downloads/100%/"),
    # methods
    ("PUT", "/downloads/"),
    ("DELETE", "/downloads/source/"),
    ("PATCH", "/downloads/operating-systems/"),
    ("TRACE", "/downloads/"),
    ("PURGE", "/downloads/"),
    ("TRACE", "/downloads/latest/"),
    ("DELETE", "/downloads/latest/"),
    ("TRACE", "/downloads/feed.rss"),
    ("PUT", "/downloads/feed.rss"),
    ("HEAD", "/downloads/feed.rss?x=1"),
    ("GET", "/downloads/?page=2"),
]


@pytest.mark.parametrize(("method", "target"), MANNERS)
async def test_manners(sides: Sides, method: str, target: str) -> None:
    legacy, native = await sides.ask(method, target)
    assert seen(native) == seen(legacy)


@pytest.mark.parametrize(
    "host", ["example.org:8000", "[::1]:80", "under_score.org", "a b", "evil.com/path", "", "a:b"]
)
async def test_hosts(sides: Sides, host: str) -> None:
    legacy, native = await sides.ask("GET", "/downloads/", Host=host)
    assert native.status == legacy.status
    assert native.headers.get("surrogate-key") == legacy.headers.get("surrogate-key")


async def test_a_null_octet_is_not_found(sides: Sides) -> None:
    """On purpose: the legacy site fails when it looks for a CMS page of that path."""
    legacy, native = await sides.ask("GET", "/downloads/%00/")
    assert (legacy.status, native.status) == (500, 404)


@pytest.mark.parametrize("target", ["/downloads/", "/downloads/feed.rss", "/downloads/nope/"])
async def test_head_has_the_length_of_get_and_no_body(sides: Sides, target: str) -> None:
    get = await ask(sides.native.url, "GET", target)
    head = await ask(sides.native.url, "HEAD", target)
    assert int(get.headers["content-length"]) == len(get.body) > 0
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.body == b""


async def test_tells_the_edge_what_it_did_not_find(sides: Sides) -> None:
    sides.native.missed.clear()
    for target in ("/downloads/", "/downloads/nope/", "/downloads/latest", "/downloads", "/nope/"):
        await ask(sides.native.url, "GET", target)
    assert sides.native.missed == ["/downloads/nope/", "/downloads", "/nope/"]
