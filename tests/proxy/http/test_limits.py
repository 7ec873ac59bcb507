"""How much we take: exactly so much passes, one octet or one line more is refused at once."""

import asyncio

import pytest

from tests.proxy.http.ends import PATIENCE, Peer
from tests.proxy.http.harness import HOST, MAX_BODY, Harness, chunked, request
from tests.proxy.http.upstream import OK

pytestmark = pytest.mark.musts

LONGEST_LINE = 16 * 1024
LONGEST_FIELDS = 64 * 1024
MOST_FIELDS = 128
MOST_FIELDS_OF_ANSWERS = 200
LONGEST_HEAD_OF_ANSWERS = 64 * 1024
"""Octets with the line ends, of a head without its empty line; and numbers of lines."""

LONGEST_EXTENSION = 1024
LONGEST_TRAILERS = 8192
"""Octets of the line of a chunk's size, and of all trailers, with their line ends."""

CHUNKED = b"Transfer-Encoding: chunked"
MEBIBYTE = 1024 * 1024


def cut(said: bytes, how: str) -> list[bytes]:
    """In pieces such as the network may make of it."""
    if how == "whole":
        return [said]
    if how == "without its end":
        return [said[:-1], said[-1:]]
    return [said[at : at + 1000] for at in range(0, len(said), 1000)]


CUTS = ["whole", "without its end", "in pieces"]


def long_line(size: int, *, query: bool = False) -> bytes:
    """A request whose first line has that many octets."""
    fixed = len(b"GET / HTTP/1.1\r\n") + query
    target = (b"/?" if query else b"/") + b"x" * (size - fixed)
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.must(30)
@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("query", [False, True], ids=["path", "query"])
@pytest.mark.parametrize("size", [LONGEST_LINE - 1, LONGEST_LINE])
async def test_a_line_of_16_kib_passes(harness: Harness, size: int, query: bool, how: str) -> None:
    said = long_line(size, query=query)
    seen = await harness.exchange(*cut(said, how))
    assert seen.request.start == said.partition(b"\r\n")[0]


@pytest.mark.must(30)
@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("over", [1, 2, 3, 1000, 100_000])
async def test_a_longer_one_is_refused(harness: Harness, over: int, how: str) -> None:
    await harness.refused(*cut(long_line(LONGEST_LINE + over), how), status=414)


@pytest.mark.must(30)
@pytest.mark.parametrize(
    "line",
    [
        b"GET http://www.example.org/" + b"x" * LONGEST_LINE + b" HTTP/1.1",
        b"x" * (LONGEST_LINE + 1) + b" / HTTP/1.1",
        b"GET " + b" " * (LONGEST_LINE + 1) + b"/ HTTP/1.1",
    ],
    ids=["absolute form", "method", "spaces"],
)
@pytest.mark.parametrize("ended", [False, True], ids=["without end", "whole"])
async def test_so_is_one_of_any_form(harness: Harness, line: bytes, ended: bool) -> None:
    """Before its end has come, too."""
    said = line + b"\r\n" + HOST + b"\r\n" if ended else line
    await harness.refused(said, status=414)


def fields(size: int, number: int = 2) -> bytes:
    """A request with that many field lines, of so many octets in all."""
    line = b"X: %b\r\n"
    ordinary = HOST + (line % b"") * (number - 2)
    value = b"x" * (size - len(ordinary) - len(line % b""))
    return b"GET / HTTP/1.1\r\n" + ordinary + line % value + b"\r\n"


@pytest.mark.must(30)
@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("number", [2, MOST_FIELDS])
@pytest.mark.parametrize("size", [LONGEST_FIELDS - 1, LONGEST_FIELDS])
async def test_fields_of_64_kib_pass(harness: Harness, size: int, number: int, how: str) -> None:
    seen = await harness.exchange(*cut(fields(size, number), how))
    assert len(seen.request.passed) == number
    assert sum(len(n + v) + 4 for n, v in seen.request.passed) == size


@pytest.mark.must(30)
@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("number", [2, MOST_FIELDS])
@pytest.mark.parametrize("over", [1, 2, 1000, 100_000])
async def test_longer_ones_are_refused(harness: Harness, over: int, number: int, how: str) -> None:
    await harness.refused(*cut(fields(LONGEST_FIELDS + over, number), how), status=431)


@pytest.mark.must(30)
@pytest.mark.parametrize("end", [b"", b"\r\n"], ids=["in a field", "after a field"])
async def test_fields_without_an_end_are_refused(harness: Harness, end: bytes) -> None:
    said = b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * LONGEST_FIELDS + end
    await harness.refused(said, status=431)


