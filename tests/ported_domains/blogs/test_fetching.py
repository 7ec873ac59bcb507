"""Where feeds are fetched from, and how much of them; over real sockets."""

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ported_domains.blogs import fetching
from ported_domains.blogs.fetching import FeedError, Fetched, feed_client, fetch

FEED = b"<rss/>"
LARGEST = 1 << 10
PACKED = {"content-encoding": "gzip"}
ANSWERS = {
    "/feed": (200, {}, FEED),
    "/packed": (200, PACKED, gzip.compress(FEED)),
    "/bomb": (200, PACKED, gzip.compress(bytes(LARGEST + 1))),
    "/long": (200, {}, bytes(LARGEST + 1)),
    "/torn": (200, PACKED, FEED),
    "/brotli": (200, {"content-encoding": "br"}, FEED),
    "/moved": (301, {"location": "/feed"}, b""),
    "/round": (302, {"location": "/round"}, b""),
    "/metadata": (302, {"location": "http://169.254.169.254/latest"}, b""),
    "/inside": (302, {"location": "http://127.0.0.1:1/"}, b""),
    "/mapped": (302, {"location": "http://[::ffff:127.0.0.1]:1/"}, b""),
    "/number": (302, {"location": "http://2130706433/"}, b""),
    "/file": (302, {"location": "file:///etc/passwd"}, b""),
}


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = ANSWERS[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


async def fetched(address: str) -> Fetched:
    async with feed_client() as client:
        return await fetch(client, address)


@pytest.mark.parametrize(
    ("path", "found"), [("/feed", "/feed"), ("/packed", "/packed"), ("/moved", "/feed")]
)
async def test_a_feed_is_fetched(url: str, path: str, found: str) -> None:
    assert await fetched(f"{url}{path}") == Fetched(FEED, f"{url}{found}", "")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/bomb", "longer than 1024 octets"),
        ("/long", "longer than 1024 octets"),
        ("/brotli", "packed as br, and not as gzip"),
        ("/round", "more than 5 redirects"),
        ("/metadata", "redirected to http://169.254.169.254/latest, which is no public address"),
        ("/inside", "redirected to http://127.0.0.1:1/, which is no public address"),
        ("/mapped", "redirected to http://[::ffff:127.0.0.1]:1/, which is no public address"),
        ("/number", "redirected to http://2130706433/, which is no public address"),
    ],
)
async def test_what_is_too_much_or_leads_inside_is_refused(
    url: str, path: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", LARGEST)
    with pytest.raises(FeedError) as refused:
        await fetched(f"{url}{path}")
    assert str(refused.value) == f"{url}{path}: {why}"


@pytest.mark.parametrize(("path", "why"), [("/torn", "cannot be unpacked"), ("/file", "")])
async def test_what_no_feed_can_be_read_from_is_a_fault(url: str, path: str, why: str) -> None:
    with pytest.raises(FeedError, match=f"{url}{path}: {why}"):
        await fetched(f"{url}{path}")
