"""What a post carries, and pages of posts: what the recorded answers do not show."""

from collections.abc import AsyncIterator
from typing import Any

import lxml.html
import psycopg
import pytest
import pytest_asyncio

from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.wire import NativeSite, ask, native_site

ROWS = """
INSERT INTO posts (id, created, updated, title, content, content_markup_type, content_rendered,
                   media_type, source_url, meta, status)
VALUES (1, '2025-12-01', now(), 'A <text>', 'x', 'html', '<p>One &amp; all</p>', 1, '', '{}', 2),
       (2, '2025-12-02', now(), 'A photo', 'x', 'html', '<p>x</p>', 2, '', '{}', 2),
       (3, '2025-12-03', now(), 'A video', 'x', 'html', '<p>x</p>', 3, '', '{}', 2),
       (4, '2025-12-04', now(), NULL, 'x', 'html', '<p>x</p>', 4, 'https://a.example/', '{}', 2),
       (5, '2025-12-05', now(), 'Of no known type', 'x', 'html', '<p>x</p>', 9, '', '[1]', 2),
       (6, '2025-12-06', now(), 'Private', 'x', 'html', '<p>x</p>', 1, '', '{}', 1);
INSERT INTO links (id, created, updated, post_id, url)
VALUES (1, '2025-12-01', now(), 4, 'https://old.example/?a&b'),
       (2, '2025-12-02', now(), 4, 'https://new.example/'),
       (3, '2025-12-02', now(), NULL, 'https://nobody.example/');
INSERT INTO photos (id, created, updated, post_id, image, image_url, caption, click_through_url)
VALUES (1, now(), now(), 2, 'community/photos/a b.jpg', '', 'Here & there', '');
INSERT INTO videos (id, created, updated, post_id, video_embed, video_data, caption,
                    click_through_url)
VALUES (1, '2025-12-02', now(), 3, '<iframe src="https://v.example/1"></iframe>', '', 'Film', ''),
       (2, '2025-12-01', now(), 3, 'https://v.example/2', '', '', '');
"""
MORE = """
INSERT INTO posts (created, updated, title, content, content_markup_type, content_rendered,
                   media_type, source_url, meta, status)
SELECT '2024-01-01', now(), 'More', 'x', 'html', '<p>x</p>', 1, '', '{}', 2
FROM generate_series(1, 46)
"""


@pytest.fixture(scope="module")
def posts_url(stack: EmbeddedStack, native_template: str) -> str:
    """Fifty-one public posts, five of which are told apart."""
    url = stack.create_database("posts", template=native_template)
    with psycopg.connect(url) as connection:
        connection.execute(ROWS)
        connection.execute("SELECT setval(pg_get_serial_sequence('posts', 'id'), 100)")
        connection.execute(MORE)
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def native(posts_url: str) -> AsyncIterator[NativeSite]:
    async with native_site(posts_url) as site:
        yield site


async def page(native: NativeSite, url: str) -> Any:
    reply = await ask(native.url, "GET", url)
    assert reply.status == 200
    return lxml.html.document_fromstring(reply.body)


async def listed(native: NativeSite, url: str) -> tuple[int, ...]:
    """How many posts, and the numbers of the page and of all."""
    native.pages.clear()
    await page(native, url)
    [(_, names)] = native.pages
    return len(names["post_list"]), names["page_obj"].number, names["paginator"].num_pages


async def test_pages_of_posts(native: NativeSite) -> None:
    assert await listed(native, "/community/") == (25, 1, 3)
    assert await listed(native, "/community/?page=2") == (25, 2, 3)
    assert await listed(native, "/community/?page=last") == (1, 3, 3)
    for query in ("page=4", "page=0", "page=x"):
        assert (await ask(native.url, "GET", f"/community/?{query}")).status == 404


async def test_each_post_is_listed_by_the_template_of_its_type(native: NativeSite) -> None:
    tree = await page(native, "/community/")
    shown = [" ".join(item.text_content().split()) for item in tree.findall(".//main//ul/li/h3/..")]
    assert shown[:5] == [
        "Of no known type x Dec. 5, 2025",
        "Post link (4) x https://new.example/ https://old.example/?a&b Dec. 4, 2025",
        "A video x With a video: Film Dec. 3, 2025",
        "A photo x Dec. 2, 2025",
        "A <text> One & all Dec. 1, 2025",
    ]
    [image] = tree.findall(".//main//img")
    assert dict(image.attrib) == {
        "src": "/media/community/photos/a%20b.jpg",
        "alt": "Here & there",
        "loading": "lazy",
    }


async def test_a_post_shows_what_it_carries(native: NativeSite) -> None:
    video = await page(native, "/community/3/")
    assert [frame.get("src") for frame in video.iterfind(".//main//iframe")] == [
        "https://v.example/1"
    ]
    assert "https://v.example/2" in [a.get("href") for a in video.iterfind(".//main//figure//a")]
    link = await page(native, "/community/4/")
    assert [a.get("href") for a in link.iterfind(".//main//article//a")] == [
        "https://new.example/",
        "https://old.example/?a&b",
        "https://a.example/",
    ]
    text = await page(native, "/community/1/")
    assert [h1.text for h1 in text.iterfind(".//main//h1")] == ["A <text>"]
    assert [p.text for p in text.iterfind(".//article/p") if not p.get("class")] == ["One & all"]


@pytest.mark.parametrize("key", ["6", "7", "0", "2147483648", "9" * 40, "9" * 5000])
async def test_no_such_public_post(native: NativeSite, key: str) -> None:
    assert (await ask(native.url, "GET", f"/community/{key}/")).status == 404
