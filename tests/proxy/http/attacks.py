"""A corpus of request smuggling: octets that two readers have been known to take differently.

`payload` is all that a client sends on one connection. `whole` are the targets of the requests in
it that reach the upstream to their end, in order; each is answered with 200. `refused` is the
status that the rest is refused with, and the connection ends; 0 where there is no such rest.
"""

from dataclasses import dataclass

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
AS_BODY = b"Content-Length: %d\r\n" % len(SMUGGLED)
IN_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
EMPTY_THEN = b"0\r\n\r\n" + SMUGGLED
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    payload: bytes
    whole: tuple[bytes, ...] = ()
    refused: int = 400


def post(fields: bytes, rest: bytes, version: bytes = b"1.1") -> bytes:
    """A request whose framing is in question."""
    start = b"POST / HTTP/" + version + b"\r\nHost: www.example.org\r\n"
    return start + fields + b"\r\n" + rest


def both(length: bytes, coding: bytes = CHUNKED) -> dict[str, Attack]:
    """Length and coding in either order."""
    return {
        "CL.TE": Attack(post(length + coding, EMPTY_THEN)),
        "TE.CL": Attack(post(coding + length, IN_CHUNKS)),
    }


def named(prefix: str, attacks: dict[str, Attack]) -> dict[str, Attack]:
    return {f"{prefix}: {name}": attack for name, attack in attacks.items()}


LENGTH_AND_CODING = {
    **named("both", both(AS_BODY)),
    **named("4", both(b"Content-Length: 4\r\n")),
    **named("nought", both(b"Content-Length: 0\r\n")),
    **named("no number", both(b"Content-Length: x\r\n")),
    **named("identity", both(AS_BODY, b"Transfer-Encoding: identity\r\n")),
    **named("twice", both(AS_BODY, CHUNKED * 2)),
    **named("a coding of no name", both(AS_BODY, b"Transfer-Encoding:\r\n")),
    "HTTP/1.0 CL.TE": Attack(post(AS_BODY + CHUNKED, EMPTY_THEN, b"1.0")),
    "HTTP/1.0 TE": Attack(post(CHUNKED, EMPTY_THEN, b"1.0")),
    "Connection names the length": Attack(
        post(b"Connection: Content-Length\r\n" + AS_BODY + CHUNKED, EMPTY_THEN)
    ),
    "Connection names the coding": Attack(
        post(b"Connection: Transfer-Encoding\r\n" + AS_BODY + CHUNKED, IN_CHUNKS)
    ),
}

