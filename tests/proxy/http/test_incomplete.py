"""Answers that end too early are never complete, and octets too many are never an answer."""

import pytest

from tests.proxy.http.ends import Client, Peer, TruncatedError
from tests.proxy.http.harness import Harness, answer, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering, left_to_the_test

pytestmark = pytest.mark.musts

HEAD = b"HTTP/1.1 200 OK\r\n" + DATE
SIZED = HEAD + b"Content-Length: 10\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNSIZED = HEAD + b"\r\n"
BAD_GATEWAY = b"502 Bad Gateway\n"

CUT = {
    "sized, nothing": (SIZED, b""),
    "sized, one octet": (SIZED, b"x"),
    "sized, all but one octet": (SIZED, b"123456789"),
    "sized, much": (HEAD + b"Content-Length: 300000\r\n\r\n", b"x" * 299_999),
    "chunked, nothing": (CHUNKED, b""),
    "chunked, a piece of a size": (CHUNKED, b"5"),
    "chunked, a size": (CHUNKED, b"5\r\n"),
    "chunked, a piece of a chunk": (CHUNKED, b"5\r\nhel"),
    "chunked, a chunk without its end": (CHUNKED, b"5\r\nhello"),
    "chunked, a chunk with half an end": (CHUNKED, b"5\r\nhello\r"),
    "chunked, a chunk": (CHUNKED, b"5\r\nhello\r\n"),
    "chunked, a piece of the last size": (CHUNKED, b"5\r\nhello\r\n0"),
    "chunked, the last size": (CHUNKED, b"5\r\nhello\r\n0\r\n"),
    "chunked, half of the empty line": (CHUNKED, b"5\r\nhello\r\n0\r\n\r"),
    "chunked, a piece of a trailer": (CHUNKED, b"5\r\nhello\r\n0\r\nX-Any: 1"),
    "chunked, a trailer": (CHUNKED, b"5\r\nhello\r\n0\r\nX-Any: 1\r\n"),
}


async def begun(harness: Harness, head: bytes, version: bytes = b"1.1") -> tuple[Client, Peer]:
    """Both ends, once the head has passed; the upstream's next connection answers OK."""
    harness.upstream.play(left_to_the_test, answering(OK))
    client = await harness.client()
    await client.say(request(b"/cut", version=version))
    peer = await harness.upstream.peer()
    await peer.request()
    await peer.say(head)
    return client, peer


def end(peer: Peer, how: str) -> None:
    if how == "reset":
        peer.reset()
    else:
        peer.half_close()


@pytest.mark.must(40)
@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize(("head", "part"), CUT.values(), ids=CUT)
async def test_a_cut_answer_arrives_as_cut(
    harness: Harness, head: bytes, part: bytes, version: bytes, how: str
) -> None:
    """By a reset: an orderly end would be that of an answer to HTTP/1.0."""
    client, peer = await begun(harness, head, version)
    assert (await client.head()).status == 200
    await peer.say(part)
    end(peer, how)
    assert await client.gone() == "reset"
    assert b"0\r\n\r\n" not in client.received


@pytest.mark.must(40)
@pytest.mark.parametrize(("head", "part"), CUT.values(), ids=CUT)
async def test_also_where_it_is_cut_at_once(harness: Harness, head: bytes, part: bytes) -> None:
    """All of it in one piece, with the end right behind."""
    client, peer = await begun(harness, head + part)
    end(peer, "closed")
    with pytest.raises(TruncatedError) as error:
        await client.answer()
    assert error.value.how == "reset"


@pytest.mark.must(40)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("part", [b"", b"hello", b"x" * 300_000], ids=["nothing", "some", "much"])
async def test_without_a_length_an_orderly_end_is_the_answers(
    harness: Harness, part: bytes, version: bytes
) -> None:
    client, peer = await begun(harness, UNSIZED, version)
    await peer.say(part)
    end(peer, "closed")
    assert (await client.answer()).body == part


@pytest.mark.must(40)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("part", [b"", b"hello"])
async def test_and_a_reset_is_not(harness: Harness, part: bytes, version: bytes) -> None:
    client, peer = await begun(harness, UNSIZED, version)
    assert (await client.head()).status == 200
    await peer.say(part)
    peer.reset()
    assert await client.gone() == "reset"
    assert b"0\r\n\r\n" not in client.received
    line = await harness.line(path="/cut")
    assert (line["status"], line["fault"]) == (200, "receive_body/upstream/closed")