@pytest.mark.must(30)
@pytest.mark.parametrize("number", [1, MOST_FIELDS - 1, MOST_FIELDS])
async def test_128_fields_pass(harness: Harness, number: int) -> None:
    seen = await harness.exchange(request(b"/", *[b"X: 1"] * (number - 1)))
    assert len(seen.request.passed) == number


@pytest.mark.must(30)
@pytest.mark.parametrize("name", [b"X", b"Cookie", b"x_dropped", b"X-Forwarded-For", b"Connection"])
@pytest.mark.parametrize("number", [MOST_FIELDS + 1, 10_000])
async def test_more_are_refused(harness: Harness, number: int, name: bytes) -> None:
    """Whatever becomes of them."""
    await harness.refused(request(b"/", *[name + b": 1"] * (number - 1)), status=431)


@pytest.mark.must(30)
@pytest.mark.parametrize("status", [414, 431])
async def test_who_goes_on_sending_gets_the_answer_all_the_same(
    harness: Harness, status: int
) -> None:
    """What still comes is read, so that no reset overtakes what we said (RFC 9112 §9.6)."""
    start = b"GET /" if status == 414 else b"GET / HTTP/1.1\r\n" + HOST + b"X: "
    await harness.refused(start + b"x" * LONGEST_FIELDS, *[b"x" * MEBIBYTE] * 8, status=status)


