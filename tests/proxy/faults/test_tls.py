"""An upstream under TLS: the same, and what only TLS can do wrong."""

import asyncio
import hashlib
import itertools
import ssl
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.proxy.faults.certificates import DAY, Authority
from tests.proxy.faults.parts import suspended
from tests.proxy.faults.play import Play
from tests.proxy.faults.proxy import FaultHarness, Settings, rerouted, running
from tests.proxy.faults.secure import (
    Script,
    SecureUpstream,
    cut,
    has_parted,
    length_of,
    part,
    read_body,
    read_head,
)
from tests.proxy.http.ends import PATIENCE, Client, Peer
from tests.proxy.http.harness import answer, chunked, request
from tests.proxy.http.upstream import Upstream

pytestmark = pytest.mark.faults

LARGE = bytes(range(256)) * 48_000
"""12 MB, more than all buffers together."""


@dataclass
class Secure:
    """The proxy, an authority it trusts, and upstreams that are made for a test."""

    harness: FaultHarness
    authority: Authority
    made: list[SecureUpstream]

    async def upstream(
        self,
        script: Script,
        certificate: Path | None = None,
        version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ) -> SecureUpstream:
        """All requests go there from now on."""
        one = SecureUpstream(certificate or self.authority.signed("localhost"), script, version)
        self.made.append(one)
        await self.route(one.url)
        return one

    async def route(self, url: str) -> None:
        await rerouted(self.harness.proxy, Settings(urls=[url], timeout=5.0).routing())


@pytest_asyncio.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    environment = {"SSL_CERT_FILE": str(authority.file)}
    async with running(folder, environment=environment) as harness:
        yield Secure(harness, authority, [])


@pytest_asyncio.fixture
async def secure(secured: Secure) -> AsyncIterator[Secure]:
    yield secured
    await secured.harness.forget()
    made = list(secured.made)
    secured.made.clear()
    for one in made:
        one.close()
    assert [failure for one in made for failure in one.failures] == []


def serving(secured: ssl.SSLSocket) -> None:
    """Answer with the target, and the digest of the body that has a length."""
    while True:
        head, rest = read_head(secured)
        if not head:
            return
        body = read_body(secured, length_of(head), rest)
        digest = hashlib.sha256(body).hexdigest().encode()
        secured.sendall(answer(body=head.split(b" ")[1] + b" " + digest))


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


async def test_requests_share_a_connection(secure: Secure) -> None:
    one = await secure.upstream(serving)
    for target, body in ((b"/get", b""), (b"/post", b"hello"), (b"/again", b"")):
        method = b"POST" if body else b"GET"
        came = await secure.harness.ask(request(target, method=method, body=body))
        assert (came.status, came.body) == (200, target + b" " + digest(body))
    assert one.connections == 1


