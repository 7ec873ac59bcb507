"""The job `update_blogs`: real feeds over real sockets, written to a real database."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import psycopg
import pytest
from psycopg.rows import tuple_row

from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.blogs import importing
from proxy.background.jobs import STOPPED, Outcome, Said, Site, perform
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.wire import ask, native_site

ITEM = """<item><title>{0}</title><link>http://pythoninsider.blogspot.com/{0}</link>
<pubDate>Mon, 23 Nov 2026 0{1}:00:00 GMT</pubDate><description>{2}</description></item>"""
ROWS = """
INSERT INTO blog_feeds (id, name, website_url, feed_url) VALUES
    (1, 'Own', 'https://blog.python.org', %(url)s || '/own'),
    (2, 'Lost', 'https://example.org', %(url)s || '/lost');
INSERT INTO blog_entries (id, title, summary, pub_date, url, feed_id) OVERRIDING SYSTEM VALUE VALUES
    (1000, 'gone', '', '2020-01-01', 'https://example.org/gone', 1),
    (1001, 'before', '', '2020-01-01', 'https://blog.python.org/b', 1);
INSERT INTO related_blogs (created, updated, name, feed_url, blog_url, blog_name,
    last_entry_published, last_entry_title)
VALUES ('2020-01-01', '2020-01-01', 'near', %(url)s || '/moved', 'https://old', 'Old',
    '2020-01-01', '');
"""
ENTRIES = "SELECT title, summary, pub_date::text, url, feed_id FROM blog_entries ORDER BY title"


class Feeds(BaseHTTPRequestHandler):
    """One that is there, one that moved; nothing else. `items` are those of now."""

    items = ""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/own")
            self.end_headers()
            return
        body = f"<rss version='2.0'><channel><title>Own blog</title>{self.items}</channel></rss>"
        self.send_response(200 if self.path == "/own" else 404)
        self.send_header("content-type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def feeds() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feeds)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def native(stack: EmbeddedStack, native_template: str, feeds: str) -> Iterator[str]:
    url = stack.create_database("updated_blogs", template=native_template)
    with psycopg.connect(url) as connection:
        psycopg.ClientCursor(connection).execute(ROWS, {"url": feeds})
        write_owner(connection, "blogs", Owner.NATIVE)
    yield url
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE updated_blogs WITH (FORCE)")


def update(native: str) -> Outcome:
    return perform("update_blogs", Site("postgresql://unused", native), Event())


def rows(native: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(native, options="-c TimeZone=UTC", row_factory=tuple_row) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_entries_box_and_related_blogs(
    native: str, feeds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FEED_URL", f"{feeds}/own")
    evil = "&lt;p&gt;&amp;lt;img src=x onerror=alert(1)&amp;gt;&lt;/p&gt;"
    Feeds.items = ITEM.format("a", 1, evil) + ITEM.format("b", 2, "") + "<item/>"
    lost = Said("warning", "feed_left_out", {"reason": f"{feeds}/lost: answered with 404"})
    none = f"{feeds}/own: entry 3 has no date of publication"
    done = await asyncio.to_thread(update, native)
    assert (done.code, done.said[-1].details) == (1, {"feeds": 2, "entries": 2})
    assert done.said[0] == lost
    assert {said.details["reason"] for said in done.said[1:-1]} == {none}
    a = ("a", "<p>&lt;img src=x onerror=alert(1)&gt;</p>", "2026-11-23 01:00:00+00")
    b = ("b", "", "2026-11-23 02:00:00+00")
    gone = ("gone", "", "2020-01-01 00:00:00+00", "https://example.org/gone", 1)
    assert rows(native, ENTRIES) == [
        (*a, "https://blog.python.org/a", 1),
        (*b, "https://blog.python.org/b", 1),
        gone,
    ]
    assert rows(native, "SELECT last_import > now() - '1 min'::interval FROM blog_feeds") == (
        [(True,), (True,)]
    )
    assert rows(native, "SELECT blog_name, blog_url, last_entry_title FROM related_blogs") == (
        [("Own blog", "https://old", "a")]
    )
    box = "SELECT label, content_markup_type, content_rendered FROM boxes"
    [(label, kind, html)] = rows(native, box)
    assert (label, kind) == ("supernav-python-blog", "html")
    assert 'href="https://blog.python.org/b"' in str(html)
    assert "<small>" not in str(html)
    async with native_site(native) as site:
        page = (await ask(site.url, "GET", "/blogs/")).body.decode()
    assert "/b" in page
    assert "<img src=x" not in page

    again = await asyncio.to_thread(update, native)
    assert again.said[-1].details == {"feeds": 2, "entries": 0}
    Feeds.items = ITEM.format("c", 3, "") + ITEM.format("b", 2, "changed")
    done = await asyncio.to_thread(update, native)
    assert done.said[-1].details == {"feeds": 2, "entries": 2}
    assert [row[0] for row in rows(native, ENTRIES)] == ["a", "b", "c", "gone"]
    assert 'href="https://blog.python.org/c"' in str(rows(native, box)[0][2])


REFUSED = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON blog_entries FOR EACH ROW WHEN (NEW.feed_id = 2)
    EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse BEFORE UPDATE ON related_blogs FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse BEFORE INSERT ON boxes FOR EACH ROW EXECUTE FUNCTION refuse();
UPDATE blog_feeds SET feed_url = replace(feed_url, '/lost', '/own');
"""


def test_what_the_database_refuses_keeps_nothing_else_from_being_written(
    native: str, feeds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FEED_URL", f"{feeds}/own")
    Feeds.items = ITEM.format("a", 1, "")
    with psycopg.connect(native) as connection:
        connection.execute(REFUSED.encode())
    done = update(native)
    why = "cannot be stored: no"
    reasons = [said.details["reason"] for said in done.said[:-1]]
    box = f"the box supernav-python-blog {why}"
    assert reasons == [f"{feeds}/own: {why}", f"{feeds}/moved: {why}", box]
    assert (done.code, done.said[-1].details) == (1, {"feeds": 2, "entries": 1})
    assert [row[0] for row in rows(native, ENTRIES)] == ["a", "before", "gone"]
    assert rows(native, "SELECT id FROM blog_feeds WHERE last_import IS NOT NULL") == [(1,)]


def test_where_the_legacy_side_owns_blogs_it_reads_them(native: str) -> None:
    with psycopg.connect(native) as connection:
        write_owner(connection, "blogs", Owner.LEGACY)
    before = rows(native, ENTRIES)
    reason = "the legacy side owns blogs: its own command update_blogs reads the feeds"
    assert update(native) == Outcome(0, (Said("info", "job_left_out", {"reason": reason}),))
    assert rows(native, ENTRIES) == before


def test_one_that_is_told_to_stop_writes_nothing(native: str) -> None:
    stop = Event()
    stop.set()
    before = rows(native, ENTRIES)
    assert perform("update_blogs", Site("postgresql://unused", native), stop) == STOPPED
    assert rows(native, ENTRIES) == before
