"""Bodies: what of them is content, where they end, and which chunks are refused."""

import re

import pytest

from proxy.wire.chunks import (
    LAST_CHUNK,
    LONGEST_CHUNK_LINE,
    LONGEST_TRAILERS,
    ChunkedBody,
    SizedBody,
    UnsizedBody,
    framed,
)
from proxy.wire.errors import MalformedError, TooLargeError
from tests.proxy.wire.feeding import content, content_refused

ALL_OCTETS = bytes(range(256))


# of known length


@pytest.mark.parametrize("octets", [b"x", b"hello", ALL_OCTETS, b"\r\n\r\n0\r\n\r\n"])
def test_a_body_of_known_length(octets: bytes) -> None:
    assert content(lambda: SizedBody(len(octets)), octets) == octets


def test_it_says_how_much_is_left() -> None:
    body = SizedBody(5)
    assert (body.feed(b"hel"), body.left, body.done) == (b"hel", 2, False)
    assert (body.feed(b"lo, you"), body.left, body.done, body.rest) == (b"lo", 0, True, b", you")


def test_an_empty_one_is_done_before_anything_comes() -> None:
    assert SizedBody(0).done


def test_until_the_end() -> None:
    body = UnsizedBody()
    assert [body.feed(one) for one in (b"a", ALL_OCTETS)] == [b"a", ALL_OCTETS]
    assert (body.done, body.rest) == (False, b"")


# chunks