CODINGS = {
    "xchunked": b"Transfer-Encoding: xchunked\r\n",
    "chunked x": b"Transfer-Encoding: chunked x\r\n",
    "x, chunked": b"Transfer-Encoding: x, chunked\r\n",
    "chunked, x": b"Transfer-Encoding: chunked, x\r\n",
    "chunked, chunked": b"Transfer-Encoding: chunked, chunked\r\n",
    "identity, chunked": b"Transfer-Encoding: identity, chunked\r\n",
    "chunked, identity": b"Transfer-Encoding: chunked, identity\r\n",
    "a comma before": b"Transfer-Encoding: ,chunked\r\n",
    "a comma behind": b"Transfer-Encoding: chunked,\r\n",
    "a parameter": b"Transfer-Encoding: chunked;q=0.5\r\n",
    "quotes": b'Transfer-Encoding: "chunked"\r\n',
    "a comment": b"Transfer-Encoding: chunked (x)\r\n",
    "space before the colon": b"Transfer-Encoding : chunked\r\n",
    "tab before the colon": b"Transfer-Encoding\t: chunked\r\n",
    "NUL before the colon": b"Transfer-Encoding\0: chunked\r\n",
    "VT before the colon": b"Transfer-Encoding\x0b: chunked\r\n",
    "VT behind the colon": b"Transfer-Encoding:\x0bchunked\r\n",
    "FF behind the colon": b"Transfer-Encoding:\x0cchunked\r\n",
    "NUL in the value": b"Transfer-Encoding: chunked\0\r\n",
    "VT behind the value": b"Transfer-Encoding: chunked\x0b\r\n",
    "NBSP behind the value": b"Transfer-Encoding: chunked\xa0\r\n",
    "NEL behind the value": b"Transfer-Encoding: chunked\x85\r\n",
    "CR behind the value": b"Transfer-Encoding: chunked\r\r\n",
    "CR in the value": b"Transfer-Encoding: chu\rnked\r\n",
    "LF behind the colon": b"Transfer-Encoding:\nchunked\r\n",
    "LF ends the line": b"Transfer-Encoding: chunked\n",
    "LF begins the line": b"X-Any: x\nTransfer-Encoding: chunked\r\n",
    "CR begins the line": b"X-Any: x\rTransfer-Encoding: chunked\r\n",
    "LF CR begins the line": b"X-Any: x\n\rTransfer-Encoding: chunked\r\n",
    "a space begins the line": b" Transfer-Encoding: chunked\r\n",
    "a tab begins the line": b"\tTransfer-Encoding: chunked\r\n",
    "folded": b"Transfer-Encoding:\r\n chunked\r\n",
    "folded with a tab": b"Transfer-Encoding:\r\n\tchunked\r\n",
    "folded behind": b"Transfer-Encoding: chunked\r\n \r\n",
    "folded into another": b"X-Any: x\r\n Transfer-Encoding: chunked\r\n",
    "a folded name": b"Transfer-\r\n Encoding: chunked\r\n",
    "beyond ASCII in the name": b"Transfer-\xc3\x8bncoding: chunked\r\n",
    "beyond ASCII before the name": b"\xefTransfer-Encoding: chunked\r\n",
    "a control octet before the name": b"\x01Transfer-Encoding: chunked\r\n",
    "a space in the name": b"Transfer Encoding: chunked\r\n",
    "a quote in the name": b'Transfer-Encoding": chunked\r\n',
    "a semicolon for the colon": b"Transfer-Encoding; chunked\r\n",
    "no colon": b"Transfer-Encoding chunked\r\n",
    "no name": b": chunked\r\n",
    "twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "identity, then chunked": b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    "chunked, then identity": b"Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n",
    "chunked, then x": b"Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n",
}
"""Ways to write it that one reader takes for chunked and another for nothing."""

TE_TE = {name: Attack(post(coding, EMPTY_THEN)) for name, coding in CODINGS.items()} | {
    f"{name}, with a length": Attack(post(AS_BODY + coding, EMPTY_THEN))
    for name, coding in CODINGS.items()
}

OTHER_NAMES = {
    "underscore": b"Transfer_Encoding: chunked\r\n",
    "no hyphen": b"TransferEncoding: chunked\r\n",
    "X": b"X-Transfer-Encoding: chunked\r\n",
    "TE": b"TE: chunked\r\nConnection: TE\r\n",
    "Content-Encoding": b"Content-Encoding: chunked\r\n",
    "Trailer": b"Trailer: Transfer-Encoding\r\n",
    "apostrophe": b"Transfer-Encoding': chunked\r\n",
    "a plus": b"+Transfer-Encoding: chunked\r\n",
}
"""Fields that are not Transfer-Encoding, for anyone: without a length there is no body."""

NO_BODY = {
    f"{name}: what follows is a request": Attack(
        post(field, SMUGGLED), whole=(b"/", b"/smuggled"), refused=0
    )
    for name, field in OTHER_NAMES.items()
} | {
    f"{name}: what follows is a body": Attack(
        post(AS_BODY + field, SMUGGLED), whole=(b"/",), refused=0
    )
    for name, field in OTHER_NAMES.items()
}