@pytest.mark.must(40)
async def test_one_that_stops_coming_is_cut(harness: Harness) -> None:
    """`timeout` after its last octet, whatever its framing and whoever asked."""
    harness.upstream.play(left_to_the_test)
    clients = []
    for number in range(6):
        client = await harness.client()
        await client.say(request(b"/cut", version=b"1.%d" % (number % 2)))
        peer = await harness.upstream.peer(number)
        await peer.request()
        await peer.say((SIZED, CHUNKED, UNSIZED)[number // 2])
        clients.append(client)
    for client in clients:
        assert await client.gone() == "reset"
        assert b"0\r\n\r\n" not in client.received
    line = await harness.line(path="/cut")
    assert (line["status"], line["fault"]) == (200, "receive_body/upstream/late")


@pytest.mark.must(40)
@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"H",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200",
    ],
)
async def test_a_cut_head_is_a_bad_gateway(harness: Harness, part: bytes, how: str) -> None:
    client, peer = await begun(harness, part)
    end(peer, how)
    came = await client.answer()
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    await client.say(request(b"/next"))
    assert (await client.answer()).body == b"ok"


EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
WHOLE = {
    "sized": ("GET", HEAD + b"Content-Length: 2\r\n\r\nok"),
    "of no size": ("GET", HEAD + b"Content-Length: 0\r\n\r\n"),
    "chunked": ("GET", CHUNKED + chunked(b"ok")),
    "with trailers": ("GET", CHUNKED + chunked(b"ok", trailers=b"X-Any: 1\r\n")),
    "to HEAD": ("HEAD", HEAD + b"Content-Length: 2\r\n\r\n"),
    "204": ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "304": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n"),
    "large": ("GET", HEAD + b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000),
    "after interim ones": ("GET", b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK),
}
SURPLUS = {"an answer": EVIL, "a line end": b"\r\n", "an octet": b"x", "much": EVIL * 10_000}


@pytest.mark.must(40, 42)
@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize(("method", "whole"), WHOLE.values(), ids=WHOLE)
async def test_surplus_is_never_the_next_answer(
    harness: Harness, method: str, whole: bytes, surplus: bytes
) -> None:
    """Neither on this connection of the client, where the next request waits already, nor on
    another. The octets reach nobody, and the connection they came on is closed."""
    client, peer = await begun_with(harness, method, request(b"/next"))
    await peer.say(whole + surplus)
    first = await client.answer(method)
    assert b"evil" not in first.body
    second = await client.answer()
    assert (second.status, second.body) == (200, b"ok")
    assert (await harness.ask(request(b"/other"))).body == b"ok"
    await peer.gone()
    assert client.silent()
    assert b"evil" not in client.received
    assert [head.target for head in peer.heads] == [b"/"]


async def begun_with(harness: Harness, method: str, pipelined: bytes) -> tuple[Client, Peer]:
    harness.upstream.play(left_to_the_test, answering(OK))
    client = await harness.client()
    await client.say(request(method=method.encode()) + pipelined)
    peer = await harness.upstream.peer()
    await peer.request()
    return client, peer


@pytest.mark.must(40, 42)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
@pytest.mark.parametrize("size", [65_536, 131_072])
async def test_nor_where_the_answer_fills_what_is_read_at_once(
    harness: Harness, size: int, method: bytes
) -> None:
    """The surplus is then still in the kernel while the next request is already at hand."""
    whole = HEAD + b"Content-Length: %d\r\n\r\n"
    length = size - len(whole % size) + (len(b"%d" % size) - len(b"%d" % (size - 200)))
    whole = whole % length + b"x" * length
    assert len(whole) == size
    client, peer = await begun_with(harness, "GET", request(b"/next", method=method))
    await peer.say(whole + EVIL)
    assert len((await client.answer()).body) == length
    assert (await client.answer()).body == b"ok"
    assert [head.target for head in peer.heads] == [b"/"]


@pytest.mark.must(40, 42)
@pytest.mark.parametrize("unasked", [EVIL, b"x", b"\r\n", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_nor_is_what_comes_unasked(harness: Harness, unasked: bytes) -> None:
    """Once the exchange is over, on a connection that is kept."""
    client, peer = await begun(harness, OK)
    assert (await client.answer()).body == b"ok"
    await peer.say(unasked)
    await peer.gone()
    await client.say(request(b"/next"))
    assert (await client.answer()).body == b"ok"
    assert client.silent()
    assert len(harness.upstream.peers) == 2


@pytest.mark.must(40, 42)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_two_answers_to_one_request_are_one(harness: Harness, method: str) -> None:
    """However many visitors wait for theirs."""
    harness.upstream.play(answering(answer(body=b"mine") + EVIL), answering(OK))
    first, second = await harness.client(), await harness.client()
    await first.say(request(b"/first", method=method.encode()))
    assert (await first.answer()).body == b"mine"
    await second.say(request(b"/second"))
    assert (await second.answer()).body == b"ok"
    assert [[head.target for head in peer.heads] for peer in harness.upstream.peers] == [
        [b"/first"],
        [b"/second"],
    ]
