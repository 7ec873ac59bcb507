"""How connections end, and which serve on: bodies read to their end, and `Connection: close`."""

import asyncio

import pytest

from tests.proxy.http.ends import PATIENCE, Client, Peer
from tests.proxy.http.harness import HOST, Harness, answer, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering, answering_and_closing, left_to_the_test

pytestmark = pytest.mark.musts

CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
CLOSE = b"Connection: close"


def asked(harness: Harness) -> list[list[bytes]]:
    """The targets that each connection of the upstream was asked for."""
    return [[head.target for head in peer.heads] for peer in harness.upstream.peers]


UNREAD = {
    "sized": (b"Content-Length: 100000", b"x" * 10),
    "sized, nothing came": (b"Content-Length: 100000", b""),
    "sized, a request in it": (b"Content-Length: 100000", SMUGGLED),
    "chunked": (CHUNKED, b"5\r\nhello\r\n"),
    "chunked, nothing came": (CHUNKED, b""),
    "chunked, a request in it": (CHUNKED, b"%x\r\n" % (len(SMUGGLED) + 100) + SMUGGLED),
}
EARLY = {
    "sized": answer(status=b"403 Forbidden", body=b"no"),
    "chunked": b"HTTP/1.1 403 Forbidden\r\n" + CHUNKED + b"\r\n\r\n" + chunked(b"no"),
    "with close": answer(CLOSE, status=b"403 Forbidden", body=b"no"),
}


@pytest.mark.must(42)
@pytest.mark.parametrize("early", EARLY.values(), ids=EARLY)
@pytest.mark.parametrize(("line", "part"), UNREAD.values(), ids=UNREAD)
async def test_an_answer_before_the_body_has_ended_is_the_last(
    harness: Harness, line: bytes, part: bytes, early: bytes
) -> None:
    """On either connection: what is left of the body would be read as the next request."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(early)
        await peer.gone()

    harness.upstream.play(script, answering(OK))
    client = await harness.client()
    await client.say(request(b"/early", line, method=b"POST") + part)
    came = await client.answer()
    assert (came.status, came.body) == (403, b"no")
    assert came.values(b"connection") == [b"close"]
    await client.say(SMUGGLED)
    assert await client.rest() == b""
    peer = await harness.upstream.peer()
    assert (await harness.ask(request(b"/next"))).body == b"ok"
    assert asked(harness) == [[b"/early"], [b"/next"]]
    assert peer.bodies == []


@pytest.mark.must(42)
@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_who_goes_on_sending_gets_it_all_the_same(harness: Harness, how: str) -> None:
    """The upstream answers, and closes upon the rest: no reset eats what it said."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.say(answer(CLOSE, status=b"413 Too Much", body=b"no"))
        if how == "reset":
            await peer.until(b"x")
            peer.reset()

    harness.upstream.play(script)
    client = await harness.client()
    await client.say(request(b"/", b"Content-Length: 16000000", method=b"POST"))
    async with asyncio.TaskGroup() as group:
        group.create_task(client.say(*[b"x" * 400_000] * 10))
        came = await client.last_answer()
    assert (came.status, came.body) == (413, b"no")
    assert came.values(b"connection") == [b"close"]