def head_of_answer(size: int, number: int) -> bytes:
    """With that many field lines, of so many octets in all; then the body `ok`."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"X: \r\n" * (number - 2) + b"X: \r\n"
    return head[:-2] + b"x" * (size - len(head)) + b"\r\n\r\nok"


@pytest.mark.must(30)
@pytest.mark.parametrize(
    ("size", "number"),
    [
        (LONGEST_HEAD_OF_ANSWERS, 2),
        (LONGEST_HEAD_OF_ANSWERS - 1, 2),
        (2000, MOST_FIELDS_OF_ANSWERS),
        (LONGEST_HEAD_OF_ANSWERS, MOST_FIELDS_OF_ANSWERS),
    ],
)
@pytest.mark.parametrize("how", CUTS)
async def test_an_answer_may_have_a_head_of_64_kib(
    harness: Harness, size: int, number: int, how: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(*cut(head_of_answer(size, number)[:-2], how), b"ok")

    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")
    assert len(seen.answer.values(b"x")) == number - 1


@pytest.mark.must(30)
@pytest.mark.parametrize(
    "head",
    [
        head_of_answer(LONGEST_HEAD_OF_ANSWERS + 8, 2),
        head_of_answer(2000, MOST_FIELDS_OF_ANSWERS + 1),
        b"HTTP/1.1 200 " + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 12_000,
    ],
    ids=["too long", "too many", "reason without end", "field without end", "fields without end"],
)
async def test_a_longer_one_is_a_bad_gateway(harness: Harness, head: bytes) -> None:
    seen = await harness.exchange(request(b"/long"), answer=head)
    assert (seen.answer.status, seen.answer.body) == (502, b"502 Bad Gateway\n")
    assert (await harness.line(path="/long"))["fault"] == "await_head/upstream/limit"


def pieces_of(size: int, framing: str) -> list[bytes]:
    """A body in pieces of a mebibyte, the last one smaller; chunked with its end."""
    sizes = [MEBIBYTE] * (size // MEBIBYTE) + [size % MEBIBYTE]
    bodies = [bytes(part) for part in sizes if part]
    if framing == "length":
        return bodies
    return [b"%x\r\n%b\r\n" % (len(body), body) for body in bodies] + [b"0\r\n\r\n"]


@pytest.mark.must(21)
@pytest.mark.parametrize(("number", "status"), [(32, 200), (33, 502), (1000, 502)])
async def test_an_answer_may_follow_32_interim_ones(
    harness: Harness, number: int, status: int
) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nX-Any: 1\r\n\r\n"
    seen = await harness.exchange(request(b"/hints"), answer=hints * number + OK)
    assert seen.answer.status == status
    assert len(seen.answer.interim) == 32
    fault = (await harness.line(path="/hints")).get("fault")
    assert fault == (None if status == 200 else "await_head/upstream/limit")


@pytest.mark.must(30, 42)
@pytest.mark.parametrize("framing", ["length", "chunked", "one chunk"])
async def test_a_body_of_max_body_passes(harness: Harness, framing: str) -> None:
    client = await harness.client()
    line = b"Content-Length: %d" % MAX_BODY if framing == "length" else CHUNKED
    await client.say(request(b"/", line, method=b"POST"))
    if framing == "one chunk":
        await client.say(chunked(bytes(MAX_BODY)))
    else:
        await client.say(*pieces_of(MAX_BODY, framing))
    assert (await client.answer()).status == 200
    assert [len(body) for body in harness.upstream.bodies] == [MAX_BODY]


@pytest.mark.must(30, 42)
@pytest.mark.parametrize("size", [MAX_BODY + 1, 10 * MAX_BODY, 10**17])
@pytest.mark.parametrize("lines", [(), (b"Expect: 100-continue",)], ids=["at once", "asking"])
async def test_one_that_says_it_is_longer_is_refused_at_once(
    harness: Harness, size: int, lines: tuple[bytes, ...]
) -> None:
    said = request(b"/", b"Content-Length: %d" % size, *lines, method=b"POST")
    answer = await harness.refused(said, b"some of it", status=413)
    assert answer.interim == ()


@pytest.mark.must(30, 42)
@pytest.mark.parametrize("framing", ["chunked", "one chunk", "small chunks"])
async def test_one_that_turns_out_longer_is_refused_then(harness: Harness, framing: str) -> None:
    """The upstream never sees its end."""
    cut_off = asyncio.Event()

    async def script(peer: Peer) -> None:
        try:
            await peer.request()
        finally:
            cut_off.set()

    harness.upstream.play(script)
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST"))
    if framing == "one chunk":
        await client.say(chunked(bytes(MAX_BODY + 1)))
    elif framing == "small chunks":
        await client.say((b"100\r\n" + bytes(256) + b"\r\n") * (MAX_BODY // 256), chunked(b"x"))
    else:
        await client.say(*pieces_of(MAX_BODY + 1, "chunked"))
    came = await client.last_answer()
    assert (came.status, came.values(b"connection")) == (413, [b"close"])
    await asyncio.wait_for(cut_off.wait(), PATIENCE)
    assert harness.upstream.bodies == []


@pytest.mark.must(30, 42)
@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_who_goes_on_uploading_gets_the_answer_all_the_same(
    harness: Harness, framing: str
) -> None:
    size = MAX_BODY + 8 * MEBIBYTE
    client = await harness.client()
    line = b"Content-Length: %d" % size if framing == "length" else CHUNKED
    await client.say(request(b"/", line, method=b"POST"), *pieces_of(size, framing))
    assert (await client.last_answer()).status == 413


@pytest.mark.must(30, 41)
@pytest.mark.parametrize("size", [100, LONGEST_EXTENSION])
async def test_extensions_of_a_chunk_pass_over(harness: Harness, size: int) -> None:
    line = b"5;" + b"x" * (size - 4) + b"\r\n"
    said = request(b"/", CHUNKED, method=b"POST") + line + b"hello\r\n0\r\n\r\n"
    assert (await harness.exchange(said)).body == b"hello"


@pytest.mark.must(30, 41)
@pytest.mark.parametrize("ended", [False, True], ids=["without end", "whole"])
@pytest.mark.parametrize("size", [LONGEST_EXTENSION + 1, 100_000])
async def test_too_long_ones_are_refused(harness: Harness, size: int, ended: bool) -> None:
    line = b"5;" + b"x" * (size - 4)
    end = b"\r\nhello\r\n0\r\n\r\n" if ended else b"xx"
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST") + line + end)
    assert (await client.last_answer()).status == 413
    assert harness.upstream.bodies == []


@pytest.mark.must(30)
@pytest.mark.parametrize("number", [1, 4])
async def test_trailers_of_8_kib_pass_over(harness: Harness, number: int) -> None:
    line = b"X: " + b"x" * (LONGEST_TRAILERS // number - 5) + b"\r\n"
    trailers = (line * number)[:-4] + b"\r\n"  # the empty line counts too
    said = request(b"/", CHUNKED, method=b"POST") + chunked(b"hello", trailers=trailers)
    assert (await harness.exchange(said)).body == b"hello"


@pytest.mark.must(30)
@pytest.mark.parametrize("ended", [False, True], ids=["without end", "whole"])
@pytest.mark.parametrize("number", [1, 4, 2000])
async def test_longer_trailers_are_refused(harness: Harness, number: int, ended: bool) -> None:
    line = b"X: " + b"x" * max(0, LONGEST_TRAILERS // number - 5) + b"\r\n"
    said = chunked(b"hello", trailers=line * number)
    client = await harness.client()
    head = request(b"/", CHUNKED, method=b"POST")
    await client.say(head + said if ended else head + said[:-4] + b"x" * 10)
    assert (await client.last_answer()).status == 413
    assert harness.upstream.bodies == []


@pytest.mark.must(30, 42)
async def test_after_all_that_the_proxy_serves_on(harness: Harness) -> None:
    said = request(b"/", CHUNKED, method=b"POST") + chunked(b"hello")
    for _ in range(3):
        assert (await harness.ask(said)).body == OK[-2:]
