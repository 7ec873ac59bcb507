"""Host: there must be one, and only one; a target in absolute form replaces it."""

import pytest

from tests.proxy.http.harness import HOST, STRANGER, Harness, chunked, request

pytestmark = pytest.mark.musts

INVALID = {
    "empty": b"",
    "whitespace": b" \t ",
    "a space in it": b"www example.org",
    "a tab in it": b"www\texample.org",
    "a path": b"www.example.org/",
    "a query": b"www.example.org?a",
    "a fragment": b"www.example.org#a",
    "a user": b"user@www.example.org",
    "a user and a password": b"user:secret@www.example.org",
    "a URL": b"http://www.example.org",
    "a backslash": b"www.example.org\\evil",
    "quotes": b'"www.example.org"',
    "angles": b"<www.example.org>",
    "braces": b"{www}",
    "a caret": b"www^",
    "a bar": b"www|evil",
    "a grave": b"`id`",
    "beyond ASCII": b"b\xc3\xbccher.example",
    "a port of letters": b"www.example.org:http",
    "a negative port": b"www.example.org:-1",
    "a port with a sign": b"www.example.org:+80",
    "two ports": b"www.example.org:80:80",
    "a long port": b"www.example.org:000080",
    "a port only": b":80",
    "IPv6 without brackets": b"2001:db8::1",
    "brackets without end": b"[2001:db8::1",
    "brackets without beginning": b"2001:db8::1]",
    "empty brackets": b"[]",
    "a name in brackets": b"[www.example.org]",
    "something after brackets": b"[::1]evil",
    "a zone": b"[fe80::1%25eth0]",
    "half an octet": b"www%4",
    "no octet": b"www%zz",
}


