"""A name that leads elsewhere when it is looked up once more; over real sockets."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from ported_domains.blogs import fetching
from ported_domains.blogs.addresses import is_elsewhere
from ported_domains.blogs.fetching import FeedError, feed_client, fetch
from tests.proxy.faults.certificates import Authority

PUBLIC, INSIDE = "127.0.0.2", "127.0.0.1"


class Server(BaseHTTPRequestHandler):
    """Says where it is and what it was asked for."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path in MOVED else 200)
        if to := MOVED.get(self.path):
            self.send_header("location", to.format(port=self.connection.getsockname()[1]))
        self.send_header("set-cookie", "known=1")
        self.end_headers()
        address, host = self.connection.getsockname()[0], self.headers["host"]
        cookie = self.headers.get("cookie", "")
        self.wfile.write(f"{address} {host} {self.path}{cookie}".encode())

    def log_message(self, *_: object) -> None: ...


MOVED = {
    "/moved": "/feed",
    "/away": "http://elsewhere.example:{port}/feed",
    "/none": "http:///feed",
}


@contextmanager
def serving(address: str, port: int = 0, certificate: Path | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer((address, port), Server)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server outside, and of one inside that nobody is to reach."""
    with ExitStack() as opened:
        found = opened.enter_context(serving(PUBLIC))
        opened.enter_context(serving(INSIDE, found))
        yield found


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, int]]:
    """Let a name lead somewhere the first time that it is looked up, and inside from then on.
    What is returned counts how often each was."""

    def lead(**first: list[str]) -> dict[str, int]:
        asked: dict[str, int] = {}
        real = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *others: Any, **named: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if not name.endswith(".example"):
                return real(host, port, *others, **named)
            asked[name] = asked.get(name, 0) + 1
            found = first[name.removesuffix(".example")] if asked[name] == 1 else [INSIDE]
            kind = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, ""
            return [(*kind, (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    for judge in ("is_public", "is_elsewhere"):
        monkeypatch.setattr(fetching, judge, lambda address: address != INSIDE)
    return lead


async def fetched(address: str, client: httpx.AsyncClient | None = None) -> str:
    async with client or feed_client() as asking:
        return (await fetch(asking, address)).content.decode()


@pytest.mark.parametrize("path", ["/feed", "/moved", "/none"])
async def test_a_name_is_looked_up_once(
    port: int, path: str, leads: Callable[..., dict[str, int]]
) -> None:
    asked = leads(feeds=[PUBLIC])
    said = await fetched(f"http://feeds.example:{port}{path}")
    assert said == f"{PUBLIC} feeds.example:{port} /feed"
    assert asked == {"feeds.example": 1}


async def test_whom_one_is_sent_on_to_is_looked_up_once(
    port: int, leads: Callable[..., dict[str, int]]
) -> None:
    asked = leads(feeds=[PUBLIC], elsewhere=[PUBLIC])
    said = await fetched(f"http://feeds.example:{port}/away")
    assert said == f"{PUBLIC} elsewhere.example:{port} /feed"
    assert asked == {"feeds.example": 1, "elsewhere.example": 1}


@pytest.mark.parametrize(
    ("first", "path", "why"),
    [
        ({"feeds": [INSIDE]}, "/feed", "its name leads to this machine or its link"),
        ({"feeds": [PUBLIC, INSIDE]}, "/feed", "its name leads to this machine or its link"),
        (
            {"feeds": [PUBLIC], "elsewhere": [PUBLIC, INSIDE]},
            "/away",
            "redirected to http://elsewhere.example:{port}/feed, which is no public address",
        ),
    ],
)
async def test_a_name_that_leads_inside_is_refused(
    port: int,
    leads: Callable[..., dict[str, int]],
    first: dict[str, list[str]],
    path: str,
    why: str,
) -> None:
    leads(**first)
    with pytest.raises(FeedError) as refused:
        await fetched(f"http://feeds.example:{port}{path}")
    assert str(refused.value) == f"http://feeds.example:{port}{path}: {why.format(port=port)}"


async def test_the_next_address_is_tried(port: int, leads: Callable[..., dict[str, int]]) -> None:
    leads(feeds=["127.0.0.3", PUBLIC])
    assert (
        await fetched(f"http://feeds.example:{port}/feed") == f"{PUBLIC} feeds.example:{port} /feed"
    )


async def test_a_certificate_is_for_the_name(
    leads: Callable[..., dict[str, int]], tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=str(authority.file))
    with serving(PUBLIC, certificate=authority.signed("feeds.example")) as port:
        leads(feeds=[PUBLIC], other=[PUBLIC])
        said = await fetched(
            f"https://feeds.example:{port}/feed", httpx.AsyncClient(verify=trusting)
        )
        assert said == f"{PUBLIC} feeds.example:{port} /feed"
        with pytest.raises(FeedError, match=r"certificate is not valid for 'other\.example'"):
            await fetched(f"https://other.example:{port}/feed", httpx.AsyncClient(verify=trusting))


async def test_a_proxy_looks_names_up_itself(
    port: int, leads: Callable[..., dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{PUBLIC}:{port}")
    monkeypatch.setenv("no_proxy", "direct.example")
    asked = leads(direct=[PUBLIC])
    said = await fetched("http://feeds.example/feed")
    assert said == f"{PUBLIC} feeds.example http://feeds.example/feed"
    assert asked == {}
    await fetched(f"http://direct.example:{port}/feed")
    assert asked == {"direct.example": 1}


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("10.0.0.1", True),
        ("93.184.216.34", True),
    ],
)
def test_what_is_elsewhere(address: str, elsewhere: bool) -> None:
    assert is_elsewhere(address) is elsewhere
