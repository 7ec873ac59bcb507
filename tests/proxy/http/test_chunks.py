"""Chunk sizes are read strictly: what two readers could take for two sizes is none."""

import pytest

from tests.proxy.http.ends import Client, Peer
from tests.proxy.http.harness import Harness, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering, left_to_the_test

pytestmark = pytest.mark.musts

CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: www.example.org\r\n\r\n"

BAD = {
    "0x": b"0x5\r\nhello\r\n",
    "0X": b"0X5\r\nhello\r\n",
    "h": b"5h\r\nhello\r\n",
    "plus": b"+5\r\nhello\r\n",
    "minus": b"-5\r\nhello\r\n",
    "minus nought": b"-0\r\n\r\n",
    "underscore": b"0_5\r\nhello\r\n",
    "a comma": b"5,5\r\nhello\r\n",
    "a point": b"5.0\r\nhello\r\n",
    "two numbers": b"5 5\r\nhello\r\n",
    "a space before": b" 5\r\nhello\r\n",
    "a tab before": b"\t5\r\nhello\r\n",
    "an empty line before": b"\r\n5\r\nhello\r\n",
    "nothing": b"\r\nhello\r\n",
    "an extension only": b";a=b\r\nhello\r\n",
    "letters": b"xyz\r\nhello\r\n",
    "quotes": b'"5"\r\nhello\r\n',
    "NUL": b"5\0\r\nhello\r\n",
    "VT": b"5\x0b\r\nhello\r\n",
    "NEL": b"5\x85\r\nhello\r\n",
    "other digits": b"\xd9\xa5\r\nhello\r\n",
    "16 digits": b"0000000000000005\r\nhello\r\n",
    "2^32 + 5": b"0000000100000005" + b"\r\nhello\r\n",
    "2^64 + 5": b"10000000000000005\r\nhello\r\n",
    "2^64 - 1": b"ffffffffffffffff\r\nhello\r\n",
    "2^63": b"8000000000000000\r\nhello\r\n",
    "many digits": b"f" * 200 + b"\r\nhello\r\n",
    "many noughts": b"0" * 200 + b"5\r\nhello\r\n",
    "LF after the size": b"5\nhello\r\n",
    "CR after the size": b"5\rhello\r\n",
    "CR CR LF after the size": b"5\r\r\nhello\r\n",
    "LF in the extension": b"5;a\nb\r\nhello\r\n",
    "LF ends the extension": b"5;a\nhello\r\n",
    "CR in the extension": b"5;a\rb\r\nhello\r\n",
    "CR CR LF in the extension": b"5;\r\r\nhello\r\n",
    "NUL in the extension": b"5;a\0b\r\nhello\r\n",
    "LF in a quoted extension": b'5;a="\n"\r\nhello\r\n',
    "LF after the chunk": b"5\r\nhello\n",
    "CR after the chunk": b"5\r\nhello\r",
    "LF CR after the chunk": b"5\r\nhello\n\r",
    "CR CR after the chunk": b"5\r\nhello\r\r\n",
    "LF LF after the chunk": b"5\r\nhello\n\n",
    "nothing after the chunk": b"5\r\nhello",
    "two octets after the chunk": b"5\r\nhelloXY",
    "a chunk longer than its size": b"4\r\nhello\r\n",
    "a chunk shorter than its size": b"7\r\nhello\r\n",
    "LF after the last chunk": b"5\r\nhello\r\n0\n",
    "LF in the last extension": b"5\r\nhello\r\n0;a\n",
    "LF is the empty line": b"5\r\nhello\r\n0\r\n\n",
    "CR is the empty line": b"5\r\nhello\r\n0\r\n\rX",
    "a space is in the empty line": b"5\r\nhello\r\n0\r\n \r\n",
    "a trailer without colon": b"5\r\nhello\r\n0\r\nX-Any\r\n",
    "a trailer without name": b"5\r\nhello\r\n0\r\n: 1\r\n",
    "a trailer with a space": b"5\r\nhello\r\n0\r\nX-Any : 1\r\n",
    "a trailer with NUL": b"5\r\nhello\r\n0\r\nX-Any: \0\r\n",
    "a trailer with LF": b"5\r\nhello\r\n0\r\nX-Any: 1\nX-Other: 2\r\n",
    "a folded trailer": b"5\r\nhello\r\n0\r\nX-Any: 1\r\n 2\r\n",
    "a request as trailer": b"5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\n",
}
END = b"0\r\n\r\n"


def cut(said: bytes, size: int) -> list[bytes]:
    return [said[at : at + size] for at in range(0, len(said), size)]