LENGTHS = {
    "two": AS_BODY + b"Content-Length: 0\r\n",
    "two, nought first": b"Content-Length: 0\r\n" + AS_BODY,
    "two equal": AS_BODY + AS_BODY,
    "two equal, one in capitals": AS_BODY + AS_BODY.upper(),
    "two, one empty": AS_BODY + b"Content-Length:\r\n",
    "a list": AS_BODY[:-2] + b", 0\r\n",
    "an equal list": b"Content-Length: 0, 0\r\n",
    "a plus": b"Content-Length: +0\r\n",
    "a minus": b"Content-Length: -0\r\n",
    "hexadecimal": b"Content-Length: 0x0\r\n",
    "octal": b"Content-Length: 0o60\r\n",
    "a point": b"Content-Length: 0.0\r\n",
    "an exponent": b"Content-Length: 0e1\r\n",
    "underscore": b"Content-Length: 0_0\r\n",
    "a letter behind": b"Content-Length: 0x\r\n",
    "a space in it": b"Content-Length: 0 0\r\n",
    "quotes": b'Content-Length: "0"\r\n',
    "other digits": b"Content-Length: \xd9\xa0\r\n",
    "NUL": b"Content-Length: 0\0\r\n",
    "VT": b"Content-Length: \x0b0\r\n",
    "nothing": b"Content-Length:\r\n",
    "2^64": b"Content-Length: 18446744073709551616\r\n",
    "2^32 and more": b"Content-Length: 0000000004294967296\r\n",
    "space before the colon": b"Content-Length : 0\r\n",
    "folded": b"Content-Length:\r\n 0\r\n",
    "folded behind": b"Content-Length: 0\r\n 0\r\n",
    "LF begins the line": b"X-Any: x\nContent-Length: 0\r\n",
    "CR begins the line": b"X-Any: x\rContent-Length: 0\r\n",
    "a space begins the line": b" Content-Length: 0\r\n",
    "NUL in the name": b"Content\0-Length: 0\r\n",
}
WRONG_LENGTHS = {name: Attack(post(lines, SMUGGLED)) for name, lines in LENGTHS.items()}

NO_LENGTH = {
    "0.CL: underscore": Attack(
        post(b"Content_" + AS_BODY[8:], SMUGGLED), whole=(b"/", b"/smuggled"), refused=0
    ),
    "0.CL: Connection names it": Attack(
        post(b"Connection: Content-Length\r\n" + AS_BODY, SMUGGLED), whole=(b"/",), refused=0
    ),
    "0.CL: GET with a body": Attack(
        post(AS_BODY, SMUGGLED).replace(b"POST", b"GET"), whole=(b"/",), refused=0
    ),
    "0.CL: OPTIONS with a body": Attack(
        post(AS_BODY, SMUGGLED).replace(b"POST", b"OPTIONS"), whole=(b"/",), refused=0
    ),
    "0.CL: an unknown method": Attack(
        post(AS_BODY, SMUGGLED).replace(b"POST", b"NONE"), whole=(b"/",), refused=0
    ),
    "0.CL: HTTP/1.0": Attack(post(AS_BODY, SMUGGLED, b"1.0"), whole=(b"/",), refused=0),
    "0.CL: expected otherwise": Attack(
        post(b"Expect: y 100-continue\r\n" + AS_BODY, SMUGGLED), refused=417
    ),
    "0.CL: folded Expect": Attack(post(b"Expect:\r\n 100-continue\r\n" + AS_BODY, SMUGGLED)),
    "0.CL: two expectations": Attack(
        post(b"Expect: 100-continue\r\nExpect: x\r\n" + AS_BODY, SMUGGLED), refused=417
    ),
    "0.CL: h2c": Attack(
        post(
            b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings:\r\n" + AS_BODY,
            SMUGGLED,
        ),
        whole=(b"/",),
        refused=0,
    ),
    "0.CL: WebSocket": Attack(
        post(b"Connection: Upgrade\r\nUpgrade: websocket\r\n" + AS_BODY, SMUGGLED),
        whole=(b"/",),
        refused=0,
    ),
}

