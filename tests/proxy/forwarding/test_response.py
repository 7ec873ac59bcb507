"""What of an answer reaches the client, and what makes it no answer at all."""

import asyncio

import pytest

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from tests.proxy.forwarding.scripted import Peer, Script, answering, forwarding

pytestmark = pytest.mark.musts

HEAD = b"HTTP/1.1 200 OK\r\n"
DATE = b"Date: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
UNREADABLE = Fault(Stage.AWAIT_HEAD, Side.UPSTREAM, Cause.INVALID)


def in_pieces(answer: bytes, size: int) -> Script:
    async def script(peer: Peer) -> None:
        await peer.head()
        for start in range(0, len(answer), size):
            await peer.say(answer[start : start + size])
            await asyncio.sleep(0)
        await peer.gone()

    return script


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_must_1_2_4_8_9_12_fields(size: int) -> None:
    """1, 2 hop-by-hop dropped, 4 Via added, 8 unknown fields, 9 order and Set-Cookie, 12 Date."""
    answer = (
        HEAD + DATE + b"Set-Cookie: a=1; Path=/; Expires=Mon, 01 Jan 2001 00:00:00 GMT\r\n"
        b"X-Unknown:  v \xe9\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\n"
        b"Keep-Alive: timeout=5\r\n"
        b'Set-Cookie: b="2"; HttpOnly\r\nVia: 1.0 cache\r\nUpgrade: h2\r\nProxy-Connection: x\r\n'
        b"Trailer: X-T\r\nAllow: GET, PUT\r\nWWW-Authenticate: Basic realm=a, Bearer\r\n"
        b"X-Request-ID: theirs\r\nStrangler-Owner: native\r\nVary: Cookie\r\n"
        b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
    )
    async with forwarding(in_pieces(answer, size)) as pair:
        reply = await pair.ask()
        assert reply.status == 200
        assert reply.headers == [
            (b"date", b"Mon, 01 Jan 2001 00:00:00 GMT"),
            (b"set-cookie", b"a=1; Path=/; Expires=Mon, 01 Jan 2001 00:00:00 GMT"),
            (b"x-unknown", b"v \xe9"),
            (b"set-cookie", b'b="2"; HttpOnly'),
            (b"via", b"1.0 cache"),
            (b"allow", b"GET, PUT"),
            (b"www-authenticate", b"Basic realm=a, Bearer"),
            (b"vary", b"Cookie"),
            (b"content-encoding", b"gzip"),
            (b"content-length", b"2"),
            (b"via", b"1.1 strangler"),
        ]
        assert (reply.body, reply.finished) == (b"\x1f\x8b", True)


async def test_must_12_date_is_added() -> None:
    async with forwarding() as pair:
        assert len((await pair.ask()).values(b"date")) == 1


@pytest.mark.parametrize("size", [1, 100_000])
async def test_must_11_trailers_are_not_merged(size: int) -> None:
    answer = (
        HEAD + b"Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
        b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\nSet-Cookie: evil=1\r\n\r\n"
    )
    async with forwarding(in_pieces(answer, size)) as pair:
        reply = await pair.ask()
        assert (reply.body, reply.finished) == (b"abcde", True)
        assert {name for name, _ in reply.headers} == {b"date", b"via"}
        assert pair.forwarder.pool.idle == 1


@pytest.mark.parametrize("size", [1, 100_000])
async def test_must_21_interim_is_never_final(size: int) -> None:
    answer = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        + HEAD
        + b"Content-Length: 2\r\n\r\nok"
    )
    async with forwarding(in_pieces(answer, size)) as pair:
        reply = await pair.ask()
        assert (reply.status, reply.body, reply.values(b"link")) == (200, b"ok", [])


@pytest.mark.parametrize(
    ("method", "status", "fields", "kept"),
    [
        ("HEAD", b"200", b"Content-Length: 10\r\n", [b"10"]),
        ("HEAD", b"200", b"Transfer-Encoding: chunked\r\n", []),
        ("GET", b"304", b"Content-Length: 10\r\n", [b"10"]),
        ("GET", b"304", b"", []),
        ("GET", b"204", b"", []),
    ],
)
async def test_must_17_no_body(
    method: str, status: bytes, fields: bytes, kept: list[bytes]
) -> None:
    """Complete without a body, and the connection is used again."""
    answer = b"HTTP/1.1 " + status + b" X\r\n" + fields + b"\r\n"
    async with forwarding(answering(answer)) as pair:
        for _ in range(2):
            reply = await pair.ask(method)
            assert reply.status == int(status)
            assert (reply.body, reply.finished) == (b"", True)
            assert reply.values(b"content-length") == kept
            assert reply.values(b"transfer-encoding") == []
        assert len(pair.upstream.peers) == 1


