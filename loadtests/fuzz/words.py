"""The words that messages are made of: the usual ones, and the odd ones that readers fall out over.

In lengths and sizes `%d` and `%x` stand for the right number.
"""

from loadtests.fuzz import corpus

LONG = 70_000
"""Octets: more than are gathered, read at once, or let wait."""

METHODS = (
    b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"TRACE", b"get", b"QUERY", b"X",
)  # fmt: skip
ODD_METHODS = (b"CONNECT", b"", b"G T", b"G\x00T", b"PRI", b"GET\t", b'"GET"', b"G\xc9T", b"GET:")
TARGETS = (
    b"/a", b"/", b"/%2F", b"//x/..//y", b"/a?b=c&d", b"/a;b", b"/\xe9\xff", b'/"<>\\^{|}',
    b"/a?b?c", b"http://other.example.org/a", b"HTTP://Other/?x", b"https://[::1]:8/a",
    b"/__strangler__x",
)  # fmt: skip
ODD_TARGETS = (
    b"*", b"a", b"/a#b", b"/a b", b"/a\tb", b"", b"http://", b"http://u@h/", b"ftp://h/a",
    b"h:80", b"/a\x00", b"/a\x7f", b"/\r", b"?a", b"http:///a", b"http://h\\@i/", b"http://a b/",
    b"//",
)  # fmt: skip
VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/1.9")
ODD_VERSIONS = (
    b"HTTP/2.0", b"HTTP/0.9", b"http/1.1", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1,1", b"HTTP /1.1",
    b"", b"HTTP/1.", b"HTTP/1.1 ", b"HTTP/1.\xb9",
)  # fmt: skip
ODD_ENDS = (
    b"\n", b"\r", b"\r\r\n", b" \r\n", b"\t\r\n", b"\r\n ", b"\x00\r\n", b"\n\r", b"",
    b"\x0b\r\n",
)  # fmt: skip
ODD_SPACES = (b"\t", b"  ", b"", b"\x0b", b"\x0c", b"\xa0", b"\r", b"\x00", b"\x1f")
COLONS = (b": ", b":", b":\t", b":  ")
ODD_COLONS = (b" :", b"\t:", b"", b"\x00:", b":\x00", b":\x0b", b":\r\n ", b"::", b"\x0b:", b"=")
NAMES = (
    b"X-A", b"Accept", b"Cookie", b"User-Agent", b"Referer", b"Authorization", b"Via", b"Date",
    b"Set-Cookie", b"X-Forwarded-For", b"X_A", b"Proxy", b"Keep-Alive", b"Trailer", b"TE",
    b"X-Request-ID", b"Server", b"Strangler-Force", b"Range", b"If-None-Match", b"Content-Type",
)  # fmt: skip
ODD_NAMES = (
    b"", b" X", b"\tX", b"X Y", b"X\x00", b"X\r", b"X\nY", b"\xc3\x9c", b"(X)", b"X,Y", b"X\x7f",
    b"\x0bX", b"Content-Length", b"Transfer-Encoding", b"Host", b"Content_Length",
    b"Transfer_Encoding", b"X@",
)  # fmt: skip
VALUES = (
    b"v", b"", b"a, b", b"a=b; c=d", b"\xe9", b'"q"', b"x" * 300, b"a:b", b"chunked", b"5",
    b"1.1 strangler-fuzz",
)  # fmt: skip
ODD_VALUES = (
    b"a\x00b", b"a\rb", b"a\nb", b"a\r\n b", b"a\r\nX: b", b"\x7f", b"a\x08", b" a ", b"\x0ba",
    b"a\x1f", b"\ta\t", b" " * 5000, b" " * 5000 + b"\x01", b" " * 5000 + b"\r\n :",
    b"a\r\n\r\n" + corpus.INNER, b"a\n\n" + corpus.INNER,
)  # fmt: skip
HOSTS = (b"www.example.org", b"[::1]:8000", b"a:80", b"A", b"127.0.0.1", b"a:", b"a_b")
ODD_HOSTS = (b"", b"a b", b"a/b", b"a@b", b"a\xff", b"[::1", b"a:80:90", b"a,b", b"a:x", b"a\x00")
CONNECTIONS = (
    b"keep-alive", b"close", b"Close", b"x-a, cookie", b"content-length",
    b"transfer-encoding, host", b"upgrade", b"upgrade, close", b"close, x\xff", b",,", b"", b"te",
    b"via, date, expect, max-forwards",
)  # fmt: skip
CODINGS = (b"chunked", b"Chunked", b"chunked ")
ODD_CODINGS = (
    b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"xchunked",
    b"chunked\x00", b"\x0bchunked", b"chunked;a", b", chunked", b"chunked,", b'"chunked"',
    b"chun ked", b"chunked\xa0", b"", b"chunked\r\n ", b"\r\n chunked",
)  # fmt: skip
ODD_LENGTHS = (
    b"+%d", b"-%d", b"0x%x", b"%d_0", b"0%d", b"%d ", b" %d", b"%d, %d", b"%d,6", b"%d\x00",
    b"%d.0", b"%d;", b"00000000000000000000%d", b"99999999999999999%d",
    b"999999999999999999999%d", b"%d\x0b", b"\xb2", b"",
)  # fmt: skip
ODD_SIZES = (
    b"+%x", b"-%x", b"0x%x", b"%x_", b"0%x", b"00000000000000000%x", b"1000000000000000%x",
    b"%x ", b" %x", b"%x;a", b"%x;a=b", b'%x;a="b"', b"%x ;a", b"%x;a=\xff", b"%x;\n", b"%x;\r",
    b"%x\x00", b"%xh", b"", b"%x,", b"%x;a\x00", b"%x\t", b'%x;a="\r\n"', b"%x\x0b",
)  # fmt: skip
TRAILERS = (b"", b"X: y\r\n", b"Content-Length: 9\r\nX:\r\n")
ODD_TRAILERS = (
    b"X\r\n", b" X: y\r\n", b"X: y\n", b"\n", b"X : y\r\n", b"X: \x00\r\n", b"x" * 9000, b"\r",
)  # fmt: skip
STATUSES = (
    b"200 OK", b"404 Not Found", b"204 No Content", b"304 Not Modified", b"200 ", b"200",
    b"503 \xd6", b"999 x", b"205 Reset Content", b"301 a\tb", b"206 Partial Content",
)  # fmt: skip
ODD_STATUSES = (
    b"099 x", b"20 x", b"2000 x", b"101 Switching Protocols", b"", b"20a x", b"200\tOK",
    b"200 \x00", b"+20 x", b"-20", b"200 a\rb", b" 200 OK", b"100 Continue",
)  # fmt: skip
INTERIM = (b"100 Continue", b"103 Early Hints", b"102 x", b"199 ")
INTERESTING = (
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"0\r\n\r\n", b"\r\n\r\n", b"\x0b",
    b"\x85", b"\xff", b",", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n",
    b"X_: y\r\n", b"Host: b\r\n", b" x\r\n", b"_", b"0", b"Connection: close\r\n",
    b"Expect: 100-continue\r\n", b"HTTP/1.1", b"http://h", b"#", b"\x7f", corpus.INNER,
)  # fmt: skip
