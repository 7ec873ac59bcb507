"""Rows of what clients do."""

from collections.abc import Iterator

from tests.proxy.faults import acts
from tests.proxy.faults.acts import interrupts, listens, says, stalls
from tests.proxy.faults.parts import (
    How,
    answers_back,
    asks,
    comes_back,
    does_not_read,
    leaves,
    leaves_early,
    leaves_the_line,
    resets_meanwhile,
    sends,
    unreachable,
)
from tests.proxy.faults.play import LEFT, TARGET, scene
from tests.proxy.faults.proxy import MAX_BODY
from tests.proxy.faults.row import Row
from tests.proxy.http.harness import request

GET = request(TARGET)
POST = request(TARGET, method=b"POST", body=b"hello")
STREAMED = request(TARGET, b"Transfer-Encoding: chunked", method=b"POST")
LARGE = request(TARGET, b"Content-Length: 100000", method=b"POST")
SMALL = request(TARGET, b"Content-Length: 10", method=b"POST")
OVER_MAX = request(TARGET, b"Content-Length: %d" % (MAX_BODY + 1), method=b"POST")
CHUNK_OVER_MAX = b"%x\r\n" % (MAX_BODY + 1) + bytes(MAX_BODY + 1)

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 60_000 + b"\r\n\r\n"
ENDINGS: tuple[tuple[str, How], ...] = (("leaves", "close"), ("resets", "reset"))


def rows() -> Iterator[Row]:
    yield from in_the_head()
    yield from before_a_connection()
    yield from leaving_its_body()
    yield from spoiling_its_body()
    yield from before_the_answer()
    yield from leaving_the_answer()
    yield from spoiling_its_body_after_the_answer_began()


def in_the_head() -> Iterator[Row]:
    def refused(cause: str, how: str, octets: bytes, status: int) -> Row:
        return Row(
            fault=f"read_request/client/{cause}",
            how=how,
            scene=scene(listens, asks(octets)),
            seen=str(status),
            connection="none",
        )

    start = b"GET /fault HTTP/1.1\r\n"
    two_lengths = (b"Content-Length: 5", b"Content-Length: 5")
    long_field = b"X-Long: " + b"x" * 70_000
    hops = request(TARGET, b"Max-Forwards: x", method=b"TRACE")
    yield refused("invalid", "sends no Host", start + b"\r\n", 400)
    yield refused("invalid", "sends a line that is no field", start + b"hello\r\n\r\n", 400)
    yield refused("invalid", "sends two lengths", request(TARGET, *two_lengths) + b"hello", 400)
    yield refused("invalid", "sends a Max-Forwards that is no number", hops, 400)
    yield refused("invalid", "speaks HTTP/2.0", request(TARGET, version=b"2.0"), 505)
    yield refused("invalid", "expects what nobody knows", request(TARGET, b"Expect: tea"), 417)
    yield refused("limit", "announces more than max_body", OVER_MAX, 413)
    yield refused("limit", "sends a line of 17 KB", b"GET /" + b"x" * 17_000, 414)
    yield refused("limit", "sends a field of 70 KB", request(TARGET, long_field), 431)
    yield refused("limit", "sends 200 fields", request(TARGET, *(b"X-Many: 1",) * 200), 431)
    yield refused("late", "stalls in the head", start, 408)
    yield Row(
        fault="read_request/client/closed",
        how="resets before it is told that its body is more than max_body",
        scene=resets_meanwhile(OVER_MAX),
        seen=LEFT,
        connection="none",
    )
    yield Row(
        fault="read_request/client/loop",
        how="sends a Via that names us",
        scene=comes_back,
        seen="508",
        connection="none",
    )


def before_a_connection() -> Iterator[Row]:
    for does, how in ENDINGS:
        yield Row(
            fault="lease/client/closed",
            how=f"{does} in line for a connection",
            scene=leaves_the_line(how),
            seen=LEFT,
            connection="none",
        )
        yield Row(
            fault="lease/client/closed",
            how=f"{does} while one is being opened",
            scene=unreachable(leaves_early(GET, how=how)),
            seen=LEFT,
            connection="none",
        )


def leaving_its_body() -> Iterator[Row]:
    chunks = STREAMED + b"5\r\nhello\r\n"
    places = (
        ("in a large body", LARGE + b"hello"),
        ("before the first chunk", STREAMED),
        ("between chunks", chunks),
        ("in a chunk's size", chunks + b"5"),
        ("in a chunk", chunks + b"5\r\nhe"),
        ("before the last line end", chunks + b"0\r\n"),
    )
    for does, how in ENDINGS:
        yield Row(
            fault="send_body/client/closed",
            how=f"{does} in a small body, which is gathered",
            scene=scene(listens, leaves_early(SMALL + b"hello", how=how)),
            seen=LEFT,
            connection="none",
        )
        for where, octets in places:
            yield Row(
                fault="send_body/client/closed",
                how=f"{does} {where}",
                scene=scene(listens, leaves(octets, how=how)),
                seen=LEFT,
            )