async def test_must_16_no_length_in_204() -> None:
    async with forwarding(answering(b"HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n")) as pair:
        assert (await pair.ask()).values(b"content-length") == []


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", HEAD + b"Content-Length: 5\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 204 X\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello"),
        ("GET", HEAD + b"Content-Length: 0\r\n\r\n" + HEAD + b"Content-Length: 4\r\n\r\nevil"),
        ("GET", HEAD + b"Content-Length: 0\r\n\r\nx"),
        ("GET", HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx"),
    ],
)
async def test_must_18_and_40_surplus_is_never_an_answer(method: str, answer: bytes) -> None:
    async with forwarding(answering(answer)) as pair:
        for _ in range(2):
            reply = await pair.ask(method)
            assert (reply.body, reply.finished, reply.outcome.fault) == (b"", True, None)
        assert len(pair.upstream.peers) == 2


async def test_must_40_surplus_that_comes_later() -> None:
    """Bytes between two exchanges belong to neither."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(HEAD + b"Content-Length: 0\r\n\r\n")
        await peer.say(HEAD + b"Content-Length: 4\r\n\r\nevil")
        await peer.gone()

    async with forwarding(script) as pair:
        for _ in range(2):
            assert (await pair.ask()).body == b""
            await asyncio.wait_for(pair.upstream.peers[-1].writer.wait_closed(), 5)
        assert len(pair.upstream.peers) == 2


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        HEAD + b"Content-Length: 5, 6\r\n\r\nhello",
        HEAD + b"Content-Length: -5\r\n\r\nhello",
        HEAD + b"Content-Length: +5\r\n\r\nhello",
        HEAD + b"Content-Length: 0x5\r\n\r\nhello",
        HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 2000 X\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"SSH-2.0-OpenSSH\r\n",
        HEAD + b"X-A: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
        HEAD + b" X-A: b\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X-A: b\rc\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X-A: b\0c\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X A: b\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_must_34_36_39_unreadable_is_502(answer: bytes) -> None:
    async with forwarding(answering(answer)) as pair:
        reply = await pair.ask()
        assert (reply.status, reply.body) == (502, b"502 Bad Gateway\n")
        assert reply.outcome.fault == UNREADABLE
        assert pair.forwarder.pool.open == 0


@pytest.mark.parametrize("size", [1, 100_000])
async def test_must_33_space_before_the_colon_is_stripped(size: int) -> None:
    answer = HEAD + b"X-A : b\r\nContent-Length \t: 2\r\n\r\nok"
    async with forwarding(in_pieces(answer, size)) as pair:
        reply = await pair.ask()
        assert (reply.status, reply.body) == (200, b"ok")
        assert reply.values(b"x-a") == [b"b"]


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"X-A: " + b"a" * 70_000,
        HEAD + b"X-A: " + b"a" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X-A: b\r\n" * 201 + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 103 X\r\nLink: a\r\n\r\n" * 3000,
    ],
)
async def test_head_is_bounded(answer: bytes) -> None:
    async with forwarding(answering(answer)) as pair:
        reply = await pair.ask()
        assert reply.status == 502
        assert reply.outcome.fault == Fault(Stage.AWAIT_HEAD, Side.UPSTREAM, Cause.LIMIT)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_body_until_close(version: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/" + version + b" 200 OK\r\n\r\n", b"to the ", b"end")
        peer.writer.close()

    async with forwarding(script) as pair:
        reply = await pair.ask()
        assert (reply.body, reply.finished, reply.broken) == (b"to the end", True, False)
        assert reply.values(b"via") == [version + b" strangler"]
        assert pair.forwarder.pool.open == 0


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        HEAD + b"Connection: x, Close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_must_43_upstream_says_close(answer: bytes) -> None:
    async with forwarding(answering(answer)) as pair:
        for _ in range(2):
            assert (await pair.ask()).body == b"ok"
        assert len(pair.upstream.peers) == 2


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 10\r\n\r\n",
        HEAD + b"Content-Length: 10\r\n\r\nhalf",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nA\r\nhalf",
    ],
)
@pytest.mark.parametrize("reset", [False, True])
async def test_must_40_truncated_is_broken(answer: bytes, *, reset: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(answer)
        if reset:
            await asyncio.sleep(0.05)
            peer.reset()

    async with forwarding(script) as pair:
        reply = await pair.ask()
        assert (reply.status, reply.broken, reply.finished) == (200, True, False)
        assert reply.outcome.fault == Fault(Stage.RECEIVE_BODY, Side.UPSTREAM, Cause.CLOSED)
        assert reply.body in (b"", b"half")
        assert pair.forwarder.pool.open == 0


async def test_must_40_until_close_is_broken_by_a_reset() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(HEAD + b"\r\nhalf")
        await asyncio.sleep(0.05)
        peer.reset()

    async with forwarding(script) as pair:
        reply = await pair.ask()
        assert (reply.broken, reply.finished) == (True, False)


@pytest.mark.parametrize("size", [b"0x3", b"+3", b"1_0", b"f" * 17, b"-1", b" 3"])
async def test_must_41_bad_chunk(size: bytes) -> None:
    answer = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabc\r\n0\r\n\r\n"
    async with forwarding(answering(answer)) as pair:
        reply = await pair.ask()
        assert (reply.status, reply.outcome.fault) == (502, UNREADABLE)
