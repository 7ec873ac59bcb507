"""Field lines of requests that are none, and too many of them."""

import pytest

from proxy.wire.errors import TooLargeError
from proxy.wire.request import LONGEST_FIELDS, MOST_FIELDS, read_plan
from tests.proxy.wire.feeding import refusal, request
from tests.proxy.wire.plans import head, passed, status


@pytest.mark.parametrize(
    "line",
    [
        b"X", b":x", b": x", b" X: y", b"\tX: y", b"X : y", b"X\t: y", b"X Y: z", b"X=y",
        b"(X): y", b"X,Y: z", b"X@: y", b'"X": y', b"X/Y: z", b"\xc3\x9c: y", b"\x0bX: y",
        b"Transfer-Encod\xc4\xb0ng: chunked", b"X\xa0: y", b"Content-Length\xa0: 5",
    ],
)  # fmt: skip
def test_what_is_no_field_line(line: bytes) -> None:
    assert status(line) == 400
    assert status(b"X-A: 1", line, b"X-B: 2") == 400
    assert refusal(head(line, b"Host: a")) == 400


CONTROLS = [bytes((one,)) for one in (*range(0x20), 0x7F) if one != 9]


@pytest.mark.parametrize("line", [b"X%bY: z", b"X:%bz", b"X: y%bz", b"X: y%b"])
def test_control_octets(line: bytes) -> None:
    """Bare CR and LF are among them."""
    assert {octet: status(line % octet) for octet in CONTROLS} == dict.fromkeys(CONTROLS, 400)


@pytest.mark.parametrize("folded", [b"X: y\r\n z", b"X:\r\n y", b"X: y\r\n\tz", b"X: y\r\n \r\n z"])
def test_folded_lines(folded: bytes) -> None:
    """RFC 9112 §5.2: two readers may differ about them."""
    assert status(folded) == 400


# how much


def test_128_fields_are_taken() -> None:
    lines = [b"X: 1"] * (MOST_FIELDS - 1)
    assert passed(*lines) == lines


@pytest.mark.parametrize("line", [b"X: 1", b"X_Y: dropped", b"Cookie: a", b"Via: 1.1 a"])
def test_129_are_not(line: bytes) -> None:
    assert status(*[line] * MOST_FIELDS) == 431


def block(size: int) -> list[bytes]:
    """Fields of so many octets in all, with line ends."""
    return [b"Host: a", b"X: ".ljust(size - 11, b"x")]


def test_64_kib_of_fields_are_taken() -> None:
    _, read = request(head(*block(LONGEST_FIELDS)))
    assert len(read.passing) == LONGEST_FIELDS


@pytest.mark.parametrize("over", [1, 2, 3, 1000])
def test_one_octet_more_is_not(over: int) -> None:
    assert refusal(head(*block(LONGEST_FIELDS + over))) == 431
    with pytest.raises(TooLargeError) as caught:
        read_plan(b"".join(line + b"\r\n" for line in block(LONGEST_FIELDS + over)), 1)
    assert caught.value.status == 431
