"""What a file or a setting is answered by: `/funding.json` and old uploads (site.md §7)."""

from pathlib import Path
from typing import Any

import pytest

from ported_domains.look import look_of
from ported_domains.site_pages import SITE_PAGES
from tests.ported_domains.wire import ask, native_site

STORE = "https://files.example.org/bucket/"


async def replied(native_database_url: str, target: str, method: str = "GET", **look: Any) -> Any:
    site = native_site(native_database_url, domains=[SITE_PAGES], look=look_of(**look))
    async with site as native:
        return await ask(native.url, method, target)


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        ('{"a":\n ["é"]}', 200, b'{"a": ["\\u00e9"]}'),
        ("{", 500, b'{"error": "funding.json is no JSON"}'),
        (None, 404, b'{"error": "funding.json not found"}'),
    ],
)
async def test_funding(
    native_database_url: str, tmp_path: Path, text: str | None, status: int, body: bytes
) -> None:
    if text is not None:
        (tmp_path / "funding.json").write_text(text, "utf-8")
    reply = await replied(native_database_url, "/funding.json", static_root=tmp_path)
    assert (reply.status, reply.body) == (status, body)
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("x.png/", "media/x.png"),
        ("a/b%20c.png/", "media/a/b%20c.png"),
        ("/a//b.png/?w=1", "media/a/b.png"),
        ("a/../../b.png/", "media/a/b.png"),
        ("%2e%2e/./b.png/", "media/b.png"),
        ("%252e%252e/%252E/%252e%252e/b.png/", "media/b.png"),
    ],
)
async def test_old_uploads(native_database_url: str, path: str, there: str) -> None:
    reply = await replied(native_database_url, f"/m/{path}", media_store=STORE)
    assert (reply.status, reply.headers["location"]) == (301, STORE + there)


async def test_the_site_lives(native_database_url: str) -> None:
    reply = await replied(native_database_url, "/_healthXYZ")
    assert (reply.status, reply.body, "vary" in reply.headers) == (200, b"OK", False)