CHUNKS = {
    "LF ends the extension": b"5;x\nhello\r\n" + EMPTY_THEN,
    "LF in the extension": b"1;\n\r\n" + EMPTY_THEN,
    "CR in the extension": b"2;\rxx\r\nxx\r\n" + EMPTY_THEN,
    "CR CR LF ends the extension": b"2;\r\r\nxx\r\n" + EMPTY_THEN,
    "LF ends the size": b"5\nhello\r\n" + EMPTY_THEN,
    "LF ends the chunk": b"5\r\nhello\n" + EMPTY_THEN,
    "CR ends the chunk": b"5\r\nhello\r" + EMPTY_THEN,
    "nothing ends the chunk": b"5\r\nhello" + EMPTY_THEN,
    "any two octets end the chunk": b"5\r\nhelloXX" + EMPTY_THEN,
    "LF ends the last size": b"0\n\r\n" + SMUGGLED,
    "LF is the empty line": b"0\r\n\n" + SMUGGLED,
    "CR is the empty line": b"0\r\n\r" + SMUGGLED,
    "the last size has a sign": b"-0\r\n\r\n" + SMUGGLED,
    "the last size is 0x0": b"0x0\r\n\r\n" + SMUGGLED,
    "the size has a sign": b"+" + IN_CHUNKS + SMUGGLED,
    "the size has a space before": b" " + IN_CHUNKS + SMUGGLED,
    "the size is 0x": b"0x" + IN_CHUNKS + SMUGGLED,
    "the size has an underscore": b"0_" + IN_CHUNKS + SMUGGLED,
    "the size is 2^64": b"10000000000000000\r\n\r\n" + SMUGGLED,
    "the size is 2^32 in 16 digits": b"0000000100000000\r\n\r\n" + SMUGGLED,
    "the size is empty": b"\r\n\r\n" + SMUGGLED,
    "the size is negative": b"-1\r\n\r\n" + SMUGGLED,
    "NUL in the size": b"0\0\r\n\r\n" + SMUGGLED,
    "a semicolon only": b";\r\n\r\n" + SMUGGLED,
    "a chunk too short": b"30\r\nhello\r\n" + EMPTY_THEN + bytes(40),
    "a chunk too long": b"2\r\nhello\r\n" + EMPTY_THEN,
    "a request for a trailer": b"0\r\n" + SMUGGLED,
    "a trailer with LF": b"0\r\nX: x\n\n" + SMUGGLED,
    "a folded trailer": b"0\r\nX: x\r\n x\r\n\r\n" + SMUGGLED,
    "a trailer with NUL": b"0\r\nX: \0\r\n\r\n" + SMUGGLED,
}
WRONG_CHUNKS = {name: Attack(post(CHUNKED, rest)) for name, rest in CHUNKS.items()}

HIDDEN = {
    "in a chunk": Attack(post(CHUNKED, IN_CHUNKS), whole=(b"/",), refused=0),
    "in an extension": Attack(
        post(CHUNKED, b'5;x="GET /smuggled HTTP/1.1"\r\nhello\r\n0\r\n\r\n'),
        whole=(b"/",),
        refused=0,
    ),
    "in trailers": Attack(
        post(CHUNKED, b"0\r\nContent-Length: 50\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n"),
        whole=(b"/",),
        refused=0,
    ),
    "behind the last chunk": Attack(
        post(CHUNKED, EMPTY_THEN), whole=(b"/", b"/smuggled"), refused=0
    ),
    "behind a body": Attack(
        post(b"Content-Length: 5\r\n", b"hello" + SMUGGLED), whole=(b"/", b"/smuggled"), refused=0
    ),
    "behind no body": Attack(post(b"", SMUGGLED), whole=(b"/", b"/smuggled"), refused=0),
}