@pytest.mark.must(42)
@pytest.mark.parametrize("framing", ["sized", "chunked"])
async def test_one_that_began_early_and_ended_late_costs_the_client_only(
    harness: Harness, framing: str
) -> None:
    """It was told to expect the end of its connection. The upstream's is as clean as any."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    line = CHUNKED if framing == "chunked" else b"Content-Length: 70000"
    await client.say(request(b"/early", line, method=b"POST"))
    peer = await harness.upstream.peer()
    head = await peer.head()
    await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    assert (await client.head()).values(b"connection") == [b"close"]
    await client.say(chunked(b"hello") if framing == "chunked" else bytes(70_000))
    assert len(await peer.body(head)) == (5 if framing == "chunked" else 70_000)
    await peer.say(b"ok")
    assert await client.rest() == b"ok"
    other = await harness.client()
    await other.say(request(b"/next"))
    assert (await peer.request()).target == b"/next"
    await peer.say(OK)
    assert (await other.answer()).body == b"ok"


OWN = [
    (b"/__strangler__/health/live", 405),
    (b"/__strangler__/nothing", 404),
]


@pytest.mark.must(42)
@pytest.mark.parametrize(("target", "status"), OWN)
@pytest.mark.parametrize(("line", "part"), UNREAD.values(), ids=UNREAD)
async def test_our_own_pages_end_the_connection_too(
    harness: Harness, target: bytes, status: int, line: bytes, part: bytes
) -> None:
    client = await harness.client()
    await client.say(request(target, line, method=b"POST") + part)
    came = await client.last_answer()
    assert (came.status, came.values(b"connection")) == (status, [b"close"])
    assert harness.upstream.heads == []


@pytest.mark.must(42)
@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b"Content-Length: 5", b"hello"),
        (b"Content-Length: 100000", bytes(100_000)),
        (CHUNKED, chunked(b"hello")),
        (CHUNKED, chunked(SMUGGLED)),
        (b"Content-Length: %d" % len(SMUGGLED), SMUGGLED),
    ],
    ids=["short", "long", "chunked", "a request in a chunk", "a request"],
)
@pytest.mark.parametrize("target", [b"/", *(own for own, _ in OWN)])
async def test_a_body_is_never_the_next_request(
    harness: Harness, target: bytes, line: bytes, body: bytes
) -> None:
    """Whoever answers it, and whether it was asked for or not."""
    client = await harness.client()
    await client.say(request(target, line, method=b"GET") + body + request(b"/end", CLOSE))
    answers = [await client.answer()]
    if not answers[0].values(b"connection"):
        answers.append(await client.answer())
    assert await client.rest() == b""
    targets = [head.target for head in harness.upstream.heads]
    assert targets == ([target] if target == b"/" else []) + [b"/end"] * (len(answers) - 1)


@pytest.mark.must(42)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("size", [0, 5, 100_000])
async def test_an_answer_is_read_whole_before_the_next_request(
    harness: Harness, size: int, method: str
) -> None:
    """Its connection then serves on."""
    body = bytes(size)
    said = answer(body=b"" if method == "HEAD" else body)
    harness.upstream.play(answering(said))
    for _ in range(3):
        came = await harness.ask(request(method=method.encode()), method=method)
        assert came.body == (b"" if method == "HEAD" else body)
    assert asked(harness) == [[b"/"] * 3]


@pytest.mark.must(42)
async def test_pipelined_requests_are_answered_in_order(harness: Harness) -> None:
    """One at a time: the upstream has the next only when the one before is answered."""
    harness.upstream.play(left_to_the_test)
    client = await harness.client()
    posted = request(b"/2", method=b"POST", body=b"hello")
    streamed = request(b"/3", CHUNKED, method=b"PUT") + chunked(b"hel", b"lo")
    await client.say(request(b"/1") + posted + streamed + request(b"/4", method=b"HEAD"))
    peer = await harness.upstream.peer()
    for number in (b"1", b"2", b"3", b"4"):
        head = await peer.request()
        assert head.target == b"/" + number
        assert peer.silent()
        body = b"" if number == b"4" else b"n" + number
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body)
        assert (await client.answer(head.method.decode())).body == body
    assert peer.bodies == [b"", b"hello", b"hello", b""]
    assert len(harness.upstream.peers) == 1


@pytest.mark.must(42)
async def test_many_pipelined_requests_octet_by_octet(harness: Harness) -> None:
    said = b"".join(request(b"/%d" % number) for number in range(20))
    client = await harness.client()
    await client.say(*(said[at : at + 1] for at in range(len(said))))
    for _ in range(20):
        assert (await client.answer()).status == 200
    targets = [head.target for head in harness.upstream.heads]
    assert targets == [b"/%d" % number for number in range(20)]


CLOSING = [
    (CLOSE,),
    (b"connection:CLOSE",),
    (b"Connection: keep-alive, close",),
    (b"Connection: close, X-Any",),
    (b"Connection: ,close ,",),
    (b"Connection: keep-alive", b"Connection: close"),
    (b"Connection: close", b"Connection: keep-alive"),
]


@pytest.mark.must(43)
@pytest.mark.parametrize("lines", CLOSING)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_close_of_a_client(harness: Harness, lines: tuple[bytes, ...], method: str) -> None:
    """Answered, then closed; what was sent behind it is never read. The upstream's connection has
    nothing to do with it."""
    harness.upstream.play(answering(OK[:-2] if method == "HEAD" else OK, OK))
    body = b"hello" if method == "POST" else b""
    client = await harness.client()
    await client.say(request(b"/", *lines, method=method.encode(), body=body) + SMUGGLED)
    came = await client.last_answer(method)
    assert (came.status, came.values(b"connection")) == (200, [b"close"])
    assert harness.upstream.head.values(b"connection") == []
    assert (await harness.ask(request(b"/next"))).status == 200
    assert asked(harness) == [[b"/", b"/next"]]


@pytest.mark.must(43)
@pytest.mark.parametrize(
    "lines", [(), (b"Connection: keep-alive",), (b"Connection: closed",), (b"X-Close: close",)]
)
async def test_without_it_the_client_stays(harness: Harness, lines: tuple[bytes, ...]) -> None:
    client = await harness.client()
    for _ in range(3):
        await client.say(request(b"/", *lines))
        assert (await client.answer()).values(b"connection") == []


@pytest.mark.must(43)
@pytest.mark.parametrize("said", [OK, b"HTTP/1.1 200 OK\r\n" + DATE + b"\r\nok"])
@pytest.mark.parametrize("lines", CLOSING)
async def test_close_of_an_upstream(
    harness: Harness, lines: tuple[bytes, ...], said: bytes
) -> None:
    """Its next request goes over another connection; the client's stays."""
    start, rest = said[:17], said[17:]
    fields = b"".join(line + b"\r\n" for line in lines)
    harness.upstream.play(answering_and_closing(start + fields + rest))
    client = await harness.client()
    for _ in range(2):
        await client.say(request())
        came = await client.answer()
        assert (came.body, came.values(b"connection")) == (b"ok", [])
    assert asked(harness) == [[b"/"], [b"/"]]


