"""Rows of what upstreams do."""

from collections.abc import Iterator

from tests.proxy.faults import acts
from tests.proxy.faults.acts import closes, goes_on, interrupts, resets, says, stalls
from tests.proxy.faults.parts import asks, refused, sends, unreachable
from tests.proxy.faults.play import TARGET, Act, scene
from tests.proxy.faults.row import Row
from tests.proxy.http.harness import request

GET = request(TARGET)
POST = request(TARGET, method=b"POST", body=b"hello")
CHUNKED = b"Transfer-Encoding: chunked"
STREAMED = request(TARGET, CHUNKED, method=b"POST")
LARGE = request(TARGET, b"Content-Length: 12000000", method=b"POST")
MANY_OCTETS = bytes(12_000_000)

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
UNSIZED = b"HTTP/1.1 200 OK\r\n\r\n"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"
LONG_HEAD = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000 + b"\r\n\r\n"
MANY_FIELDS = b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 201 + b"\r\n"


def rows() -> Iterator[Row]:
    yield from connecting()
    yield from while_the_body_is_sent()
    yield from before_the_answer()
    yield from not_an_answer()
    yield from in_the_answer()


def connecting() -> Iterator[Row]:
    for name, octets in (("GET", GET), ("POST", POST)):
        yield Row(
            fault="connect/upstream/closed",
            how=f"nobody listens there ({name})",
            scene=refused(octets),
            seen="502",
            connection="none",
        )
    yield Row(
        fault="connect/upstream/late",
        how="the kernel's queue of new connections is full",
        scene=unreachable(asks(GET)),
        seen="504",
        connection="none",
    )


def while_the_body_is_sent() -> Iterator[Row]:
    some = (STREAMED, b"5\r\nhello\r\n")
    for how, then in (("closes", closes), ("resets", resets), ("hangs up", acts.hangs_up)):
        yield Row(
            fault="send_body/upstream/closed",
            how=f"{how} between two chunks of the upload",
            scene=scene(interrupts(then=then), asks(*some)),
            seen="502",
        )
    yield Row(
        fault="send_body/upstream/closed",
        how="resets in the middle of a large upload",
        scene=scene(interrupts(then=resets, reads=100_000), sends(LARGE, MANY_OCTETS)),
        seen="502",
    )
    yield Row(
        fault="send_body/upstream/invalid",
        how="sends garbage during the upload",
        scene=scene(interrupts(b"hello?\r\n", then=goes_on, reads=10), asks(*some)),
        seen="502",
    )
    yield Row(
        fault="send_body/upstream/limit",
        how="sends a head of 70 KB during the upload",
        scene=scene(interrupts(LONG_HEAD, then=goes_on, reads=10), asks(*some)),
        seen="502",
    )
    yield Row(
        fault="send_body/upstream/late",
        how="reads nothing of a large upload",
        scene=scene(acts.is_deaf, sends(LARGE, MANY_OCTETS)),
        seen="504",
    )


def before_the_answer() -> Iterator[Row]:
    def closed(how: str, act: Act, octets: bytes = GET, *, kept: bool = False) -> Row:
        return Row(
            fault="await_head/upstream/closed",
            how=how,
            scene=scene(act, asks(octets), kept=kept),
            seen="502",
        )

    yield closed("accepts, then resets", acts.resets_at_once)
    yield closed("closes without an answer", says(then=closes))
    yield closed("hangs up without an answer", says(then=acts.hangs_up))
    yield closed("resets without an answer", says(then=resets))
    yield closed("closes in the status line", says(b"HTTP/1.1 2"))
    yield closed("closes in the middle of the head", says(b"HTTP/1.1 200 OK\r\nContent-"))
    yield closed("resets in the middle of the head", says(b"HTTP/1.1 200 OK\r\n", then=resets))
    yield closed("closes after an interim answer", says(HINTS))
    yield closed("closes a kept connection on a POST that it has read", says(), POST, kept=True)
    yield closed("the same after a part of the head", says(b"HTTP/1.1 200"), kept=True)

    def late(how: str, act: Act, octets: bytes = GET, *, kept: bool = False) -> Row:
        return Row(
            fault="await_head/upstream/late",
            how=how,
            scene=scene(act, asks(octets), kept=kept),
            seen="504",
        )

    yield late("silent after the request", says(then=stalls))
    yield late("the same on a kept connection", says(then=stalls), kept=True)
    yield late("silent after a POST", says(then=stalls), POST)
    yield late("silent after a chunked upload", says(then=stalls), STREAMED + b"0\r\n\r\n")
    yield late("stalls in the status line", says(b"HTTP/1.1 2", then=stalls))
    yield late("stalls in the middle of the head", says(b"HTTP/1.1 200 OK\r\nX-", then=stalls))
    yield late("stalls before the head's last line end", says(SIZED[:-2], then=stalls))
    yield late("stalls after an interim answer", says(HINTS, then=stalls))