@pytest.mark.must(41)
@pytest.mark.parametrize("size", [1, 1000], ids=["octet by octet", "whole"])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_malformed_chunks_are_refused(harness: Harness, bad: bytes, size: int) -> None:
    """The upstream, which may have the head and a part of the body, never sees an end."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST"), *cut(bad + END + SMUGGLED, size))
    came = await client.last_answer()
    assert (came.status, came.body) == (400, b"400 Bad Request\n")
    assert came.values(b"connection") == [b"close"]
    peer = await harness.upstream.peer()
    assert (await peer.head()).target == b"/"
    passed = await peer.rest()
    assert END not in passed
    assert b"smuggled" not in passed


ANSWER = b"HTTP/1.1 200 OK\r\n" + DATE + CHUNKED + b"\r\n\r\n"


async def asked(harness: Harness) -> tuple[Client, Peer]:
    """Both ends, once the upstream has read the request; the second connection answers OK."""
    harness.upstream.play(left_to_the_test, answering(OK))
    client = await harness.client()
    await client.say(request(b"/bad"))
    peer = await harness.upstream.peer()
    await peer.request()
    return client, peer


@pytest.mark.must(41)
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_malformed_chunks_with_the_head_are_a_bad_gateway(
    harness: Harness, bad: bytes
) -> None:
    client, peer = await asked(harness)
    await peer.say(ANSWER + bad + END + OK)
    came = await client.answer()
    assert (came.status, came.body) == (502, b"502 Bad Gateway\n")
    await peer.gone()
    await client.say(request(b"/next"))
    assert (await client.answer()).body == b"ok"
    assert client.silent()
    assert len(harness.upstream.peers) == 2


@pytest.mark.must(40, 41)
@pytest.mark.parametrize("size", [1, 1000], ids=["octet by octet", "whole"])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_later_ones_break_the_answer(harness: Harness, bad: bytes, size: int) -> None:
    """It never looks complete."""
    client, peer = await asked(harness)
    await peer.say(ANSWER + b"5\r\nbegin\r\n")
    assert (await client.head()).status == 200
    assert await client.exactly(10) == b"5\r\nbegin\r\n"
    try:
        await peer.say(*cut(bad + END + OK, size))
    except ConnectionError:  # hung up on before it had said it all
        assert size == 1
    assert await client.gone() == "reset"
    assert END not in client.received
    await peer.gone()


@pytest.mark.must("A7", 41)
async def test_the_log_says_whose_fault_it_was(harness: Harness) -> None:
    client, peer = await asked(harness)
    await peer.say(ANSWER + b"5\r\nbegin\r\n")
    await client.until(b"begin\r\n")
    await peer.say(b"x\r\n")
    line = await harness.line(path="/bad")
    assert (line["status"], line["fault"]) == (200, "receive_body/upstream/invalid")
    await harness.ask(request(b"/worse", CHUNKED, method=b"POST") + b"x\r\n")
    line = await harness.line(path="/worse")
    assert (line["status"], line["fault"]) == (400, "send_body/client/invalid")


GOOD = {
    "one digit": b"5\r\nhello\r\n",
    "noughts": b"000000000000005\r\nhello\r\n",
    "an extension": b"5;a\r\nhello\r\n",
    "an extension with a value": b"5;a=b\r\nhello\r\n",
    "extensions": b'5;a;b=c;d="e f"\r\nhello\r\n',
    "a quoted semicolon": b'5;a=";\\";"\r\nhello\r\n',
    "whitespace before the extension": b"5 \t;a=b\r\nhello\r\n",
    "whitespace in the extension": b"5; a = b\r\nhello\r\n",
    "beyond ASCII in the extension": b'5;a="\xc3\xa9"\r\nhello\r\n',
    "two chunks": b"2\r\nhe\r\n3\r\nllo\r\n",
    "five chunks": b"1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n",
}
ENDS = [b"0\r\n\r\n", b"000\r\n\r\n", b"0;a=b\r\n\r\n", b"0\r\nX-Any: 1\r\nX: \r\n\r\n"]


@pytest.mark.must(41)
@pytest.mark.parametrize("size", [1, 1000], ids=["octet by octet", "whole"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
async def test_what_is_well_formed_passes_and_is_framed_anew(
    harness: Harness, good: bytes, end: bytes, size: int
) -> None:
    """The strict reader at either end takes no extensions, and none passes."""
    pieces = cut(good + end, size)

    async def script(peer: Peer) -> None:
        for _ in range(2):
            await peer.request()
            await peer.say(ANSWER, *pieces)
        await peer.gone()

    harness.upstream.play(script)
    client = await harness.client()
    for _ in range(2):
        await client.say(request(b"/", CHUNKED, method=b"POST"), *pieces)
        assert (await client.answer()).body == b"hello"
    assert harness.upstream.bodies == [b"hello", b"hello"]
    assert len(harness.upstream.peers) == 1


@pytest.mark.must(41)
@pytest.mark.parametrize("digits", [b"2aA", b"2AA", b"2aa", b"00002Aa"])
async def test_either_case_of_digits(harness: Harness, digits: bytes) -> None:
    body = bytes(0x2AA)
    chunks = digits + b"\r\n" + body + b"\r\n" + END
    said = request(b"/", CHUNKED, method=b"POST") + chunks
    seen = await harness.exchange(said, answer=ANSWER + chunks)
    assert (seen.body, seen.answer.body) == (body, body)


@pytest.mark.must(41, 42)
@pytest.mark.parametrize("bodies", [(), (b"x",), (b"x" * 10_000, b"y" * 100_000)])
async def test_the_next_request_begins_after_the_last_chunk(
    harness: Harness, bodies: tuple[bytes, ...]
) -> None:
    client = await harness.client()
    said = request(b"/first", CHUNKED, method=b"POST") + chunked(*bodies)
    await client.say(said + request(b"/second") + said)
    for _ in range(3):
        assert (await client.answer()).status == 200
    assert [head.target for head in harness.upstream.heads] == [b"/first", b"/second", b"/first"]
    assert harness.upstream.bodies == [b"".join(bodies), b"", b"".join(bodies)]
