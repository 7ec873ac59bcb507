"""Where a body ends: one way to say it, the same for every reader, or no message at all."""

import pytest

from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import HOST, Harness, answer, chunked, request
from tests.proxy.http.upstream import DATE, OK, Script, answering, answering_and_closing

pytestmark = pytest.mark.musts

BAD_GATEWAY = b"502 Bad Gateway\n"
CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
AS_CHUNKS = chunked(b"hello") + SMUGGLED


def bad(head: bytes, rest: bytes = b"hello") -> Script:
    """Such an answer, after which the proxy must close the connection."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + rest)
        await peer.gone()

    return script


async def refused_by_the_proxy(harness: Harness, script: Script) -> None:
    """502, and the next answer comes from another connection."""
    harness.upstream.play(script, answering(OK))
    client = await harness.client()
    await client.say(request(b"/bad"))
    came = await client.answer()
    assert (came.status, came.body) == (502, BAD_GATEWAY)
    await harness.upstream.played()  # which waits for the proxy to close
    await client.say(request(b"/next"))
    came = await client.answer()
    assert (came.status, came.body) == (200, b"ok")
    assert client.silent()
    assert [[head.target for head in peer.heads] for peer in harness.upstream.peers] == [
        [b"/bad"],
        [b"/next"],
    ]


LENGTHS = [b"Content-Length: 5", b"Content-Length: 0", b"content-length:15", b"Content-Length: x"]
CODINGS = [CHUNKED, b"transfer-encoding:CHUNKED", b"Transfer-Encoding: identity"]


@pytest.mark.must(35)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("first", ["length", "coding"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_length_and_coding_together_are_refused(
    harness: Harness, length: bytes, coding: bytes, first: str, method: bytes
) -> None:
    lines = (length, coding) if first == "length" else (coding, length)
    said = request(b"/", lines[0], b"X-Any: 1", lines[1], method=method)
    await harness.refused(said + AS_CHUNKS, status=400)


@pytest.mark.must(35)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("first", ["length", "coding"])
async def test_so_are_they_in_answers(
    harness: Harness, length: bytes, coding: bytes, first: str
) -> None:
    lines = (length, coding) if first == "length" else (coding, length)
    script = bad(b"\r\n".join(lines), chunked(b"hello") + OK)
    await refused_by_the_proxy(harness, script)


@pytest.mark.must(35)
@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"103 Early Hints"])
async def test_also_in_answers_without_a_body(harness: Harness, status: bytes) -> None:
    both = b"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    script = answering_and_closing(b"HTTP/1.1 " + status + both)
    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


@pytest.mark.must(36)
@pytest.mark.parametrize("coding", [*CODINGS, b"Transfer-Encoding: gzip, chunked"])
@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",)], ids=["", "keep-alive"])
async def test_no_coding_from_http_1_0(
    harness: Harness, coding: bytes, lines: tuple[bytes, ...]
) -> None:
    said = request(b"/", coding, *lines, method=b"POST", version=b"1.0")
    await harness.refused(said + AS_CHUNKS, status=400)


@pytest.mark.must(36)
@pytest.mark.parametrize("coding", CODINGS)
async def test_nor_from_an_upstream_of_http_1_0(harness: Harness, coding: bytes) -> None:
    head = b"HTTP/1.0 200 OK\r\n" + coding + b"\r\n\r\n"
    script = answering_and_closing(head + chunked(b"hello"))
    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


ANSWERS = {
    "length": answer(body=b"hello"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hel", b"lo"),
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nhello",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nhello",
}


@pytest.mark.must(36, 37)
@pytest.mark.parametrize("said", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",)], ids=["", "keep-alive"])
async def test_nor_to_http_1_0(harness: Harness, said: bytes, lines: tuple[bytes, ...]) -> None:
    """Where the length is not known, the end of the connection is that of the answer."""
    harness.upstream.play(answering_and_closing(said))
    client = await harness.client()
    await client.say(request(b"/", *lines, version=b"1.0"))
    came = await client.last_answer()
    assert came.body == b"hello"
    assert came.values(b"transfer-encoding") == []
    assert came.values(b"connection") == [b"close"]
    assert came.framing == ("length" if b"Content-Length" in said else "close")


@pytest.mark.must(37)
@pytest.mark.parametrize("said", ANSWERS.values(), ids=ANSWERS)
async def test_one_framing_to_http_1_1(harness: Harness, said: bytes) -> None:
    harness.upstream.play(answering_and_closing(said))
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert came.body == b"hello"
        framings = (came.values(b"content-length"), came.values(b"transfer-encoding"))
        assert framings == (([b"5"], []) if b"Content-Length" in said else ([], [b"chunked"]))
        assert came.values(b"connection") == []


@pytest.mark.must(37)
@pytest.mark.parametrize(
    ("lines", "body", "expected"),
    [
        ((), b"", ([], [])),
        ((b"Content-Length: 0",), b"", ([b"0"], [])),
        ((b"Content-Length: 5",), b"hello", ([b"5"], [])),
        ((b"Content-Length: 0005",), b"hello", ([b"5"], [])),
        ((b"Content-Length: \t 5 \t",), b"hello", ([b"5"], [])),
        ((b"Content-Length: 000000000000000005",), b"hello", ([b"5"], [])),
        ((b"Content-Length: 70000",), bytes(70_000), ([b"70000"], [])),
        ((CHUNKED,), chunked(b"hello"), ([], [b"chunked"])),
        ((b"Transfer-Encoding:\tCHUNKED ",), chunked(b"hello"), ([], [b"chunked"])),
        ((b"tRANSFER-eNCODING: cHUNKED",), chunked(), ([], [b"chunked"])),
        ((CHUNKED, b"TE: trailers", b"Connection: TE"), chunked(b"x"), ([], [b"chunked"])),
        ((CHUNKED, b"Content_Length: 5"), chunked(b"x"), ([], [b"chunked"])),
        ((b"Content-Length: 5", b"Transfer_Encoding: chunked"), b"hello", ([b"5"], [])),
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE"])
async def test_one_framing_to_the_upstream(
    harness: Harness,
    lines: tuple[bytes, ...],
    body: bytes,
    expected: tuple[list[bytes], list[bytes]],
    method: bytes,
) -> None:
    """Written anew, so that there is one way to read it."""
    seen = await harness.exchange(request(b"/", *lines, method=method) + body)
    values = seen.request.values
    assert (values(b"content-length"), values(b"transfer-encoding")) == expected


NOT_CHUNKED = [
    b"",
    b"identity",
    b"gzip",
    b"deflate",
    b"x-custom",
    b"chunked, gzip",
    b"chunked, identity",
    b"chunked, chunked",
    b"chunked,",
    b",chunked",
    b", chunked",
    b"gzip, chunked",
    b"identity, chunked",
    b"chunked;q=1",
    b"chunked; a=b",
    b"xchunked",
    b"chunkedx",
    b"x chunked",
    b"chunked x",
    b'"chunked"',
    b"'chunked'",
    b"chunked\xa0",
    b"\xa0chunked",
    b"chun\xaded",
    b"c hunked",
    b"chunke",
    b"(chunked)",
]


@pytest.mark.must(38)
@pytest.mark.parametrize("value", NOT_CHUNKED)
async def test_a_coding_that_is_not_chunked_is_refused(harness: Harness, value: bytes) -> None:
    said = request(b"/", b"Transfer-Encoding: " + value, method=b"POST")
    await harness.refused(said + AS_CHUNKS, status=400)


TWICE = [
    (b"chunked", b"chunked"),
    (b"chunked", b"identity"),
    (b"identity", b"chunked"),
    (b"gzip", b"chunked"),
    (b"chunked", b""),
    (b"", b"chunked"),
    (b"x", b"chunked"),
]


@pytest.mark.must(38)
@pytest.mark.parametrize("values", TWICE)
@pytest.mark.parametrize("second", [b"Transfer-Encoding", b"transfer-encoding"])
async def test_two_codings_are_refused(
    harness: Harness, values: tuple[bytes, bytes], second: bytes
) -> None:
    lines = (b"Transfer-Encoding: " + values[0], b"X-Any: 1", second + b": " + values[1])
    await harness.refused(request(b"/", *lines, method=b"POST") + AS_CHUNKS, status=400)


@pytest.mark.must(38)
@pytest.mark.parametrize("value", NOT_CHUNKED)
async def test_nor_is_any_other_coding_taken_from_the_upstream(
    harness: Harness, value: bytes
) -> None:
    await refused_by_the_proxy(harness, bad(b"Transfer-Encoding: " + value, chunked(b"hello") + OK))


@pytest.mark.must(38)
@pytest.mark.parametrize("values", TWICE)
async def test_nor_are_two(harness: Harness, values: tuple[bytes, bytes]) -> None:
    lines = b"\r\n".join(b"Transfer-Encoding: " + value for value in values)
    await refused_by_the_proxy(harness, bad(lines, chunked(b"hello") + OK))


CONFLICTING: list[tuple[bytes, ...]] = [
    (b"5", b"6"),
    (b"6", b"5"),
    (b"0", b"5"),
    (b"5", b"0"),
    (b"5", b"05"),
    (b"5", b"x"),
    (b"x", b"5"),
    (b"5", b""),
    (b"", b"5"),
]
EQUAL: list[tuple[bytes, ...]] = [(b"5", b"5"), (b"0", b"0"), (b"5", b"5", b"5")]
LISTS = [b"5, 5", b"5,5", b"5, 6", b"0, 5", b"5,", b",5", b"5;5", b"5 5"]


@pytest.mark.must(39)
@pytest.mark.parametrize("values", CONFLICTING + EQUAL)
@pytest.mark.parametrize("name", [b"Content-Length", b"content-length"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_repeated_lengths_are_refused(
    harness: Harness, values: tuple[bytes, ...], name: bytes, method: bytes
) -> None:
    """Equal ones too: whoever sends them has something in mind."""
    first, *others = values
    lines = [name + b": " + other for other in others]
    said = request(b"/", b"Content-Length: " + first, b"X-Any: 1", *lines, method=method)
    await harness.refused(said + b"hello" + SMUGGLED, status=400)


@pytest.mark.must(39)
@pytest.mark.parametrize("value", LISTS)
async def test_so_are_lists_of_lengths(harness: Harness, value: bytes) -> None:
    said = request(b"/", b"Content-Length: " + value, method=b"POST")
    await harness.refused(said + b"hello" + SMUGGLED, status=400)


@pytest.mark.must(39)
@pytest.mark.parametrize("values", CONFLICTING)
async def test_conflicting_lengths_of_answers_are_a_bad_gateway(
    harness: Harness, values: tuple[bytes, ...]
) -> None:
    lines = b"\r\n".join(b"Content-Length: " + value for value in values)
    await refused_by_the_proxy(harness, bad(lines, b"hello" + OK))


@pytest.mark.must(39)
@pytest.mark.parametrize("value", [*LISTS, b"+5", b"-1", b"0x5", b"5_0", b"", b"9" * 19])
async def test_so_are_invalid_ones(harness: Harness, value: bytes) -> None:
    await refused_by_the_proxy(harness, bad(b"Content-Length: " + value, b"hello" + OK))


@pytest.mark.must(39)
@pytest.mark.parametrize("value", [b"x", b"5, 6", b"+0"])
@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"103 Early Hints"])
async def test_also_where_they_do_not_count(harness: Harness, status: bytes, value: bytes) -> None:
    said = b"HTTP/1.1 " + status + b"\r\nContent-Length: " + value + b"\r\n\r\n"
    seen = await harness.exchange(request(), script=answering_and_closing(said))
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


@pytest.mark.must(39)
@pytest.mark.parametrize("number", [2, 3])
async def test_equal_ones_become_one(harness: Harness, number: int) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 5\r\n" * number
    harness.upstream.play(answering(head + b"\r\nhello"))
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert (came.values(b"content-length"), came.body) == ([b"5"], b"hello")
    assert len(harness.upstream.peers) == 1


@pytest.mark.must(35, 38, 39)
@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
    ],
)
async def test_what_was_sent_along_is_thrown_away(harness: Harness, lines: bytes) -> None:
    """A megabyte of it, and no reset eats the answer."""
    said = b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n"
    await harness.refused(said, *[AS_CHUNKS * 1000] * 16, status=400)


@pytest.mark.must("A7", 35, 38, 39)
@pytest.mark.parametrize("both", [b"Content-Length: x", b"Content-Length: 5\r\n" + CHUNKED])
async def test_the_log_says_whose_fault_it_was(harness: Harness, both: bytes) -> None:
    harness.upstream.play(bad(both))
    await harness.ask(request(b"/theirs"))
    assert (await harness.line(path="/theirs"))["fault"] == "await_head/upstream/invalid"
    await harness.ask(b"GET /ours HTTP/1.1\r\n" + HOST + both + b"\r\n\r\n")
    assert (await harness.line(path="/ours"))["fault"] == "read_request/client/invalid"
