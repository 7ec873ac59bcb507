"""The bundled legacy site's streams: events, uploads of any length, WebSocket."""

import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from proxy.demo.parts import SITE_STOP_SECONDS, LegacySite

LARGE = Random(7).randbytes(1024 * 1024)  # deflate cannot make it small
SECONDS = 10


@pytest.fixture
def visitor(legacy_site: LegacySite) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=legacy_site.url, timeout=SECONDS, trust_env=False) as client:
        yield client


@pytest.fixture
def channel(legacy_site: LegacySite) -> Iterator[ClientConnection]:
    url = f"{legacy_site.url.replace('http', 'ws', 1)}/streams/echo/"
    with connect(url, proxy=None, max_size=None) as client:
        yield client


def test_the_page_names_its_script(visitor: httpx.Client) -> None:
    assert 'src="/static/js/streams.js"' in visitor.get("/streams/").raise_for_status().text
    assert visitor.get("/static/js/streams.js").status_code == 200


def test_each_event_waits_for_the_one_before(visitor: httpx.Client) -> None:
    page = f"/streams/events/{uuid4()}/"
    seen = []
    with visitor.stream("GET", page) as answer:
        for line in answer.iter_lines():
            seen.append(line)
            if line.startswith("data: event"):
                number = line.split()[2]
                # Neither another number nor another stream's lets it go on.
                for wrong in (f"{page}ack?n=0", f"/streams/events/{uuid4()}/ack?n={number}"):
                    assert visitor.post(wrong).status_code == 204
                assert visitor.post(f"{page}ack?n={number}").status_code == 204
    assert answer.headers["content-type"] == "text/event-stream"
    numbered = [(f"id: {n}", f"data: event {n} of 5", "") for n in range(1, 6)]
    assert seen == [*sum(numbered, ()), "event: end", "data: that was all", ""]


def test_a_watcher_who_leaves_is_noticed(visitor: httpx.Client, legacy_site: LegacySite) -> None:
    """With the next event: nothing waits for a watcher who is gone."""
    page = f"/streams/events/{uuid4()}/"
    listening = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query = 'LISTEN streams'"
    )
    with psycopg.connect(legacy_site.database_url, autocommit=True) as connection:
        with visitor.stream("GET", page) as answer:
            assert next(answer.iter_lines()) == "id: 1"
            assert connection.execute(listening).fetchone() == (1,)
        deadline = time.monotonic() + SECONDS
        while connection.execute(listening).fetchone() != (0,):
            assert time.monotonic() < deadline
            for number in (1, 2, 3):
                visitor.post(f"{page}ack?n={number}")


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 3 * 1024 * 1024 + 1])
def test_an_upload_is_counted_and_hashed(visitor: httpx.Client, method: str, size: int) -> None:
    body = Random(size).randbytes(size)
    answer = visitor.request(method, "/streams/sink/", content=body)
    assert answer.status_code == 200
    assert answer.json() == {"bytes": size, "sha256": hashlib.sha256(body).hexdigest()}


def test_a_chunked_upload_is_counted_and_hashed(visitor: httpx.Client) -> None:
    pieces = (LARGE, b"x", LARGE)
    answer = visitor.put("/streams/sink/", content=iter(pieces))
    assert answer.request.headers["transfer-encoding"] == "chunked"
    body = b"".join(pieces)
    assert answer.json() == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_an_upload_is_never_kept(visitor: httpx.Client, legacy_site: LegacySite) -> None:
    before = sorted(legacy_site.media.rglob("*"))
    visitor.post("/streams/sink/", content=LARGE).raise_for_status()
    assert sorted(legacy_site.media.rglob("*")) == before


@pytest.mark.parametrize(
    "message",
    ["text é", "", b"", bytes(range(256)), LARGE, "x" * len(LARGE)],
    ids=["text", "empty", "no bytes", "bytes", "large", "large text"],
)
def test_a_message_comes_back(channel: ClientConnection, message: str | bytes) -> None:
    channel.send(message)
    assert channel.recv(timeout=SECONDS) == message


def test_our_close_code_is_answered_with_the_same(channel: ClientConnection) -> None:
    channel.close(4001, "seen")
    assert channel.protocol.close_rcvd is not None
    assert channel.protocol.close_rcvd.code == 4001


def test_the_site_closes_when_asked_to(channel: ClientConnection) -> None:
    channel.send("close 4002 quite enough")
    with pytest.raises(ConnectionClosed) as closed:
        channel.recv(timeout=SECONDS)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4002, "quite enough")


def test_nothing_follows_the_closing_frame(legacy_site: LegacySite) -> None:
    """gunicorn must not write an HTTP answer where a WebSocket has been."""
    port = int(legacy_site.url.rpartition(":")[2])
    head = (
        b"GET /streams/echo/ HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    closing = b"\x88\x82" + bytes(4) + (1000).to_bytes(2, "big")
    with socket.create_connection(("127.0.0.1", port), SECONDS) as raw:
        raw.sendall(head)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += raw.recv(4096)
        raw.sendall(closing)
        after = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert after == b"\x88\x02" + (1000).to_bytes(2, "big")


def test_an_open_channel_does_not_hold_the_end_of_the_site_back(
    legacy_database_url: str, tmp_path: Path
) -> None:
    site = LegacySite(legacy_database_url, tmp_path)
    site.start()
    with connect(f"{site.url.replace('http', 'ws', 1)}/streams/echo/", proxy=None) as client:
        client.send("still here")
        assert client.recv(timeout=SECONDS) == "still here"
        began = time.monotonic()
        site.stop()
        assert time.monotonic() - began < SECONDS - SITE_STOP_SECONDS
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=SECONDS)


def test_a_plain_request_is_told_to_upgrade(visitor: httpx.Client) -> None:
    answer = visitor.get("/streams/echo/")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
