"""The classic ways to make one message pass for two, or for another; mutations start here too.

Of requests each is one connection's octets; `X` in a target marks what must not arrive on its own.
"""

HOST = b"Host: www.example.org\r\n"
INNER = b"GET /X HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
ZERO = b"0\r\n\r\n"


def _post(*lines: bytes, body: bytes = b"") -> bytes:
    return (
        b"POST /a HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body
    )


def _get(*lines: bytes) -> bytes:
    return b"GET /a HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


_TE = b"Transfer-Encoding: chunked"
_CL = b"Content-Length: 5"
_TE_TRICKS = (
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding\t: chunked",
    b" Transfer-Encoding: chunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding:\x0cchunked",
    b"Transfer-Encoding: chunked\x00",
    b"Transfer-Encoding:\xa0chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: , chunked",
    b"Transfer-Encoding: chunked,",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: CHUNKED",
    b"Transfer-Encoding:chunked",
    b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer_Encoding: chunked",
    b"Transfer-Encoding\r\n: chunked",
    b"X: y\rTransfer-Encoding: chunked",
    b"X: y\nTransfer-Encoding: chunked",
    b"X: y\r\r\nTransfer-Encoding: chunked",
    b"\x00Transfer-Encoding: chunked",
    b"Transfer-Encod\xc4\xb0ng: chunked",
    b"Connection: transfer-encoding\r\nTransfer-Encoding: chunked",
    b"TE: chunked",
)
_LENGTHS = (
    b"+5", b"-5", b"0x5", b"5_0", b"05", b"5 ", b"5,5", b"5, 6", b"5 5", b"", b"\xd9\xa5",
    b"5\x00", b"5\x0b", b"5.0", b"5e0", b"999999999999999999999", b"18446744073709551621", b"'5'",
)  # fmt: skip
_CHUNKS = (
    b"0\r\n\r\n" + INNER,
    b"0;a\n\r\n" + INNER,
    b"0x0\r\n\r\n" + INNER,
    b"+0\r\n\r\n" + INNER,
    b"0_0\r\n\r\n" + INNER,
    b" 0\r\n\r\n" + INNER,
    b"0 \r\n\r\n" + INNER,
    b"0\t;a\r\n\r\n" + INNER,
    b"\r\n0\r\n\r\n" + INNER,
    b"5\r\nhelloXX0\r\n\r\n" + INNER,
    b"5\r\nhello\n0\r\n\r\n" + INNER,
    b"5\r\nhello0\r\n\r\n" + INNER,
    b"5\nhello\r\n0\r\n\r\n" + INNER,
    b"5\rhello\r\n0\r\n\r\n" + INNER,
    b"5;\nGET /X HTTP/1.1\r\n\r\nhello\r\n0\r\n\r\n",
    b'5;a="\r\n0\r\n\r\n' + INNER,
    b"10000000000000005\r\nhello\r\n0\r\n\r\n" + INNER,
    b"fffffffffffffffffffffffb\r\nhello\r\n0\r\n\r\n" + INNER,
    b"0\r\nContent-Length: 60\r\n\r\n" + INNER,
    b"0\r\nX: y\n\r\n" + INNER,
    b"0\r\n X: y\r\n\r\n" + INNER,
    b"0\r\n" + INNER,
    b"0\r\n\n" + INNER,
    b"0\r\r\n\r\n" + INNER,
    b"00000000000000000\r\n\r\n" + INNER,
    b"\x00\r\n\r\n" + INNER,
    b"2\r\n\r\n\r\n0\r\n\r\n" + INNER,
)

REQUESTS: tuple[bytes, ...] = (
    _get() + INNER,
    _post(_CL, body=b"hello" + INNER),
    _post(_TE, body=b"5\r\nhello\r\n0\r\n\r\n" + INNER),
    # CL.TE, TE.CL, and lengths that differ
    _post(_CL, _TE, body=ZERO + INNER),
    _post(_TE, b"Content-Length: 49", body=ZERO + INNER),
    _post(_CL, b"Content-Length: 6", body=b"hello" + INNER),
    _post(_CL, _CL, body=b"hello" + INNER),
    _post(b"Content-Length: 0", _CL, body=b"hello" + INNER),
    *(_post(_CL, trick, body=ZERO + INNER) for trick in _TE_TRICKS),
    *(_post(trick, body=ZERO + INNER) for trick in _TE_TRICKS),
    *(_post(b"Content-Length: " + length, body=b"hello" + INNER) for length in _LENGTHS),
    *(_post(_TE, body=chunks) for chunks in _CHUNKS),
    # 0.CL: a GET whose body is read by one side only
    _get(b"Content-Length: 45") + INNER,
    _get(b"Content-Length : 45") + INNER,
    _get(b"Content_Length: 45") + INNER,
    _get(b"Expect: 100-continue", b"Content-Length: 45") + INNER,
    _get(b"Expect: y 100-continue", b"Content-Length: 45") + INNER,
    # versions and connections
    b"POST /a HTTP/1.0\r\n" + HOST + _TE + b"\r\n\r\n" + ZERO + INNER,
    b"POST /a HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello" + INNER,
    b"GET /a HTTP/1.2\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a HTTP/0.9\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a\r\n" + INNER,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER,
    _get(b"Connection: close") + INNER,
    _get(b"Connection: content-length", b"Content-Length: 45") + INNER,
    _get(b"Connection: host, x", b"X: y") + INNER,
    # other protocols
    _get(b"Connection: upgrade, http2-settings", b"Upgrade: h2c", b"HTTP2-Settings: AA") + INNER,
    _get(b"Connection: upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 777") + INNER,
    _post(b"Connection: upgrade", b"Upgrade: websocket", _CL, body=b"hello" + INNER),
    b"CONNECT www.example.org:80 HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    # hosts and targets
    b"GET /a HTTP/1.1\r\n\r\n" + INNER,
    _get(b"Host: other.example.org") + INNER,
    b"GET http://other.example.org/a HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET http://u:p@other.example.org/a HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET http://other.example.org HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a HTTP/1.1 HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a\tHTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET /\xff\x80 HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET * HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"GET  /a HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    b"G\x00T /a HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    # line ends
    b"\r\n\r\n" + _get() + INNER,
    b"\r\n\r\n\r\n" + _get() + INNER,
    b"\n" + _get() + INNER,
    (_get() + INNER).replace(b"\r\n", b"\n"),
    (_get() + INNER).replace(b"\r\n", b"\r"),
    b"GET /a HTTP/1.1\r\n\tx\r\n" + HOST + b"\r\n" + INNER,
    b"GET /a HTTP/1.1\r\nX: y\r\n z\r\n" + HOST + b"\r\n" + INNER,
    _get(b"X: y\r\n\rGET /X HTTP/1.1") + INNER,
    _get(b"X: y\n\nGET /X HTTP/1.1") + INNER,
    _get(b"X:") + INNER,
    _get(b":y") + INNER,
    # hops
    b"OPTIONS /a HTTP/1.1\r\n" + HOST + b"Max-Forwards: 0\r\nContent-Length: 45\r\n\r\n" + INNER,
    b"TRACE /a HTTP/1.1\r\n" + HOST + b"Max-Forwards: 5\r\n\r\n" + INNER,
    b"TRACE /a HTTP/1.1\r\n" + HOST + b"Max-Forwards: x\r\n\r\n" + INNER,
    _get(b"Via: 1.1 strangler-fuzz") + INNER,
    _get(b"Cookie: a=b", b"X: y", b"Cookie: c=d", b"cookie:e=f") + INNER,
    _get(b"Connection: cookie, close", b"Cookie: a=b") + INNER,
)


