"""Posts of the community and minutes: native and bundled legacy site answer alike, Django itself
and ours rendering the same templates."""

import psycopg
import pytest

from proxy.demo.parts import LegacySite
from tests.ported_domains.bundled import BundledSides, seen

pytestmark = pytest.mark.parity

MINUTES = "/psf/records/board/minutes/"
TARGETS = (
    *("/community/", "/community/?page=last", "/community/?page=2", "/community/?page=0"),
    *("/community", "/community/microbit/", "/community/microbit", "/community/nothing/"),
    *("/community/0/", "/community/99999999999999/", "/community/1/x/"),
    *(MINUTES, MINUTES[:-1], f"{MINUTES}?page=2", f"{MINUTES}feed/", f"{MINUTES}feed"),
    *(f"{MINUTES}2013-13-40/", f"{MINUTES}2025-1-1/", f"{MINUTES}2025-10-08/x/"),
)


def addresses(database_url: str) -> list[str]:
    """Of all posts and minutes, private ones and drafts too."""
    with psycopg.connect(database_url) as connection:
        posts = [key for (key,) in connection.execute("SELECT id FROM community_post")]
        days = [day for (day,) in connection.execute("SELECT date FROM minutes_minutes")]
    assert (len(posts), len(days)) == (5, 3)
    return [
        *(f"/community/{key}/" for key in posts),
        *(f"{MINUTES}{day}/" for day in days),
        f"{MINUTES}{days[0]}",
    ]


@pytest.mark.parametrize("role", ["anonymous", "staff"])
async def test_every_page(bundled_sides: BundledSides, legacy_site: LegacySite, role: str) -> None:
    different = {}
    for address in (*TARGETS, *addresses(legacy_site.database_url)):
        legacy, native = await bundled_sides.ask("GET", address, role)
        if seen(legacy) != seen(native):
            different[address] = (seen(legacy), seen(native))
    assert different == {}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PURGE"])
@pytest.mark.parametrize("target", ["/community/", "/community/microbit/", f"{MINUTES}feed/"])
async def test_methods(bundled_sides: BundledSides, method: str, target: str) -> None:
    legacy, native = await bundled_sides.ask(method, target)
    assert native.status == legacy.status
    assert native.headers.get("allow") == legacy.headers.get("allow")