@pytest.mark.parametrize(
    ("host", "valid", "reason"),
    [
        ("other.example.org", DAY, "Hostname mismatch"),
        ("localhost", timedelta(days=-1), "certificate has expired"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(
    secure: Secure, host: str, valid: timedelta, reason: str
) -> None:
    one = await secure.upstream(serving, secure.authority.signed(host, valid=valid))
    assert (await secure.harness.ask(request())).status == 502
    line = await secure.harness.line(status=502)
    assert line["fault"] == "connect/upstream/closed"
    assert reason in secure.harness.proxy.log.read_text()
    assert one.connections == 0


async def test_an_authority_that_nobody_trusts_is_refused(secure: Secure, tmp_path: Path) -> None:
    one = await secure.upstream(serving, Authority(tmp_path, "stranger").signed("localhost"))
    assert (await secure.harness.ask(request())).status == 502
    assert (await secure.harness.line(status=502))["fault"] == "connect/upstream/closed"
    assert one.connections == 0


async def test_an_upstream_without_tls(secure: Secure) -> None:
    """It takes the handshake for a bad request, and says so."""
    one = Upstream()

    async def bad_request(peer: Peer) -> None:
        await peer.some()
        await peer.say(answer(status=b"400 Bad Request"))

    one.play(bad_request)
    await secure.route(f"https://localhost:{one.port}")
    assert (await secure.harness.ask(request())).status == 502
    assert (await secure.harness.line(status=502))["fault"] == "connect/upstream/closed"
    await one.close()


async def test_a_handshake_that_stalls(secure: Secure) -> None:
    one = Upstream()

    async def stalls(peer: Peer) -> None:
        await peer.gone()

    one.play(stalls)
    await secure.route(f"https://localhost:{one.port}")
    assert (await secure.harness.ask(request())).status == 504
    assert (await secure.harness.line(status=504))["fault"] == "connect/upstream/late"
    await one.close()


# how an answer ends


def ending(begun: bytes, *, alert: bool) -> Script:
    def script(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.sendall(begun)
        if alert:
            part(secured)
        else:
            cut(secured)

    return script


UNSIZED = b"HTTP/1.1 200 OK\r\n\r\nhello"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"


@pytest.mark.parametrize(
    ("begun", "alert", "seen"),
    [
        (UNSIZED, True, "200"),
        (UNSIZED, False, "200, then reset"),
        (SIZED, True, "200, then reset"),
        (SIZED, False, "200, then reset"),
        (b"", True, "502"),
        (b"", False, "502"),
    ],
)
async def test_only_a_close_alert_ends_an_answer(
    secure: Secure, begun: bytes, alert: bool, seen: str
) -> None:
    await secure.upstream(ending(begun, alert=alert))
    client = await secure.harness.client()
    await client.say(request(b"/ends"))
    play = Play(secure.harness)
    assert await play.see(client) == seen
    line = await secure.harness.line(path="/ends")
    stage = "receive_body" if begun else "await_head"
    assert line.get("fault") == (None if seen == "200" else f"{stage}/upstream/closed")


# large bodies


async def test_a_large_upload(secure: Secure) -> None:
    await secure.upstream(serving)
    came = await secure.harness.ask(request(b"/up", method=b"POST", body=LARGE))
    assert (came.status, came.body) == (200, b"/up " + digest(LARGE))


async def test_a_large_upload_in_chunks(secure: Secure) -> None:
    def decodes(secured: ssl.SSLSocket) -> None:
        head, data = read_head(secured)
        assert b"transfer-encoding: chunked" in head.lower()
        while not data.endswith(b"0\r\n\r\n"):
            data += secured.recv(65536)
        secured.sendall(answer(body=digest(decoded(data))))

    await secure.upstream(decodes)
    pieces = [LARGE[at : at + 100_000] for at in range(0, 4_000_000, 100_000)]
    said = request(b"/up", b"Transfer-Encoding: chunked", method=b"POST") + chunked(*pieces)
    came = await secure.harness.ask(said)
    assert (came.status, came.body) == (200, digest(b"".join(pieces)))


def decoded(data: bytes) -> bytes:
    body, at = bytearray(), 0
    while size := int(data[at : (end := data.index(b"\r\n", at))], 16):
        body += data[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
    return bytes(body)


@pytest.mark.parametrize("receive_buffer", [0, 4096])
async def test_a_large_answer(secure: Secure, receive_buffer: int) -> None:
    """Also to a client that takes little at a time, so that the upstream has to wait."""
    size = len(LARGE) if not receive_buffer else 3_000_000

    def speaks(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.sendall(answer(body=LARGE[:size]))
        read_head(secured)

    await secure.upstream(speaks)
    client = await secure.harness.client(receive_buffer=receive_buffer)
    await client.say(request(b"/down"))
    came = await client.answer()
    assert (came.status, digest(came.body)) == (200, digest(LARGE[:size]))


# kept connections


@pytest.mark.parametrize("alert", [True, False])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_closed_at_the_moment_a_request_comes(
    secure: Secure, alert: bool, method: bytes
) -> None:
    """The end is there before the request is sent on: none may be lost."""
    go, gone = threading.Event(), threading.Event()

    def once(secured: ssl.SSLSocket) -> None:
        head, _ = read_head(secured)
        secured.sendall(answer(body=head.split(b" ")[1]))
        assert go.wait(PATIENCE)
        secured.setblocking(False)  # the proxy's own alert is not waited for
        part(secured) if alert else cut(secured)
        gone.set()

    one = await secure.upstream(once)
    client = await secure.harness.client()
    await client.say(request(b"/first"))
    assert (await client.answer()).body == b"/first"
    with suspended(secure.harness.proxy):
        await client.say(request(b"/second", method=method))
        go.set()
        assert await asyncio.to_thread(gone.wait, PATIENCE)
    assert (await client.answer()).body == b"/second"
    assert one.connections == 2


# tunnels

VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


async def tunnel(secure: Secure, receive_buffer: int = 0) -> Client:
    client: Client = await secure.harness.client(receive_buffer=receive_buffer)
    await client.say(request(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket"))
    assert (await client.head()).status == 101
    return client


@VERSIONS
async def test_a_tunnel(secure: Secure, version: ssl.TLSVersion) -> None:
    """Octets pass both ways; an end of either side reaches the other, and an answer to it us."""

    def echoes(secured: ssl.SSLSocket) -> None:
        head, _ = read_head(secured)
        assert b"\r\nupgrade: websocket" in head.lower()
        assert secured.version() == version.name.replace("_", ".")
        secured.sendall(SWITCHING)
        while data := secured.recv(65536):
            secured.sendall(data)
        secured.sendall(b"bye")
        part(secured)

    await secure.upstream(echoes, version=version)
    client = await tunnel(secure)
    await client.say(LARGE[:100_000])
    assert await client.exactly(100_000) == LARGE[:100_000]
    client.half_close()
    assert await client.rest() == b"bye"


@VERSIONS
@pytest.mark.parametrize("receive_buffer", [0, 4096])
async def test_an_upstream_that_never_pauses(
    secure: Secure, version: ssl.TLSVersion, receive_buffer: int
) -> None:
    """The client ends its half amid the stream, and gets every octet up to the upstream's end."""
    said = hashlib.sha256()

    def streams(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.sendall(SWITCHING)
        left = 3_000_000  # after the proxy has passed on the client's end
        for number in itertools.count():
            piece = b"%d," % number * 4000
            secured.sendall(piece)
            said.update(piece)
            if left < 3_000_000 or has_parted(secured):
                left -= len(piece)
            if left <= 0:
                break
        part(secured)

    await secure.upstream(streams, version=version)
    client = await tunnel(secure, receive_buffer)
    begun = await client.exactly(1_000_000)
    client.half_close()
    rest = await client.rest()
    assert digest(begun + rest) == said.hexdigest().encode()
    assert len(rest) >= 3_000_000