def _ok(*lines: bytes, body: bytes = b"", status: bytes = b"200 OK", minor: int = 1) -> bytes:
    start = b"HTTP/1.%d %b\r\n" % (minor, status)
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


SECOND = _ok(b"Content-Length: 1", body=b"X")

ANSWERS: tuple[bytes, ...] = (
    _ok(b"Content-Length: 5", body=b"hello"),
    _ok(b"Content-Length: 5", body=b"hello" + SECOND),
    _ok(b"Content-Length: 5", body=b"hel"),
    _ok(_TE, body=b"5\r\nhello\r\n0\r\n\r\n"),
    _ok(_TE, body=b"5\r\nhello\r\n0\r\n\r\n" + SECOND),
    _ok(_TE, body=b"5\r\nhello\r\n"),
    _ok(_TE, body=b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    _ok(body=b"until the end"),
    _ok(body=b"until the end", minor=0),
    _ok(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"),
    _ok(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!"),
    _ok(b"Content-Length: 5, 5", body=b"hello"),
    _ok(_CL, _TE, body=b"5\r\nhello\r\n0\r\n\r\n"),
    _ok(_TE, body=b"5\r\nhello\r\n0\r\n\r\n", minor=0),
    *(_ok(trick, body=b"5\r\nhello\r\n0\r\n\r\n") for trick in _TE_TRICKS),
    *(_ok(b"Content-Length: " + length, body=b"hello") for length in _LENGTHS),
    *(_ok(_TE, body=chunks) for chunks in _CHUNKS),
    _ok(b"Content-Length: 5", status=b"204 No Content", body=b"hello"),
    _ok(_TE, status=b"204 No Content", body=ZERO),
    _ok(b"Content-Length: 5", status=b"304 Not Modified"),
    _ok(_TE, status=b"304 Not Modified"),
    _ok(status=b"100 Continue") + _ok(b"Content-Length: 5", body=b"hello"),
    _ok(b"Link: </a>", status=b"103 Early Hints") + _ok(_TE, body=b"1\r\na\r\n" + ZERO),
    _ok(b"Content-Length: 5", status=b"103 Early Hints") + b"hello" + SECOND,
    _ok(b"Upgrade: websocket", b"Connection: Upgrade", status=b"101 Switching Protocols")
    + b"\x81\x00",
    _ok(status=b"200", body=b"hello"),
    _ok(status=b"200 ", body=b"hello"),
    _ok(status=b"2000 OK", body=b"hello"),
    _ok(status=b"099 Low", body=b"hello"),
    _ok(status=b"999 High", body=b"hello"),
    _ok(status=b"200 \xd6K\tyes", body=b"hello"),
    _ok(status=b"200 O\x00K", body=b"hello"),
    _ok(b"X : y", b"Content-Length\t: 5", body=b"hello"),
    _ok(b"X: y\r\n z", b"Content-Length:\r\n 5", body=b"hello"),
    _ok(b" X: y", body=b"hello"),
    _ok(b"Connection: x-secret, content-length", b"X-Secret: y", _CL, body=b"hello"),
    _ok(b"Connection: close", b"Date: now", b"Via: 1.1 a", _CL, body=b"hello"),
    _ok(b"Set-Cookie: a=b\rSet-Cookie: c=d", body=b"hello"),
    (_ok(_CL, body=b"hello")).replace(b"\r\n", b"\n"),
    b"\r\n" + _ok(_CL, body=b"hello"),
    b"HTTP/2 200 OK\r\n\r\nhello",
    b"ICY 200 OK\r\n\r\nhello",
    b"<html>hello</html>",
    b"",
)
