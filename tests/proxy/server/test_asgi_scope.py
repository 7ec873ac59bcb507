"""What an application is told of a request before its body."""

import pytest

from proxy.server.asgi import Scope
from tests.inside import FRONT, inside, native
from tests.proxy.server.applications import Echo, request, sized

CHUNKED = b"Transfer-Encoding: chunked"


async def scope_of(said: bytes) -> Scope:
    """Without `client`, which is right then."""
    echo = Echo()
    async with inside(native(echo)) as server:
        client = await server.client(said, source=FRONT)
        assert (await client.answer()).status == 200
        (scope,) = echo.scopes
        assert scope.pop("client") == (FRONT, client.sock.getsockname()[1])
        return scope


async def test_the_whole_scope() -> None:
    said = b"GET /a%2Fb/%C3%A9?q=%20&a=b?c HTTP/1.1\r\nHost: Www.Example.org\r\nX-A: 1\r\n\r\n"
    scope = await scope_of(said)
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a/b/é",
        "raw_path": b"/a%2Fb/%C3%A9",
        "query_string": b"q=%20&a=b?c",
        "root_path": "",
        "headers": [(b"host", b"Www.Example.org"), (b"x-a", b"1")],
        "server": None,
        "extensions": {},
    }


@pytest.mark.parametrize(
    ("target", "path", "raw_path", "query"),
    [
        (b"/", "/", b"/", b""),
        (b"/?", "/", b"/", b""),
        (b"//a/../b;c", "//a/../b;c", b"//a/../b;c", b""),
        (b"/%FF%e9", "/\ufffd\ufffd", b"/%FF%e9", b""),
        (b"/\xc3\xa9", "/é", b"/\xc3\xa9", b""),
        (b"/%", "/%", b"/%", b""),
        (b"http://other.example/x?y", "/x", b"/x", b"y"),
    ],
)
async def test_targets(target: bytes, path: str, raw_path: bytes, query: bytes) -> None:
    scope = await scope_of(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (path, raw_path, query)


@pytest.mark.parametrize(
    ("lines", "headers"),
    [
        ([b"ACCEPT:\t */* "], [(b"accept", b"*/*")]),
        ([b"X-A: 2", b"x-b: 1", b"X-A: 1"], [(b"x-a", b"2"), (b"x-b", b"1"), (b"x-a", b"1")]),
        ([b"Cookie: a=1", b"X-A: 1", b"cookie: b=2"], [(b"cookie", b"a=1; b=2"), (b"x-a", b"1")]),
        ([b"X_A: 1", b"Proxy: x", b"Strangler-Force: native"], []),
        ([b"Connection: x-a", b"X-A: 1", b"Keep-Alive: 5", b"TE: trailers"], []),
        ([b"X-Forwarded-For: 1.1.1.1"], [(b"x-forwarded-for", b"1.1.1.1")]),
        ([b"X-A: \xe9"], [(b"x-a", b"\xe9")]),
        ([b"Content-Length: 0"], [(b"content-length", b"0")]),
    ],
)
async def test_headers(lines: list[bytes], headers: list[tuple[bytes, bytes]]) -> None:
    scope = await scope_of(request(b"GET", *lines))
    (host, *others) = sorted(scope["headers"], key=lambda field: field[0] != b"host")
    assert host == (b"host", b"a")
    assert sorted(others) == sorted(headers)
    assert [field for field in others if field[0] == b"x-a"] == [
        field for field in headers if field[0] == b"x-a"
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (sized(b"hello"), (b"content-length", b"5")),
        (
            request(b"POST", CHUNKED, content=b"5\r\nhello\r\n0\r\n\r\n"),
            (b"transfer-encoding", b"chunked"),
        ),
    ],
)
async def test_how_long_a_body_is(said: bytes, field: tuple[bytes, bytes]) -> None:
    scope = await scope_of(said)
    assert scope["headers"] == [(b"host", b"a"), field]


async def test_a_client_of_http_1_0_need_not_name_the_host() -> None:
    scope = await scope_of(b"GET / HTTP/1.0\r\n\r\n")
    assert (scope["http_version"], scope["headers"]) == ("1.0", [])


async def test_the_host_of_an_absolute_target_counts() -> None:
    scope = await scope_of(b"GET http://b:81/ HTTP/1.1\r\nHost: a\r\n\r\n")
    assert scope["headers"] == [(b"host", b"b:81")]
