"""What a path means that nothing else answers: Django and the native side say the same.

Both sides show CMS pages by the same templates, ours.
"""

import re

import pytest

from proxy.demo.parts import LegacySite
from tests.ported_domains.golden import signed_in
from tests.ported_domains.pages.sides import Both
from tests.ported_domains.wire import Reply, ask, native_site

pytestmark = pytest.mark.parity

HEADERS = (
    "content-type",
    "location",
    "allow",
    "vary",
    "cache-control",
    "surrogate-key",
    "x-frame-options",
)
SHOWN = (
    "/about/gettingstarted/",
    "/about/apps/",
    "/about/help/",
    "/about/help/?x=1&y",
    "/%61bout/help/",
    "/about/legal/",
    "/about/mirrors.txt/",
    "/about/quotes/",
    "/community/guidelines/",
    "/psf/mission/",
    "/psf/records/",
    "/downloads/metadata/",
    "/downloads/metadata/sigstore/",
    "/download/releases/2.5.4/",
    # where a view finds nothing
    "/box/no-such-box/",
    "/downloads/no-such-system/",
    # stored with a slash
    "/scripts/stored/this/",
    "/scripts/stored/this//",
)
MOVED = {
    "/about/help": "http://www.example.org/about/help/",
    "/about/help?x=1": "http://www.example.org/about/help/",
    "/about/mirrors.txt": "http://www.example.org/about/mirrors.txt/",
    "/scripts/stored/this": "http://www.example.org/scripts/stored/this/",
    "/box/no-such-box": "http://www.example.org/box/no-such-box/",
    "/download/releases/2.7.18/": "/downloads/release/python-2718/",
    # a stored redirect comes first
    "/about-us/": "/about/",
}
MISSING = (
    "/about/Help/",
    "/about//help/",
    "/about/help//",
    "/about/help%2F/x/",
    "/download/releases/9.9.9/",
    "/no/such/page/",
    "/%FF/",
)
DRAFT = "/about/roadmap/"


@pytest.fixture(scope="module")
def cookies(pages_site: LegacySite) -> dict[str, str]:
    staff, member = signed_in(pages_site.database_url, ["staff1", "u1_1"])
    return {"staff": staff, "member": member, "anonymous": ""}


async def replies(both: Both, target: str, method: str = "GET", cookie: str = "") -> list[Reply]:
    """Legacy and native."""
    fields = {"Cookie": cookie} if cookie else {}
    return [await ask(str(side.base_url), method, target, **fields) for side in both.clients]


def head(reply: Reply) -> dict[str, str | int | None]:
    return {"status": reply.status, **{name: reply.headers.get(name) for name in HEADERS}}


def shown(reply: Reply) -> list[str]:
    """What of a page is its own; all of it, where it is no page."""
    parts = re.compile(r"<title>.*?</title>|<main.*?</main>|<aside.*?</aside>", re.DOTALL)
    return parts.findall(reply.body.decode()) or [reply.body.decode()]


@pytest.mark.parametrize("who", ["anonymous", "member", "staff"])
@pytest.mark.parametrize("target", SHOWN)
async def test_a_page(both_sides: Both, cookies: dict[str, str], target: str, who: str) -> None:
    legacy, native = await replies(both_sides, target, cookie=cookies[who])
    assert native.status == 200
    assert head(native) == head(legacy)
    assert shown(native) == shown(legacy)


@pytest.mark.parametrize("target", ["/api/v1/downloads/os/999/", "/api/v2/downloads/os/999/"])
async def test_a_page_where_an_api_finds_nothing(both_sides: Both, target: str) -> None:
    """It says natively that it varies by cookie, as pages do; nobody is kept from anything."""
    legacy, native = await replies(both_sides, target)
    assert native.status == 200
    assert head(native) == head(legacy) | {"vary": "Cookie"}
    assert shown(native) == shown(legacy)


async def test_a_page_of_its_own_type(both_sides: Both) -> None:
    _, native = await replies(both_sides, "/about/mirrors.txt/")
    assert native.headers["content-type"] == "text/plain"
    assert native.body == b"mirror-1.example.org\nmirror-2.example.org\n"


@pytest.mark.parametrize("target", MOVED)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_redirect(both_sides: Both, target: str, method: str) -> None:
    legacy, native = await replies(both_sides, target, method)
    assert (native.status, native.headers["location"]) == (301, MOVED[target])
    assert head(native) == head(legacy)


@pytest.mark.parametrize("target", MISSING)
async def test_no_page(both_sides: Both, target: str) -> None:
    legacy, native = await replies(both_sides, target)
    assert native.status == 404
    assert head(native) == head(legacy)


async def test_a_path_that_the_database_cannot_hold(both_sides: Both) -> None:
    """Django fails with 500."""
    _, native = await replies(both_sides, "/about/%00/")
    assert native.status == 404


@pytest.mark.parametrize(("who", "status"), [("anonymous", 404), ("member", 404), ("staff", 200)])
async def test_a_draft(both_sides: Both, cookies: dict[str, str], who: str, status: int) -> None:
    legacy, native = await replies(both_sides, DRAFT, cookie=cookies[who])
    assert native.status == status
    assert head(native) == head(legacy)
    if status == 200:
        assert shown(native) == shown(legacy)


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", 200), ("OPTIONS", 200), ("POST", 405), ("PUT", 405), ("DELETE", 405), ("PURGE", 405)],
)
async def test_other_methods(both_sides: Both, method: str, status: int) -> None:
    legacy, native = await replies(both_sides, "/about/help/", method)
    assert (native.status, native.body) == (status, b"")
    assert head(native) == head(legacy)


async def test_a_member_of_staff_can_go_on_to_edit(
    both_sides: Both, cookies: dict[str, str]
) -> None:
    for who, expected in (("anonymous", 0), ("member", 0), ("staff", 1)):
        _, native = await replies(both_sides, "/about/help/", cookie=cookies[who])
        assert native.body.count(b'<a href="/admin/pages/page/3/change/">') == expected


async def test_a_page_and_all_that_it_shows_are_of_one_moment(pages_native: str) -> None:
    """Stored redirects, the page, its menu: asked in one transaction."""
    async with native_site(pages_native) as site:
        reply = await ask(site.url, "GET", "/about/gettingstarted/")
    assert (reply.status, site.transactions) == (200, 1)
    assert len(site.statements) > 2
