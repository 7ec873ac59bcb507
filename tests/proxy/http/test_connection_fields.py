"""Fields for one connection only, and those that Connection names: they end here, both ways."""

import pytest

from tests.proxy.http.harness import Harness, answer, chunked, request

pytestmark = pytest.mark.musts

HOST = (b"Host", b"www.example.org")
KEPT = (b"X-Kept", b"yes")
LENGTH = (b"Content-Length", b"2")

NAMING = [
    (b"Connection: X-Gone",),
    (b"Connection: x-gone",),
    (b"Connection: keep-alive, X-GONE",),
    (b"Connection:x-gone,,",),
    (b"Connection: \t, X-Gone\t ,close",),
    (b"Connection: keep-alive", b"Connection: X-Gone"),
    (b"connection: X-Other, X-Gone",),
    (b"CONNECTION: X-Gone, X-Gone",),
]
FOR_ONE_CONNECTION = [
    b"Connection: keep-alive",
    b"Connection: X-Absent",
    b"Connection:",
    b"Keep-Alive: timeout=5, max=100",
    b"Proxy-Connection: keep-alive",
    b"TE: trailers, deflate;q=0.5",
    b"Trailer: X-Checksum",
    b"Upgrade: h2c",
    b"upgrade: websocket",
    b"kEEP-aLIVE: 1",
]


@pytest.mark.must(1)
@pytest.mark.parametrize("lines", NAMING)
async def test_what_connection_names_ends_here_in_requests(
    harness: Harness, lines: tuple[bytes, ...]
) -> None:
    seen = await harness.exchange(request(b"/", b"X-Gone: 1", *lines, b"X-Kept: yes", b"x-gone: 2"))
    assert seen.request.passed == [HOST, KEPT]


@pytest.mark.must(1)
@pytest.mark.parametrize("lines", NAMING)
async def test_what_connection_names_ends_here_in_answers(
    harness: Harness, lines: tuple[bytes, ...]
) -> None:
    said = answer(b"Date: now", b"X-Gone: 1", *lines, b"X-Kept: yes", b"x-gone: 2")
    seen = await harness.exchange(request(), answer=said)
    assert seen.answer.head.passed == [(b"Date", b"now"), KEPT, LENGTH]
    assert seen.answer.values(b"connection") == []


@pytest.mark.must(1)
@pytest.mark.parametrize("name", [b"Cookie", b"Authorization", b"Accept", b"Max-Forwards"])
async def test_a_client_may_keep_its_own_fields_to_the_connection(
    harness: Harness, name: bytes
) -> None:
    seen = await harness.exchange(request(b"/", b"Connection: " + name, name + b": 1"))
    assert seen.request.passed == [HOST]


@pytest.mark.must(1, "A4", "A6")
@pytest.mark.parametrize(
    "name",
    [
        b"Host",
        b"Content-Length",
        b"Via",
        b"X-Forwarded-For",
        b"X-Forwarded-Proto",
        b"X-Forwarded-Host",
        b"Forwarded",
        b"X-Request-ID",
    ],
)
async def test_a_client_cannot_unname_routing_framing_or_origin(
    harness: Harness, name: bytes
) -> None:
    said = request(b"/", b"Connection: close, " + name, method=b"POST", body=b"hi")
    seen = await harness.exchange(said)
    assert len(seen.request.values(name)) == 1
    assert seen.request.value(b"host") == b"www.example.org"
    assert seen.body == b"hi"


@pytest.mark.must(1)
async def test_a_client_cannot_unname_chunked(harness: Harness) -> None:
    head = request(
        b"/", b"Connection: Transfer-Encoding", b"Transfer-Encoding: chunked", method=b"POST"
    )
    seen = await harness.exchange(head + chunked(b"hello"))
    assert seen.request.values(b"transfer-encoding") == [b"chunked"]
    assert seen.body == b"hello"


@pytest.mark.must(1)
@pytest.mark.parametrize("framing", [b"Content-Length", b"Transfer-Encoding"])
async def test_an_upstream_cannot_unname_its_framing(harness: Harness, framing: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: " + framing + b"\r\n"
    whole = {
        b"Content-Length": head + b"Content-Length: 5\r\n\r\nhello",
        b"Transfer-Encoding": head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"hello"),
    }[framing]
    seen = await harness.exchange(request(), answer=whole)
    assert (seen.answer.body, seen.answer.framing != "none") == (b"hello", True)


@pytest.mark.must(2)
@pytest.mark.parametrize("line", FOR_ONE_CONNECTION)
async def test_fields_for_one_connection_end_here_in_requests(
    harness: Harness, line: bytes
) -> None:
    seen = await harness.exchange(request(b"/", line, b"X-Kept: yes"))
    assert seen.request.passed == [HOST, KEPT]


@pytest.mark.must(2)
@pytest.mark.parametrize("line", FOR_ONE_CONNECTION)
async def test_fields_for_one_connection_end_here_in_answers(harness: Harness, line: bytes) -> None:
    seen = await harness.exchange(request(), answer=answer(b"Date: now", line, b"X-Kept: yes"))
    assert seen.answer.head.passed == [(b"Date", b"now"), KEPT, LENGTH]
    assert seen.answer.values(b"connection") == []


@pytest.mark.must(2)
async def test_a_request_is_chunked_anew(harness: Harness) -> None:
    """Chunk extensions and the writing of sizes are for one connection too."""
    head = request(b"/", b"Transfer-Encoding: Chunked", method=b"POST")
    seen = await harness.exchange(head + b"005;name=value\r\nhello\r\n0;last\r\n\r\n")
    assert seen.request.values(b"transfer-encoding") == [b"chunked"]
    assert seen.request.passed == [HOST]
    assert seen.body == b"hello"


@pytest.mark.must(2)
async def test_an_answer_is_chunked_anew(harness: Harness) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\nDate: now\r\n\r\n"
    said = head + b"005;name=value\r\nhello\r\n0;last\r\n\r\n"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.framing, seen.answer.body) == ("chunked", b"hello")
    assert seen.answer.head.passed == [(b"Date", b"now")]


@pytest.mark.must(25)
@pytest.mark.parametrize(
    "lines",
    [
        (b"TE: trailers",),
        (b"TE: trailers", b"Connection: TE"),
        (b"TE: gzip;q=1, trailers", b"Connection: te, keep-alive"),
        (b"te:",),
    ],
)
async def test_te_is_not_forwarded(harness: Harness, lines: tuple[bytes, ...]) -> None:
    seen = await harness.exchange(request(b"/", *lines, b"X-Kept: yes"))
    assert seen.request.passed == [HOST, KEPT]
    assert b"trailers" not in seen.request.raw