def spoiling_its_body() -> Iterator[Row]:
    def spoilt(cause: str, how: str, *said: bytes, status: int) -> Row:
        return Row(
            fault=f"send_body/client/{cause}",
            how=how,
            scene=scene(listens, asks(*said)),
            seen=str(status),
            connection="none" if said[0].startswith(SMALL) else "closed",
        )

    begun = STREAMED + b"5\r\nhello\r\n"
    yield spoilt("invalid", "a chunk's size is none", begun, b"0x5\r\nhello\r\n", status=400)
    yield spoilt("invalid", "a size beyond all bounds", begun, b"f" * 17 + b"\r\n", status=400)
    yield spoilt("invalid", "a chunk longer than its size", begun, b"2\r\nhello\r\n", status=400)
    yield spoilt("invalid", "a chunk shorter than it", begun, b"5\r\nhe\r\n0\r\n\r\n", status=400)
    yield spoilt("invalid", "a size without CR", begun, b"5\nhello\r\n", status=400)
    yield spoilt("invalid", "a trailer that is none", begun, b"0\r\nhello\r\n\r\n", status=400)
    yield spoilt(
        "limit", "an extension of 2 KB", begun, b"5;x=" + b"x" * 2048 + b"\r\n", status=413
    )
    yield Row(
        fault="send_body/client/limit",
        how="chunks of more than max_body",
        scene=scene(listens, sends(STREAMED, CHUNK_OVER_MAX)),
        seen="413",
    )
    yield spoilt("late", "stalls in a small body, which is gathered", SMALL + b"hello", status=408)
    yield spoilt("late", "stalls in a large body", LARGE + b"hello", status=408)
    yield spoilt("late", "stalls before the first chunk", STREAMED, status=408)
    yield spoilt("late", "stalls between chunks", begun, status=408)
    yield spoilt("late", "stalls in a chunk's size", begun + b"5", status=408)
    yield spoilt("late", "stalls in a chunk", begun + b"5\r\nhe", status=408)
    yield spoilt("late", "stalls before the last line end", begun + b"0\r\n", status=408)


def before_the_answer() -> Iterator[Row]:
    for does, how in ENDINGS:
        for name, octets in (("GET", GET), ("POST", POST), ("upload", STREAMED + b"0\r\n\r\n")):
            yield Row(
                fault="await_head/client/closed",
                how=f"{does} before the answer to its {name}",
                scene=scene(listens, leaves(octets, how=how)),
                seen=LEFT,
            )
    yield Row(
        fault="await_head/client/closed",
        how="leaves before the answer, on a kept connection",
        scene=scene(listens, leaves(GET, how="close"), kept=True),
        seen=LEFT,
    )
    yield Row(
        fault="await_head/client/late",
        how="does not take many large interim answers",
        scene=scene(interrupts(LARGE_HINTS * 30, then=stalls), does_not_read),
        seen="reset",
    )


def leaving_the_answer() -> Iterator[Row]:
    begun = (
        ("after the head", SIZED, 0),
        ("in a sized body", SIZED + b"hello", 5),
        ("between chunks", IN_CHUNKS + b"5\r\nhello\r\n", 10),
    )
    for does, how in ENDINGS:
        for where, octets, reads in begun:
            yield Row(
                fault="receive_body/client/closed",
                how=f"{does} {where}",
                scene=scene(says(octets, then=stalls), leaves(GET, how=how, reads=reads)),
                seen=LEFT,
            )
        yield Row(
            fault="receive_body/client/closed",
            how=f"{does} while the upstream speaks",
            scene=scene(acts.speaks_until_left, leaves(GET, how=how, reads=100)),
            seen=LEFT,
        )
    yield Row(
        fault="receive_body/client/late",
        how="does not take a large answer",
        scene=scene(acts.speaks_until_left, does_not_read),
        seen="200, then reset",
    )


def spoiling_its_body_after_the_answer_began() -> Iterator[Row]:
    def spoilt(cause: str, how: str, *said: bytes) -> Row:
        return Row(
            fault=f"receive_body/client/{cause}",
            how=how,
            scene=scene(interrupts(SIZED + b"hello", then=stalls), answers_back(STREAMED, *said)),
            seen="200, then reset",
        )

    yield spoilt("invalid", "a bad chunk in an upload that is answered already", b"hello\r\n")
    yield spoilt("limit", "more than max_body, answered already", CHUNK_OVER_MAX)
    yield spoilt("late", "stalls in an upload that is answered already", b"5\r\nhe")