@pytest.mark.must(43)
@pytest.mark.parametrize("line", [CLOSE, b"Connection: keep-alive, close"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_it_is_taken_at_its_word(harness: Harness, line: bytes, method: bytes) -> None:
    """Though the upstream leaves the connection open, it is asked nothing more on it."""
    harness.upstream.play(answering(answer(line)), answering(OK))
    client = await harness.client()
    for _ in range(2):
        await client.say(request(method=method))
        assert (await client.answer()).body == b"ok"
    await (await harness.upstream.peer()).gone()
    assert asked(harness) == [[b"/"], [b"/"]]


@pytest.mark.must(43)
@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",), (CLOSE,)])
@pytest.mark.parametrize("rest", [b"Content-Length: 2\r\n\r\nok", b"\r\nok"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_an_upstream_of_http_1_0_is_asked_once(
    harness: Harness, lines: tuple[bytes, ...], rest: bytes, version: bytes
) -> None:
    head = b"HTTP/1.0 200 OK\r\n" + b"".join(line + b"\r\n" for line in lines)
    harness.upstream.play(answering_and_closing(head + rest))
    for _ in range(2):
        came = await harness.ask(request(version=version))
        assert (came.status, came.body) == (200, b"ok")
    assert asked(harness) == [[b"/"], [b"/"]]


@pytest.mark.must(43)
@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",), (CLOSE,)])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_a_client_of_http_1_0_is_answered_once(
    harness: Harness, lines: tuple[bytes, ...], method: str
) -> None:
    """Nothing else was promised to it; the upstream's connection is kept all the same."""
    harness.upstream.play(answering(OK[:-2] if method == "HEAD" else OK, OK))
    body = b"hello" if method == "POST" else b""
    said = request(b"/", *lines, method=method.encode(), version=b"1.0", body=body)
    client = await harness.client()
    await client.say(said + SMUGGLED)
    came = await client.last_answer(method)
    assert (came.status, came.values(b"connection")) == (200, [b"close"])
    assert (await harness.ask(request(b"/next"))).status == 200
    assert asked(harness) == [[b"/", b"/next"]]


@pytest.mark.must(43)
async def test_after_the_last_answer_the_client_may_still_send(harness: Harness) -> None:
    """For a while, into the void: a reset could overtake the answer (RFC 9112 §9.6)."""
    client = await harness.client()
    await client.say(request(b"/", CLOSE))
    assert (await client.last_answer()).body == b"ok"
    await client.say(*[SMUGGLED * 100] * 20)
    client.close()
    assert (await harness.ask(request(b"/next"))).status == 200
    assert [head.target for head in harness.upstream.heads] == [b"/", b"/next"]


@pytest.mark.must(43)
async def test_a_client_that_closes_at_once_harms_nobody(harness: Harness) -> None:
    """In the middle of a head, behind one, and having said nothing."""
    said = request(b"/gone")
    for part in (b"", said[:1], said[:20], said[:-1], b"\r\n"):
        client: Client = await harness.client()
        await client.say(part)
        client.half_close()
        assert await asyncio.wait_for(client.rest(), PATIENCE) == b""
    assert harness.upstream.heads == []
    other = await harness.client()
    await other.say(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert (await other.answer()).status == 200
