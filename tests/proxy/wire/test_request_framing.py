"""How long a request's body is, what it expects, and what it wants to upgrade to."""

import pytest

from proxy.wire.fields import CHUNKED
from tests.proxy.wire.plans import PLAIN, plan, status


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"Content-Length: 0", 0),
        (b"content-length:5", 5),
        (b"CONTENT-LENGTH:\t 00012 \t", 12),
        (b"Content-Length: 999999999999999999", 10**18 - 1),
    ],
)
@pytest.mark.parametrize("minor", [0, 1])
def test_a_body_of_known_length(line: bytes, length: int, minor: int) -> None:
    expected = PLAIN._replace(length=length, sized=True, close=minor == 0)
    assert plan(line, minor=minor) == expected


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"CHUNKED \t", b"\tchunked"])
def test_a_chunked_body(coding: bytes) -> None:
    assert plan(b"Transfer-Encoding:" + coding) == PLAIN._replace(length=CHUNKED)


LENGTHS = [
    b"", b"+5", b"-5", b"5 5", b"5,5", b"5, 6", b"0x5", b"5_0", b"5.0", b"5e0", b"'5'", b"five",
    b"\xd9\xa5", b"\xb2", b"1000000000000000000", b"0000000000000000005", b"9" * 300,
]  # fmt: skip
CODINGS = [
    b"", b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked,", b",chunked", b"xchunked",
    b'"chunked"', b"chunked;q=1", b"chun ked", b"chunked\xa0", b"chunked, identity", b"gzip",
]  # fmt: skip


@pytest.mark.parametrize("value", LENGTHS)
@pytest.mark.parametrize("minor", [0, 1])
def test_what_is_no_length(value: bytes, minor: int) -> None:
    assert status(b"Content-Length: " + value, minor=minor) == 400


@pytest.mark.parametrize("value", CODINGS)
def test_codings_that_are_not_chunked_alone(value: bytes) -> None:
    assert status(b"Transfer-Encoding: " + value) == 400


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5", b"content-length: 6"),
        (b"Content-Length: 0", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"transfer-encoding: identity"),
        (b"Transfer-Encoding: chunked", b"Connection: transfer-encoding", b"Content-Length: 5"),
        (b"Transfer-Encoding: x", b"Connection: transfer-encoding"),
    ],
)
def test_framing_that_contradicts_itself(lines: tuple[bytes, ...]) -> None:
    assert status(*lines) == 400


def test_http_1_0_knows_no_chunks() -> None:
    assert status(b"Transfer-Encoding: chunked", minor=0) == 400


# Expect, Upgrade


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("value", [b"100-continue", b"100-CONTINUE \t"])
def test_expect(framing: bytes, value: bytes) -> None:
    assert plan(framing, b"Expect: " + value) == plan(framing)._replace(expects_continue=True)


def test_expect_without_a_body_or_from_http_1_0_is_ignored() -> None:
    """RFC 9110 §10.1.1."""
    assert plan(b"Expect: 100-continue") == PLAIN
    assert plan(b"Content-Length: 0", b"Expect: 100-continue") == PLAIN._replace(sized=True)
    for value in (b"100-continue", b"whatever"):
        sized = plan(b"Content-Length: 5", b"Expect: " + value, minor=0)
        assert sized == PLAIN._replace(length=5, sized=True, close=True)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Expect: x",),
        (b"Expect:",),
        (b"Expect: 100-continue, x",),
        (b"Expect: 100-continue", b"Expect: x"),
        (b"Expect: y 100-continue", b"Content-Length: 45"),
    ],
)
def test_other_expectations(lines: tuple[bytes, ...]) -> None:
    assert status(*lines) == 417


@pytest.mark.parametrize(
    ("lines", "websocket"),
    [
        ((b"Connection: upgrade", b"Upgrade: websocket"), True),
        ((b"Connection: keep-alive, Upgrade", b"upgrade: WebSocket"), True),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Content-Length: 0"), True),
        ((b"Upgrade: websocket",), False),
        ((b"Connection: keep-alive", b"Upgrade: websocket"), False),
        ((b"Connection: upgrade",), False),
        ((b"Connection: upgrade", b"Upgrade: h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket, h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Upgrade: h2c"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Content-Length: 5"), False),
        ((b"Connection: upgrade", b"Upgrade: websocket", b"Transfer-Encoding: chunked"), False),
    ],
)
def test_upgrade(lines: tuple[bytes, ...], websocket: bool) -> None:
    """RFC 9110 §7.8. The field never passes: it is written anew."""
    read = plan(*lines)
    assert (read.websocket, read.plain) == (websocket, not websocket)
    assert read.passing == PLAIN.passing


def test_upgrade_from_http_1_0_is_ignored() -> None:
    lines = (b"Connection: upgrade", b"Upgrade: websocket")
    assert plan(*lines, minor=0) == PLAIN._replace(close=True)
