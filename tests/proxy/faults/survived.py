"""Rows of what looks like a fault and costs the client nothing."""

from collections.abc import Iterator

from tests.proxy.faults import acts
from tests.proxy.faults.acts import closes, goes_on, hangs_up, interrupts, resets, says, stalls
from tests.proxy.faults.parts import (
    asks,
    asks_meanwhile,
    inherits_a_closed_connection,
    sends,
    upgrades,
)
from tests.proxy.faults.play import TARGET, Part, scene
from tests.proxy.faults.row import Connection, Row
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import answer, request
from tests.proxy.http.upstream import OK

GET = request(TARGET)
HEAD = request(TARGET, method=b"HEAD")
POST = request(TARGET, method=b"POST", body=b"hello")
PUT = request(TARGET, method=b"PUT", body=b"hello")
CHUNKED = b"Transfer-Encoding: chunked"
STREAMED = request(TARGET, CHUNKED, method=b"POST")
LARGE = request(TARGET, b"Content-Length: 12000000", method=b"POST")
MANY_OCTETS = bytes(12_000_000)
TOO_LARGE = answer(status=b"413 Content Too Large", body=b"not by me")
SURPLUS = answer(status=b"500 Surplus", body=b"surplus")
HINTS = b"HTTP/1.1 103 Early Hints\r\n\r\n"
LONG = answer(body=b"0123456789")
DROPS = (LONG[:-10], *(LONG[at : at + 1] for at in range(-10, -1)), LONG[-1:])
CLOSING = answer(b"Connection: close")


def rows() -> Iterator[Row]:
    yield from closed_while_idle()
    yield from answered_early()
    yield from too_much_said()
    yield from unusual()


def fine(how: str, part: Part, connection: Connection = "closed", seen: str = "200") -> Row:
    return Row(fault="", how=how, scene=part, seen=seen, connection=connection)


def closed_while_idle() -> Iterator[Row]:
    for name, octets in (("GET", GET), ("PUT", PUT)):
        for does, then in (("closes", closes), ("resets", resets), ("hangs up on", hangs_up)):
            how = f"{does} a kept connection on a {name} that it has read"
            yield fine(how, scene(says(then=then), asks(octets), kept=True))
    requests = (
        ("GET", GET),
        ("POST", POST),
        ("POST in chunks", STREAMED + b"0\r\n\r\n"),
        ("PUT in chunks", request(TARGET, CHUNKED, method=b"PUT") + b"0\r\n\r\n"),
    )
    for name, octets in requests:
        for does, end in (("closes", Peer.half_close), ("resets", Peer.reset)):
            how = f"{does} a kept connection at the moment a {name} comes"
            yield fine(how, asks_meanwhile(octets, end))
    how = "answers and closes at once, when a POST is next in line for the connection"
    yield fine(how, inherits_a_closed_connection)


def answered_early() -> Iterator[Row]:
    some = (STREAMED, b"5\r\nhello\r\n")
    for does, then in (
        ("goes on reading", stalls),
        ("closes", closes),
        ("resets", resets),
        ("hangs up", hangs_up),
    ):
        yield fine(
            f"answers before the upload has ended, and {does}",
            scene(interrupts(TOO_LARGE, then=then), asks(*some)),
            seen="413",
        )
        yield fine(
            f"answers before a large upload has ended, and {does}",
            scene(interrupts(TOO_LARGE, then=then, reads=100_000), sends(LARGE, MANY_OCTETS)),
            seen="413",
        )


def too_much_said() -> Iterator[Row]:
    bodiless = b"HTTP/1.1 %b\r\nContent-Length: 5\r\n\r\nhello"
    yield fine("two answers at once", scene(says(OK + SURPLUS, then=goes_on), asks(GET)))
    yield fine("a second answer later", scene(says(OK, SURPLUS, then=goes_on), asks(GET)))
    yield fine("a body longer than its length", scene(says(OK + b"more", then=goes_on), asks(GET)))
    yield fine("a body after HEAD", scene(says(OK, then=goes_on), asks(HEAD, method="HEAD")))
    for status in (b"204 No Content", b"304 Not Modified"):
        act = says(bodiless % status, then=goes_on)
        yield fine(
            f"a body with {status.decode()}", scene(act, asks(GET)), seen=status[:3].decode()
        )
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield fine("octets after the last chunk", scene(says(chunks + b"0", then=goes_on), asks(GET)))


def unusual() -> Iterator[Row]:
    def kept(how: str, *said: bytes) -> Row:
        return fine(how, scene(says(*said, then=goes_on), asks(GET)), "kept")

    yield kept("an ordinary answer", OK)
    yield kept("the same length twice", answer(b"Content-Length: 2"))
    yield kept("space before a colon", answer(b"X-Odd : 1"))
    yield kept("a folded line", answer(b"X-Odd: 1,\r\n 2"))
    yield kept("interim answers that nobody expects", HINTS * 3 + OK)
    yield fine(
        "slow, but never silent for longer than allowed",
        scene(acts.trickles(HINTS, *DROPS, pause=0.2), asks(GET)),
        "kept",
    )
    yield fine("says that it will close", scene(says(CLOSING, then=stalls), asks(GET)))
    yield fine("speaks HTTP/1.0", scene(says(OK.replace(b"1.1", b"1.0"), then=stalls), asks(GET)))
    yield fine(
        "ends a tunnel in order", scene(acts.switches(closes), upgrades()), seen="101, then closed"
    )
