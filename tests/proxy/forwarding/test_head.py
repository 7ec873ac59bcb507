"""The head of the upstream's request: what is said of where a request came from, and loops."""

import pytest

from proxy.forwarding.head import came_back, hops_line, last_hop, upstream_fields
from proxy.forwarding.origin import Claims, origin_lines
from proxy.wire.errors import MalformedError
from proxy.wire.request import Plan, read_plan

PSEUDONYM = b"strangler-test"
PEER = "203.0.113.9"


def plan(*lines: bytes, minor: int = 1) -> Plan:
    return read_plan(b"".join(line + b"\r\n" for line in lines), minor)


def raw(*lines: bytes, minor: int = 1, trusted: bool = False) -> bytes:
    """What the upstream is told beside the request line and the id."""
    asked = plan(*lines, minor=minor)
    return upstream_fields(asked, minor, PEER, PSEUDONYM, b"legacy:8001", trusted=trusted)


def fields(*lines: bytes, minor: int = 1, trusted: bool = False) -> list[tuple[bytes, bytes]]:
    said = raw(*lines, minor=minor, trusted=trusted)
    parted = (line.partition(b": ") for line in said[:-2].split(b"\r\n"))
    return [(name, value) for name, _, value in parted]


def values(of: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in of if key.lower() == name]


ORIGIN = [
    (b"x-forwarded-for", b"203.0.113.9"),
    (b"x-forwarded-proto", b"http"),
    (b"x-forwarded-host", b"www.example.org"),
    (b"forwarded", b'for=203.0.113.9;host="www.example.org";proto=http'),
]


def test_the_whole_of_it() -> None:
    """What passes is as it was sent, octet for octet."""
    passing = (b"X-First: 1", b"Host: www.example.org", b"x-first:2", b"X-Empty:", b"X-A:\t b ")
    assert raw(*passing) == (
        b"".join(line + b"\r\n" for line in passing)
        + b"via: 1.1 strangler-test\r\n"
        + b"x-forwarded-for: 203.0.113.9\r\n"
        + b"x-forwarded-proto: http\r\n"
        + b"x-forwarded-host: www.example.org\r\n"
        + b'forwarded: for=203.0.113.9;host="www.example.org";proto=http\r\n'
    )


@pytest.mark.parametrize("minor", [0, 1])
def test_via_says_what_the_client_spoke(minor: int) -> None:
    said = fields(b"Host: a", b"Via: 1.1 edge", b"via: 2 cdn", minor=minor)
    assert values(said, b"via") == [b"1.1 edge, 2 cdn, 1.%d strangler-test" % minor]


def test_http_1_0_without_host_is_given_the_upstreams() -> None:
    said = fields(b"X-A: 1", minor=0)
    assert said[:2] == [(b"Host", b"legacy:8001"), (b"X-A", b"1")]
    assert values(said, b"x-forwarded-host") == [b"legacy:8001"]


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ((), []),
        ((b"Content-Length: 0",), [(b"content-length", b"0")]),
        ((b"content-length: 007",), [(b"content-length", b"7")]),
        ((b"Transfer-Encoding: Chunked",), [(b"transfer-encoding", b"chunked")]),
        (
            (b"Content-Length: 5", b"Expect: 100-Continue"),
            [(b"content-length", b"5"), (b"expect", b"100-continue")],
        ),
        (
            (b"Connection: x, upgrade", b"Upgrade: WebSocket"),
            [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")],
        ),
    ],
)
def test_framing_and_upgrade_are_written_anew(
    lines: tuple[bytes, ...], end: list[tuple[bytes, bytes]]
) -> None:
    said = fields(b"Host: www.example.org", *lines)
    assert said[6:] == end
    assert len(said) == 6 + len(end)


# where it came from

CLAIMED = (
    b"X-Forwarded-For: 198.51.100.7",
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Host: public.example",
    b"X-Forwarded-Port: 443",
    b"X-Real-IP: 198.51.100.7",
    b"Forwarded: for=198.51.100.7;proto=https",
)


def test_what_a_stranger_claims_is_replaced() -> None:
    assert fields(b"Host: www.example.org", *CLAIMED) == [
        (b"Host", b"www.example.org"),
        (b"via", b"1.1 strangler-test"),
        *ORIGIN,
    ]


def test_what_a_trusted_peer_claims_is_appended_to() -> None:
    said = fields(b"Host: www.example.org", *CLAIMED, trusted=True)
    assert said[2:] == [
        (b"x-forwarded-for", b"198.51.100.7, 203.0.113.9"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"public.example"),
        (
            b"forwarded",
            b'for=198.51.100.7;proto=https, for=203.0.113.9;host="www.example.org";proto=http',
        ),
        (b"x-forwarded-port", b"443"),
        (b"x-real-ip", b"198.51.100.7"),
    ]


def test_one_that_claims_nothing_is_where_it_came_from() -> None:
    assert fields(b"Host: www.example.org", trusted=True)[2:] == ORIGIN