@pytest.mark.parametrize(
    ("octets", "held"),
    [
        (b"0\r\n\r\n", b""),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", b"hello"),
        (b"A\r\n0123456789\r\nb\r\n0123456789x\r\n0\r\n\r\n", b"0123456789" * 2 + b"x"),
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
        (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
        (b"100\r\n" + ALL_OCTETS + b"\r\n0\r\n\r\n", ALL_OCTETS),
        (b"000000000000005\r\nhello\r\n000\r\n\r\n", b"hello"),
        (b"5 \t \r\nhello\r\n0 \r\n\r\n", b"hello"),
        (b"5;a\r\nhello\r\n0;b=c\r\n\r\n", b"hello"),
        (b'5 ;a="\xff;\t 7\\"";b\r\nhello\r\n0\t;\r\n\r\n', b"hello"),
        (b"5\r\nhello\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n", b"hello"),
        (b"0\r\nX:\r\nY:\t\xff \r\n\r\n", b""),
    ],
)
def test_chunks(octets: bytes, held: bytes) -> None:
    """Extensions and trailers are read and dropped (RFC 9112 §7.1.1, §7.1.2)."""
    assert content(ChunkedBody, octets) == held


@pytest.mark.parametrize(
    "size",
    [
        b"", b" 5", b"\t5", b"+5", b"-5", b"0x5", b"5_", b"5_0", b"5h", b"g", b"5,", b"5.0",
        b"0000000000000005", b"1000000000000000", b"\xd9\xa5", b"\xb2", b"5\x00", b"5\x0b",
        b"5\x0c", b"5 x", b"5;a\x00", b"5;a\x1f", b"5;a\x7f", b"5\n", b"5\r", b"5;a\n", b"5;\ra",
        b";a", b"\r\n5", b"\n5",
    ],
)  # fmt: skip
def test_sizes_that_are_refused(size: bytes) -> None:
    """Nobody may read another number, nor another end of the line (RFC 9112 §7.1)."""
    assert content_refused(ChunkedBody, size + b"\r\nhello\r\n0\r\n\r\n") is MalformedError
    assert content_refused(ChunkedBody, b"1\r\nh\r\n" + size + b"\r\n") is MalformedError


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\n\r", b"\r\r\n", b"XX\r\n", b"X", b" \r\n", b""])
def test_chunks_that_do_not_end_where_they_should(end: bytes) -> None:
    octets = b"5\r\nhello" + end + b"0\r\n\r\n"
    assert content_refused(ChunkedBody, octets) is MalformedError


@pytest.mark.parametrize(
    "trailers",
    [
        b"X", b" X: y", b"\tX: y", b"X : y", b":y", b"X: y\r\n z", b"X Y: z", b"X: \x00",
        b"X: a\rb", b"X: \x7f", b"\xc3\x9c: y", b"X: y\r\n\r\r\n", b"GET /X HTTP/1.1",
    ],
)  # fmt: skip
def test_trailers_that_are_no_field_lines(trailers: bytes) -> None:
    octets = b"5\r\nhello\r\n0\r\n" + trailers + b"\r\n\r\n"
    assert content_refused(ChunkedBody, octets) is MalformedError


@pytest.mark.parametrize("octets", [b"0\r\n\n", b"0\r\nX: y\n", b"0\r\n\r\r\n", b"0\r\n\rX\r\n"])
def test_other_ends_of_the_last_line(octets: bytes) -> None:
    assert content_refused(ChunkedBody, octets) is MalformedError


def test_content_is_given_as_it_comes() -> None:
    """None of it waits for the end of its chunk; the line end is looked at as one."""
    body = ChunkedBody()
    came = [
        body.feed(one) for one in (b"5", b"\r", b"\nhe", b"l", b"lo", b"\r", b"\n0\r\n\r", b"\n")
    ]
    assert came == [b"", b"", b"he", b"l", b"lo", b"", b"", b""]
    assert (body.done, body.rest) == (True, b"")


def test_what_came_before_a_fault_was_given() -> None:
    body = ChunkedBody()
    assert body.feed(b"5\r\nhello\r\n2\r\n") == b"hello"
    with pytest.raises(MalformedError):
        body.feed(b"abc\r\n")
    assert not body.done


def test_nothing_is_nothing() -> None:
    body = ChunkedBody()
    assert [body.feed(one) for one in (b"", b"5\r\n", b"", b"he", b"")] == [
        b"",
        b"",
        b"",
        b"he",
        b"",
    ]


# how much beside content


def test_a_chunks_line_of_1024_octets() -> None:
    longest = b"5;".ljust(LONGEST_CHUNK_LINE - 2, b"x")
    assert content(ChunkedBody, longest + b"\r\nhello\r\n0\r\n\r\n") == b"hello"
    for octets in (longest + b"x\r\nhello", longest + b"x" * 100, b"5".ljust(1100) + b"\r\n"):
        assert content_refused(ChunkedBody, octets) is TooLargeError


def test_a_chunks_line_without_end_is_refused_when_it_is_too_long() -> None:
    body = ChunkedBody()
    assert body.feed(b"5;".ljust(LONGEST_CHUNK_LINE - 1, b"x")) == b""
    with pytest.raises(TooLargeError):
        body.feed(b"x")


@pytest.mark.parametrize("line", [b"X: y\r\n", b"X: ".ljust(1022, b"y") + b"\r\n"])
def test_trailers_of_8_kib(line: bytes) -> None:
    """All of them, with the empty line."""
    last = b"X:".ljust((LONGEST_TRAILERS - 2) % len(line) + len(line) - 2, b"y") + b"\r\n"
    lines = (LONGEST_TRAILERS - 2) // len(line) - 1
    trailers = line * lines + last
    assert len(trailers) == LONGEST_TRAILERS - 2
    assert content(ChunkedBody, b"0\r\n" + trailers + b"\r\n") == b""
    longer = b"0\r\nX" + trailers
    assert content_refused(ChunkedBody, longer + b"\r\n") is TooLargeError
    assert content_refused(ChunkedBody, longer[:-2] + b"yyyy") is TooLargeError


# of our own


@pytest.mark.parametrize("octets", [b"x", b"hello", ALL_OCTETS, b"x" * 70_000])
def test_what_we_frame_is_read_as_it_was(octets: bytes) -> None:
    assert content(ChunkedBody, framed(octets) + LAST_CHUNK) == octets
    assert re.match(b"[0-9a-f]+\r\n", framed(octets))
    assert framed(b"0123456789") == b"a\r\n0123456789\r\n"