def not_an_answer() -> Iterator[Row]:
    def invalid(how: str, octets: bytes) -> Row:
        return Row(
            fault="await_head/upstream/invalid",
            how=how,
            scene=scene(says(octets, then=goes_on), asks(GET)),
            seen="502",
        )

    yield invalid("garbage", b"hello?\r\n\r\n")
    yield invalid("octets that are no text", bytes(range(256)))
    yield invalid("HTTP/0.9", b"<html></html>\r\n")
    yield invalid("HTTP/2", b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")
    yield invalid("another protocol's greeting", b"220 mail.example.org ESMTP\r\n")
    yield invalid("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n")
    yield invalid("a line that is no field", b"HTTP/1.1 200 OK\r\nhello\r\n\r\n")
    yield invalid("line ends without CR", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n")
    yield invalid("NUL in a value", b"HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 0\r\n\r\n")
    yield invalid("lengths that differ", SIZED[:-2] + b"Content-Length: 11\r\n\r\n0123456789")
    yield invalid("a negative length", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
    yield invalid("a length and chunked", IN_CHUNKS[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n")
    yield invalid("gzip as transfer coding", IN_CHUNKS.replace(b"chunked", b"gzip"))
    yield invalid("chunked in HTTP/1.0", IN_CHUNKS.replace(b"1.1", b"1.0") + b"0\r\n\r\n")
    yield invalid("a bad chunk together with the head", IN_CHUNKS + b"hello\r\n")
    yield invalid(
        "101 that nobody asked for",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    )

    def limit(how: str, octets: bytes) -> Row:
        return Row(
            fault="await_head/upstream/limit",
            how=how,
            scene=scene(says(octets, then=goes_on), asks(GET)),
            seen="502",
        )

    yield limit("a head of 70 KB", LONG_HEAD)
    yield limit("a head without end", LONG_HEAD[:-4])
    yield limit("201 fields", MANY_FIELDS)
    yield limit("33 interim answers", HINTS * 33)


def in_the_answer() -> Iterator[Row]:
    def broken(cause: str, how: str, *said: bytes, then: Act) -> Row:
        return Row(
            fault=f"receive_body/upstream/{cause}",
            how=how,
            scene=scene(says(*said, then=then), asks(GET)),
            seen="200, then reset",
        )

    yield broken("closed", "closes after the head", SIZED, then=closes)
    yield broken("closed", "a body shorter than its length", SIZED + b"hello", then=closes)
    yield broken("closed", "resets in a sized body", SIZED + b"hello", b"", then=resets)
    yield broken("closed", "resets a body without length", UNSIZED + b"hello", b"", then=resets)
    yield broken("closed", "closes before the first chunk", IN_CHUNKS, then=closes)
    yield broken("closed", "closes between chunks", IN_CHUNKS + b"2\r\nhe\r\n", then=closes)
    yield broken("closed", "closes in a chunk's size", IN_CHUNKS + b"2\r\nhe\r\n5", then=closes)
    yield broken("closed", "closes in a chunk", IN_CHUNKS + b"5\r\nhe", then=closes)
    yield broken("closed", "closes after the last chunk's size", IN_CHUNKS + b"0\r\n", then=closes)
    yield broken("closed", "closes in a trailer", IN_CHUNKS + b"0\r\nX-T: 1\r\n", then=closes)
    yield broken("closed", "resets between chunks", IN_CHUNKS + b"2\r\nhe\r\n", b"", then=resets)

    chunk = IN_CHUNKS + b"2\r\nhe\r\n"
    yield broken("invalid", "a chunk's size is none", chunk, b"0x5\r\nhello\r\n", then=goes_on)
    yield broken("invalid", "a size beyond all bounds", chunk, b"f" * 17 + b"\r\n", then=goes_on)
    yield broken("invalid", "a chunk longer than its size", chunk, b"2\r\nhello\r\n", then=goes_on)
    yield broken("invalid", "a chunk shorter than it", chunk, b"5\r\nhe\r\n0\r\n\r\n", then=goes_on)
    yield broken("invalid", "a size without CR", chunk, b"5\nhello\r\n", then=goes_on)
    yield broken("invalid", "an extension of 2 KB", chunk, b"5;" + b"x" * 2048, then=goes_on)
    yield broken("invalid", "a trailer that is none", chunk, b"0\r\nhello\r\n\r\n", then=goes_on)
    yield broken("invalid", "trailers of 9 KB", chunk, b"0\r\nX: " + b"x" * 9000, then=goes_on)

    yield broken("late", "stalls after the head", SIZED, then=stalls)
    yield broken("late", "stalls in a sized body", SIZED + b"hello", then=stalls)
    yield broken("late", "stalls in a body without length", UNSIZED + b"hello", then=stalls)
    yield broken("late", "stalls between chunks", chunk, then=stalls)
    yield broken("late", "stalls in a chunk's size", chunk, b"5", then=stalls)
    yield broken("late", "stalls in a chunk", chunk, b"5\r\nhe", then=stalls)
    yield broken("late", "stalls before the last line end", chunk, b"0\r\n", then=stalls)