@pytest.mark.parametrize(
    ("lines", "chain"),
    [
        ((b"X-Forwarded-For: a", b"x-forwarded-for: b, c"), b"a, b, c, 203.0.113.9"),
        ((b"X-Forwarded-For:", b"x-forwarded-for: b"), b"b, 203.0.113.9"),
        ((b"X-Forwarded-For:",), b"203.0.113.9"),
        ((b"X-Forwarded-For: " + b"x" * 500,), b"x" * 500 + b", 203.0.113.9"),
    ],
)
def test_chains_of_several_lines(lines: tuple[bytes, ...], chain: bytes) -> None:
    said = fields(b"Host: a", *lines, trusted=True)
    assert values(said, b"x-forwarded-for") == [chain]


def test_invented_chains_do_not_fill_the_memory() -> None:
    """A trusted peer passes on what strangers say, which may be long, and new each time."""
    origin_lines.cache_clear()
    for number in range(10):
        claim = b"X-Forwarded-For: %d" % number
        fields(b"Host: a", claim + b"x" * 1000, trusted=True)
    assert origin_lines.cache_info().currsize == 0
    fields(b"Host: a", b"X-Forwarded-For: 198.51.100.7", trusted=True)
    assert origin_lines.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("peer", "lines"),
    [
        ("2001:DB8:0::1", (b"x-forwarded-for: 2001:DB8:0::1", b'for="[2001:db8::1]"')),
        ("unix", (b"x-forwarded-for: unix", b"for=unknown")),
        (None, (b"for=unknown",)),
    ],
)
def test_other_peers(peer: str | None, lines: tuple[bytes, ...]) -> None:
    said = origin_lines(peer, "http", b"a")
    chain = [line for line in said if line.startswith(b"x-forwarded-for")]
    (forwarded,) = [line for line in said if line.startswith(b"forwarded: ")]
    node = forwarded.removeprefix(b"forwarded: ").partition(b";")[0]
    assert (*chain, node) == lines


def test_a_host_is_quoted() -> None:
    *_, forwarded = origin_lines(PEER, "https", b'a"b\\c')
    assert forwarded == b'forwarded: for=203.0.113.9;host="a\\"b\\\\c";proto=https'


@pytest.mark.parametrize(
    ("scheme", "protocol"),
    [("http", b"http"), ("https", b"https"), ("ws", b"http"), ("wss", b"https"), ("x", b"http")],
)
def test_schemes(scheme: str, protocol: bytes) -> None:
    assert origin_lines(PEER, scheme, b"a")[1] == b"x-forwarded-proto: " + protocol


def test_claims_that_are_empty_are_none() -> None:
    assert origin_lines(PEER, "http", b"a", Claims(b"", b"", b"", b"")) == origin_lines(
        PEER, "http", b"a"
    )


# loops and last hops


@pytest.mark.parametrize(
    ("via", "ours"),
    [
        ((), False),
        ((b"1.1 strangler",), False),
        ((b"1.1 strangler-other",), False),
        ((b"1.1 edge, 1.1 strangler-test",), True),
        ((b"1.1 edge", b"1.0 strangler-test, 1.1 cdn"), True),
        ((b"1.1 strangler-test (with a comment)",), True),
    ],
)
def test_a_request_that_came_back(via: tuple[bytes, ...], ours: bool) -> None:
    lines = (b"Via: " + one for one in via)
    assert came_back(plan(b"Host: a", *lines), PSEUDONYM) is ours


@pytest.mark.parametrize(
    ("method", "hops", "status", "line"),
    [
        (b"OPTIONS", b"0", 200, None),
        (b"OPTIONS", b"000", 200, None),
        (b"TRACE", b"0", 405, None),
        (b"TRACE", b"3", 0, b"Max-Forwards: 2\r\n"),
        (b"OPTIONS", b"1", 0, b"Max-Forwards: 0\r\n"),
        (b"GET", b"0", 0, b"Max-Forwards: 0\r\n"),
        (b"GET", b"whatever", 0, b"Max-Forwards: whatever\r\n"),
    ],
)
def test_max_forwards(method: bytes, hops: bytes, status: int, line: bytes | None) -> None:
    asked = plan(b"Host: a", b"Max-Forwards: " + hops)
    assert last_hop(method, asked) == status
    if line is not None:
        assert hops_line(method, asked) == line


@pytest.mark.parametrize("hops", [b"x", b"-1", b"1.5", b"", b"1, 2", b"9" * 19])
@pytest.mark.parametrize("method", [b"OPTIONS", b"TRACE"])
def test_max_forwards_that_is_no_number(method: bytes, hops: bytes) -> None:
    with pytest.raises(MalformedError):
        last_hop(method, plan(b"Host: a", b"Max-Forwards: " + hops))


def test_without_max_forwards() -> None:
    assert last_hop(b"TRACE", plan(b"Host: a")) == 0
    assert hops_line(b"TRACE", plan(b"Host: a")) == b""