@pytest.mark.must(31)
@pytest.mark.parametrize("host", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_an_invalid_one_is_refused(harness: Harness, host: bytes, version: bytes) -> None:
    said = b"GET / HTTP/" + version + b"\r\nHost: " + host + b"\r\n\r\n"
    await harness.refused(said, status=400)


@pytest.mark.must(31)
@pytest.mark.parametrize("host", INVALID.values(), ids=INVALID)
async def test_also_where_the_target_replaces_it(harness: Harness, host: bytes) -> None:
    said = b"GET http://www.example.org/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    await harness.refused(said, status=400)


MISSING = {
    "no fields": b"GET / HTTP/1.1\r\n\r\n",
    "other fields": b"GET / HTTP/1.1\r\nAccept: */*\r\nX-Host: www.example.org\r\n\r\n",
    "an underscore": b"GET / HTTP/1.1\r\nHost_: www.example.org\r\n\r\n",
    "absolute form": b"GET http://www.example.org/ HTTP/1.1\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\n\r\n",
    "forwarded": b"GET / HTTP/1.1\r\nX-Forwarded-Host: www.example.org\r\n\r\n",
    "the asterisk": b"OPTIONS * HTTP/1.1\r\n\r\n",
}


@pytest.mark.must(31)
@pytest.mark.parametrize("said", MISSING.values(), ids=MISSING)
@pytest.mark.parametrize("source", [STRANGER, "127.0.0.2"], ids=["stranger", "trusted"])
async def test_a_missing_one_is_refused(harness: Harness, said: bytes, source: str) -> None:
    await harness.refused(said, status=400, source=source)


@pytest.mark.must(31)
@pytest.mark.parametrize(
    "second",
    [
        b"Host: www.example.org",
        b"Host: other.example",
        b"host: www.example.org",
        b"HOST:other.example",
        b"Host:",
        b"Host: www.example.org, other.example",
    ],
)
@pytest.mark.parametrize("between", [(), (b"X-Any: 1",)], ids=["at once", "later"])
@pytest.mark.parametrize("target", [b"/", b"http://www.example.org/"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_a_repeated_one_is_refused(
    harness: Harness, second: bytes, between: tuple[bytes, ...], target: bytes, version: bytes
) -> None:
    await harness.refused(request(target, *between, second, version=version), status=400)


@pytest.mark.must(31)
@pytest.mark.parametrize("line", [b"Connection: host", b"Connection: close, Host"])
async def test_connection_does_not_remove_it(harness: Harness, line: bytes) -> None:
    seen = await harness.exchange(request(b"/", line))
    assert seen.request.values(b"host") == [b"www.example.org"]


ABSOLUTE = [
    (b"http://other.example/path?query", b"/path?query", b"other.example"),
    (b"http://other.example/", b"/", b"other.example"),
    (b"http://other.example", b"/", b"other.example"),
    (b"http://other.example?query", b"/?query", b"other.example"),
    (b"http://other.example:8080/", b"/", b"other.example:8080"),
    (b"http://other.example:/", b"/", b"other.example:"),
    (b"https://other.example/", b"/", b"other.example"),
    (b"HTTP://OTHER.example/A", b"/A", b"OTHER.example"),
    (b"hTTpS://other.example/%2F//..;x", b"/%2F//..;x", b"other.example"),
    (b"http://[2001:db8::1]:80/", b"/", b"[2001:db8::1]:80"),
    (b"http://other.example//www.example.org/", b"//www.example.org/", b"other.example"),
    (b"http://other.example/http://third.example/", b"/http://third.example/", b"other.example"),
    (b"http://other.example/a@b:c", b"/a@b:c", b"other.example"),
    (b"http://other.example?a@b/c", b"/?a@b/c", b"other.example"),
    (b"http://www.example.org/same", b"/same", b"www.example.org"),
]


@pytest.mark.must(32)
@pytest.mark.parametrize(("target", "path", "host"), ABSOLUTE, ids=repr)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_the_targets_authority_replaces_it(
    harness: Harness, target: bytes, path: bytes, host: bytes, method: bytes, version: bytes
) -> None:
    body = b"hello" if method == b"POST" else b""
    said = request(target, b"X-Any: 1", method=method, version=version, body=body)
    seen = await harness.exchange(said)
    assert seen.request.start == method + b" " + path + b" HTTP/1.1"
    assert seen.request.values(b"host") == [host]
    assert seen.request.values(b"x-forwarded-host") == [host]
    assert b'host="' + host + b'"' in seen.request.value(b"forwarded")
    assert seen.request.values(b"x-any") == [b"1"]
    assert seen.body == body


@pytest.mark.must(32)
async def test_http_1_0_needs_no_host_then(harness: Harness) -> None:
    seen = await harness.exchange(b"GET http://other.example/path HTTP/1.0\r\n\r\n")
    assert seen.request.start == b"GET /path HTTP/1.1"
    assert seen.request.values(b"host") == [b"other.example"]


@pytest.mark.must(32)
async def test_one_request_does_not_shape_the_next(harness: Harness) -> None:
    """The fields being the same, only the target says which host is asked."""
    client = await harness.client()
    for target in (b"/", b"http://other.example/", b"/", b"http://third.example/"):
        await client.say(request(target))
        assert (await client.answer()).status == 200
    assert [head.value(b"host") for head in harness.upstream.heads] == [
        b"www.example.org",
        b"other.example",
        b"www.example.org",
        b"third.example",
    ]


@pytest.mark.must(32)
@pytest.mark.parametrize("target", [b"http://other.example", b"http://other.example:80"])
async def test_options_without_a_path_asks_for_the_whole_server(
    harness: Harness, target: bytes
) -> None:
    """RFC 9112 §3.2.4."""
    seen = await harness.exchange(request(target, method=b"OPTIONS"))
    assert seen.request.start == b"OPTIONS * HTTP/1.1"


@pytest.mark.must(32)
@pytest.mark.parametrize("path", [b"/", b"?query", b"/path"])
async def test_options_with_one_asks_for_that(harness: Harness, path: bytes) -> None:
    seen = await harness.exchange(request(b"http://other.example" + path, method=b"OPTIONS"))
    expected = path if path.startswith(b"/") else b"/" + path
    assert seen.request.target == expected


@pytest.mark.must(32)
async def test_our_own_pages_are_there_in_absolute_form_too(harness: Harness) -> None:
    came = await harness.ask(request(b"http://other.example/__strangler__/health/live"))
    assert (came.status, came.values(b"strangler-owner")) == (200, [b"proxy"])
    assert harness.upstream.heads == []


REFUSED = [
    b"http:///path",
    b"http://",
    b"http:/path",
    b"http:path",
    b"http:",
    b"http://:80/",
    b"http://user@other.example/",
    b"http://user:secret@other.example/",
    b"http://@other.example/",
    b"http://www.example.org@evil.example/",
    b"http://www.example.org:80@evil.example/",
    b"http://other.example\\@evil.example/",
    b"http://other.example:port/",
    b"http://other.example:80:80/",
    b"http://[::1/",
    b"http://b\xc3\xbccher.example/",
    b"http://other.example#fragment",
    b"http://other.example/path#fragment",
    b"/path#fragment",
    b"/#",
    b"#",
    b"ftp://other.example/",
    b"ws://other.example/",
    b"file:///etc/passwd",
    b"gopher://other.example/",
    b"urn:x",
    b"://other.example/",
    b"www.example.org",
    b"www.example.org:80",
    b"www.example.org/path",
    b"path",
    b"?query",
    b"*",
    b"*/",
    b"**",
    b"\\",
    b"\\\\other.example\\",
    b";/",
    b"%2Fpath",
]


@pytest.mark.must(32)
@pytest.mark.parametrize("target", REFUSED)
async def test_other_targets_are_refused(harness: Harness, target: bytes) -> None:
    await harness.refused(request(target), status=400)


@pytest.mark.must(32)
@pytest.mark.parametrize("target", [one for one in REFUSED if one != b"*"])
async def test_of_options_too(harness: Harness, target: bytes) -> None:
    await harness.refused(request(target, method=b"OPTIONS"), status=400)


@pytest.mark.must(32)
@pytest.mark.parametrize(
    "target",
    [b"www.example.org:443", b"127.0.0.1:22", b"[::1]:80", b"/", b"http://www.example.org/", b"*"],
)
@pytest.mark.parametrize(
    "rest", [b"", b"\x16\x03\x01\0\0", chunked(b"hello")], ids=["nothing", "TLS", "chunks"]
)
async def test_nobody_is_connected_with_another_host(
    harness: Harness, target: bytes, rest: bytes
) -> None:
    await harness.refused(request(target, method=b"CONNECT") + rest, status=501)


@pytest.mark.must(32)
@pytest.mark.parametrize(
    "line",
    [
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"GET / a HTTP/1.1",
        b" GET / HTTP/1.1",
        b"GET\t/\tHTTP/1.1",
        b"GET /HTTP/1.1",
        b"GET/ HTTP/1.1",
        b"/ HTTP/1.1",
        b"GET HTTP/1.1",
        b"GET",
        b"G(T / HTTP/1.1",
        b"G:T / HTTP/1.1",
        b'"GET" / HTTP/1.1',
        b"HTTP/1.1 200 OK",
    ],
)
async def test_what_is_no_request_line_is_refused(harness: Harness, line: bytes) -> None:
    await harness.refused(line + b"\r\n" + HOST + b"\r\n", status=400)
