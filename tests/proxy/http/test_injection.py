"""Nothing that one side says becomes a field, a line or a message that it may not make."""

import pytest

from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import HOST, STRANGER, TRUSTED, Harness, answer, chunked, request
from tests.proxy.http.upstream import DATE, OK, answering_and_closing

pytestmark = pytest.mark.musts

CHUNKED = b"Transfer-Encoding: chunked"
BREAKS = {
    "CR LF": b"\r\nX-Injected: 1",
    "LF": b"\nX-Injected: 1",
    "CR": b"\rX-Injected: 1",
    "CR LF CR LF": b"\r\n\r\nGET /injected HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    "LF LF": b"\n\nGET /injected HTTP/1.1\nHost: www.example.org\n\n",
    "NUL": b"\0X-Injected: 1",
}
PLACES = {
    "method": b"GET%b / HTTP/1.1\r\n" + HOST + b"\r\n",
    "target": b"GET /a%b HTTP/1.1\r\n" + HOST + b"\r\n",
    "query": b"GET /?a%b HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority": b"GET http://www.example.org%b/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "name": b"GET / HTTP/1.1\r\nX-Any%b: 1\r\n" + HOST + b"\r\n",
}


@pytest.mark.must(10, 27)
@pytest.mark.parametrize("source", [STRANGER, TRUSTED], ids=["stranger", "trusted"])
@pytest.mark.parametrize("injected", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_what_breaks_a_line_is_refused(
    harness: Harness, place: bytes, injected: bytes, source: str
) -> None:
    await harness.refused(place.replace(b"%b", injected), status=400, source=source)


CLAIMS = [
    b"X-Forwarded-For",
    b"X-Forwarded-Proto",
    b"X-Forwarded-Host",
    b"X-Forwarded-Port",
    b"Forwarded",
    b"X-Real-IP",
    b"X-Request-ID",
    b"Via",
    b"Cookie",
    b"Max-Forwards",
    b"Strangler-Force",
]


@pytest.mark.must(10, "A4")
@pytest.mark.parametrize("bad", [b"a\nX-Injected: 1", b"a\rX-Injected: 1", b"a\0b", b"a\x0bb"])
@pytest.mark.parametrize("name", CLAIMS)
async def test_so_are_claims_of_our_own_servers(harness: Harness, name: bytes, bad: bytes) -> None:
    """Which we copy into lines of ours."""
    said = request(b"/", name + b": " + bad)
    await harness.refused(said, status=400, source=TRUSTED)


ESCAPED = [
    b"/%0d%0aX-Injected:%201",
    b"/%0D%0A%0D%0AGET%20/injected%20HTTP/1.1",
    b"/%00%0a?%0d%0aSet-Cookie:a=b",
    b"/%E5%98%8A%E5%98%8D",
    b"/\xe5\x98\x8a\xe5\x98\x8dX-Injected",
    b"/\xc4\x8d\xc4\x8aX-Injected:1",
    b"/?a=%250d%250a",
]


@pytest.mark.must(6, 10)
@pytest.mark.parametrize("target", ESCAPED)
async def test_what_is_escaped_stays_escaped(harness: Harness, target: bytes) -> None:
    """Nobody decodes it on its way, in neither direction."""
    seen = await harness.exchange(
        request(target, b"Referer: http://x" + target), answer=answer(b"Location: " + target)
    )
    assert seen.request.start == b"GET " + target + b" HTTP/1.1"
    assert seen.request.value(b"referer") == b"http://x" + target
    assert seen.answer.value(b"location") == target
    assert seen.request.values(b"x-injected") == seen.answer.values(b"x-injected") == []


HOSTS = {
    "a list": b"a,b.example",
    "another element": b"a,for=192.0.2.1",
    "another pair": b"a;for=192.0.2.1;proto=https",
    "an escape": b"a%22;for=192.0.2.1",
    "parentheses": b"a(b)",
    "apostrophes": b"a'b'",
}


@pytest.mark.must("A4")
@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
async def test_a_host_is_one_value_in_forwarded(harness: Harness, host: bytes) -> None:
    """RFC 7239 §4: in quotes, since a name may have `;`, `,` and `=` in it."""
    seen = await harness.exchange(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    expected = b'for=127.0.0.1;host="' + host + b'";proto=http'
    assert seen.request.values(b"forwarded") == [expected]
    assert seen.request.values(b"x-forwarded-for") == [b"127.0.0.1"]


@pytest.mark.must("A4")
@pytest.mark.parametrize(
    "request_id", [b"a b", b'a"b', b"a;b", b"a,b", b"a\tb", b"a\xe9", b"a\x80", b"{a}", b"a\\b"]
)
async def test_an_id_that_could_be_more_is_replaced(harness: Harness, request_id: bytes) -> None:
    """It goes into logs and pages of others."""
    said = request(b"/", b"X-Request-ID: " + request_id)
    seen = await harness.exchange(said, source=TRUSTED)
    ours = seen.request.value(b"x-request-id")
    assert len(ours) == 32
    assert seen.answer.values(b"x-request-id") == [ours]


@pytest.mark.must(10, 12)
@pytest.mark.parametrize(
    "reason",
    [
        b"OK\nX-Injected: 1",
        b"OK\rX-Injected: 1",
        b"OK\r\r\nX-Injected: 1",
        b"O\0K",
        b"O\x0bK",
        b"O\x1bK",
        b"O\x7fK",
    ],
)
async def test_a_reason_phrase_is_one_line(harness: Harness, reason: bytes) -> None:
    script = answering_and_closing(answer(status=b"200 " + reason))
    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.head.reason) == (502, b"Bad Gateway")
    assert seen.answer.values(b"x-injected") == []


@pytest.mark.must(12)
@pytest.mark.parametrize(
    "reason", [b"", b"Not  so \t fine", b"\xc3\x9c\xff", b"HTTP/1.1 500 No", b"X: y", b" leading "]
)
async def test_anything_else_it_may_say(harness: Harness, reason: bytes) -> None:
    seen = await harness.exchange(request(), answer=answer(status=b"200 " + reason))
    assert seen.answer.head.start == b"HTTP/1.1 200 " + reason


@pytest.mark.must(12)
async def test_or_nothing_at_all(harness: Harness) -> None:
    """Some leave out the space, too."""
    seen = await harness.exchange(request(), answer=answer(status=b"200"))
    assert seen.answer.head.start == b"HTTP/1.1 200 "


ALIASES = {
    "Content_Length: 0": b"Content_Length: 0",
    "Content-_Length: 0": b"Content-_Length: 0",
    "Transfer_Encoding": b"Transfer_Encoding: chunked",
    "X_Forwarded_For": b"X_Forwarded_For: 192.0.2.1",
    "X-Forwarded_For": b"X-Forwarded_For: 192.0.2.1",
    "x_forwarded_host": b"x_forwarded_host: evil.example",
    "X_Forwarded_Proto": b"X_Forwarded_Proto: https",
    "X_Request_ID": b"X_Request_ID: 1",
    "X_Real_IP": b"X_Real_IP: 192.0.2.1",
    "Remote_User": b"Remote_User: admin",
    "Remote_Addr": b"REMOTE_ADDR: 192.0.2.1",
    "HTTP_Host": b"HTTP_HOST: evil.example",
    "Authorization_": b"Authorization_: Basic YTpi",
    "Proxy": b"Proxy: http://evil.example",
    "PROXY": b"PROXY: http://evil.example",
    "Proxy_": b"Proxy_: http://evil.example",
    "Strangler_Owner": b"Strangler_Owner: native",
    "_": b"_: 1",
}
AS_WSGI = (
    b"CONTENT_LENGTH",
    b"TRANSFER_ENCODING",
    b"X_FORWARDED_FOR",
    b"X_FORWARDED_HOST",
    b"X_FORWARDED_PROTO",
    b"X_REQUEST_ID",
)


@pytest.mark.must("A5")
@pytest.mark.parametrize("source", [STRANGER, TRUSTED], ids=["stranger", "trusted"])
@pytest.mark.parametrize("line", ALIASES.values(), ids=ALIASES)
@pytest.mark.parametrize("framing", ["sized", "chunked", "none"])
async def test_no_field_passes_for_another_in_wsgi(
    harness: Harness, framing: str, line: bytes, source: str
) -> None:
    """There `X-Any` and `X_Any` are one key: each may come from one line only."""
    body = b"" if framing == "none" else b"hello"
    if framing == "chunked":
        said = request(b"/", line, CHUNKED, method=b"POST") + chunked(body)
    else:
        said = request(b"/", line, method=b"POST", body=body)
    seen = await harness.exchange(said, source=source)
    keys = [name.upper().replace(b"-", b"_") for name, _ in seen.request.fields]
    assert [key for key in AS_WSGI if keys.count(key) > 1] == []
    assert len(keys) == len(set(keys))
    assert seen.request.passed == [(b"Host", b"www.example.org")]
    assert seen.body == body


@pytest.mark.must("A5", 9)
@pytest.mark.parametrize(
    "lines",
    [
        (b"Cookie: a=b", b"Cookie_: c=d"),
        (b"Cookie: a=b", b"cookie: c=d", b"COOKIE: e=f"),
        (b"Authorization: x", b"Authorization_: y"),
        (b"Referer: x", b"R_eferer: y"),
    ],
)
async def test_nor_for_a_second_line_of_its_name(
    harness: Harness, lines: tuple[bytes, ...]
) -> None:
    seen = await harness.exchange(request(b"/", *lines))
    keys = [name.upper() for name, _ in seen.request.passed]
    assert len(keys) == len(set(keys)) == 2


TRAILERS = [
    b"Content-Length: 50",
    b"Transfer-Encoding: gzip",
    b"Host: evil.example",
    b"X-Forwarded-For: 192.0.2.1",
    b"X_Forwarded_For: 192.0.2.1",
    b"Authorization: Basic YTpi",
    b"Cookie: a=b",
    b"Set-Cookie: a=b",
    b"Connection: close",
    b"Strangler-Owner: native",
    b"Via: 1.1 evil",
]


@pytest.mark.must(11)
@pytest.mark.parametrize("trailer", TRAILERS)
async def test_a_trailer_is_no_field(harness: Harness, trailer: bytes) -> None:
    """Of neither head, and of no message after it."""
    body = chunked(b"hello", trailers=trailer + b"\r\n")
    head = b"HTTP/1.1 200 OK\r\n" + DATE + CHUNKED + b"\r\n\r\n"

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(head + body)
        await peer.request()
        await peer.say(OK)

    harness.upstream.play(script)
    client = await harness.client()
    await client.say(request(b"/", CHUNKED, method=b"POST") + body + request(b"/next"))
    came = await client.answer()
    assert (came.body, came.values(b"connection")) == (b"hello", [])
    assert came.head.passed == [(b"Date", b"Mon, 01 Jan 2001 00:00:00 GMT")]
    assert (await client.answer()).body == b"ok"
    for seen in harness.upstream.heads:
        assert seen.passed == [(b"Host", b"www.example.org")]
    assert trailer not in client.received
    assert trailer not in (await harness.upstream.peer()).received


@pytest.mark.must(10)
async def test_a_refusal_repeats_nothing_of_what_was_said(harness: Harness) -> None:
    """Neither in its head nor in its body."""
    said = b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: <script>\r\nX-Evil: evil\r\n\r\n"
    came = await harness.refused(said, status=400)
    assert b"script" not in came.head.raw + came.body
    assert b"evil" not in came.head.raw.lower()