HEADS = {
    "CR ends the request line": b"GET / HTTP/1.1\rHost: www.example.org\r\n\r\n" + SMUGGLED,
    "LF ends the request line": b"GET / HTTP/1.1\nHost: www.example.org\r\n\r\n" + SMUGGLED,
    "LF ends the head": b"GET / HTTP/1.1\r\nHost: www.example.org\n\n" + SMUGGLED,
    "LF is the empty line": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\n" + SMUGGLED,
    "CR is the empty line": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r" + SMUGGLED,
    "NUL is the empty line": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\0\r\n\r\n" + SMUGGLED,
    "LF in a value": b"GET / HTTP/1.1\r\nHost: www.example.org\r\nX: x\n\r\n" + SMUGGLED,
    "a space is the empty line": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n \r\n" + SMUGGLED,
    "a request line for a field": b"GET / HTTP/1.1\r\n" + SMUGGLED,
    "a head in the target": b"GET / HTTP/1.1\r\nX: x\r\n\r\n /smuggled HTTP/1.1\r\n" + SMUGGLED,
    "two versions": b"GET / HTTP/1.1 HTTP/1.1\r\nHost: www.example.org\r\n\r\n" + SMUGGLED,
    "a target with a space": b"GET / /smuggled HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "HTTP/0.9": b"GET /\r\n" + SMUGGLED,
    "no version": b"GET / \r\nHost: www.example.org\r\n\r\n" + SMUGGLED,
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: www.example.org\r\n\r\n" + SMUGGLED,
    "a folded host": b"GET / HTTP/1.1\r\nHost: x\r\n www.example.org\r\n\r\n" + SMUGGLED,
    "a host with a path": b"GET / HTTP/1.1\r\nHost: www.example.org/\r\n\r\n" + SMUGGLED,
    "a user in the target": b"GET http://x@y/ HTTP/1.1\r\nHost: y\r\n\r\n" + SMUGGLED,
    "absolute form and two hosts": b"GET http://x/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"
    + SMUGGLED,
    "absolute form and no host": b"GET http://x/ HTTP/1.1\r\n\r\n" + SMUGGLED,
    "authority form": b"GET www.example.org:80 HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "a TLS hello": b"\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03" + SMUGGLED,
    "a PROXY line": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + SMUGGLED,
    "a PROXY block": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + SMUGGLED,
}
WRONG_HEADS = {name: Attack(payload) for name, payload in HEADS.items()} | {
    "CONNECT": Attack(
        b"CONNECT www.example.org:80 HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED, refused=501
    ),
    "HTTP/2": Attack(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0" + SMUGGLED, refused=505
    ),
}

GET = b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
PREFIXES = {
    "then a bad request": Attack(GET + b"GET /\n" + SMUGGLED, whole=(b"/",)),
    "then garbage": Attack(GET + b"\0\0\0\0" + SMUGGLED, whole=(b"/",)),
    "then a line end too many": Attack(GET + b"\n" + SMUGGLED, whole=(b"/",)),
    "then line ends": Attack(GET + b"\r\n\r\n" + SMUGGLED, (b"/", b"/smuggled"), refused=0),
    "then a body nobody announced": Attack(GET + b"x=1&y=2" + SMUGGLED, whole=(b"/",)),
    "then a hidden method": Attack(GET + b"x" + SMUGGLED, (b"/", b"/smuggled"), refused=0),
    "with close": Attack(
        GET[:-2] + b"Connection: close\r\n\r\n" + SMUGGLED, whole=(b"/",), refused=0
    ),
    "of HTTP/1.0": Attack(GET.replace(b"1.1", b"1.0") + SMUGGLED, whole=(b"/",), refused=0),
    "of HTTP/1.0, kept": Attack(
        GET.replace(b"1.1", b"1.0")[:-2] + b"Connection: keep-alive\r\n\r\n" + SMUGGLED,
        whole=(b"/",),
        refused=0,
    ),
    "then both framings": Attack(GET + post(AS_BODY + CHUNKED, EMPTY_THEN), whole=(b"/",)),
    "then a chunk of no size": Attack(GET + post(CHUNKED, b"x\r\n" + SMUGGLED), whole=(b"/",)),
}

CORPUS: dict[str, Attack] = {
    **LENGTH_AND_CODING,
    **named("TE.TE", TE_TE),
    **named("no TE", NO_BODY),
    **named("length", WRONG_LENGTHS),
    **NO_LENGTH,
    **named("chunks", WRONG_CHUNKS),
    **named("hidden", HIDDEN),
    **named("head", WRONG_HEADS),
    **named("pipelined", PREFIXES),
}
