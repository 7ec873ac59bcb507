"""Long bodies: every octet arrives, who sends is made to wait, and the worker stays as small."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from proxy.bench.content import PIECE, digest_of, pieces
from proxy.bench.ends import Ends
from proxy.bench.loop import Loop
from proxy.bench.memory import MIB, MemoryPlan, measure
from proxy.bench.passage import PASSAGES, Passage
from proxy.bench.resident import forget_peak, peak_kib, resident_kib
from tests.longer import LONGER

SIZE = 64 * MIB
DOWN = Passage(direction="down", framing="sized", pace="fast")
Relay = Callable[[socket.socket, socket.socket], None]
"""What stands between visitor and upstream; both are closed after it."""


@LONGER  # test_streaming.py looks at the memory, too
def test_long_bodies_add_next_to_nothing_to_a_worker() -> None:
    report = measure(MemoryPlan(size=SIZE, pauses=1))
    assert [one.passage for one in report.results] == list(PASSAGES)
    for one in report.results:
        assert one.passed.errors == ()
        assert one.passed.octets == SIZE
        stops = 1 if one.passage.pace == "slow" else 0
        assert (one.passed.pauses, one.passed.waits) == (stops, stops), one
        assert one.kib < SIZE / 1024 / 4, one
    assert report.met is True
    told = report.as_dict()
    assert told["results"][0] == {
        "direction": "down",
        "framing": "sized",
        "pace": "fast",
        "octets": SIZE,
        "seconds": report.results[0].passed.seconds,
        "pauses": 0,
        "waits": 0,
        "ahead": 0,
        "added_kib": report.results[0].kib,
        "errors": 0,
        "error_reasons": [],
    }


def test_no_two_pieces_are_alike_and_none_is_held() -> None:
    made = list(pieces(3 * PIECE + 5))
    assert [len(piece) for piece in made] == [PIECE, PIECE, PIECE, 5]
    assert len(set(made)) == 4
    assert digest_of(3 * PIECE + 5) != digest_of(3 * PIECE + 6)


@pytest.fixture
def ends() -> Iterator[Ends]:
    listening = Ends(Loop())
    yield listening
    listening.close()


def through(ends: Ends, relay: Relay, passage: Passage, stops: list[int]) -> tuple[int, int, str]:
    """A body through this relay: octets that came, pauses in which the sender waited, errors."""
    upstream = socket.create_connection(("127.0.0.1", ends.port))
    with socket.create_server(("127.0.0.1", 0)) as listener, upstream:

        def serve() -> None:
            visitor, _ = listener.accept()
            with visitor, suppress(OSError):  # the visitor has seen enough
                relay(visitor, upstream)

        between = threading.Thread(target=serve)
        between.start()
        passed = ends.pass_through(listener.getsockname()[1], passage, SIZE, stops)
        with suppress(OSError):
            upstream.shutdown(socket.SHUT_RDWR)  # its other end may have stopped in the middle
        between.join()
    return passed.octets, passed.waits, ", ".join(passed.errors)


def answered(visitor: socket.socket, upstream: socket.socket) -> Iterator[bytes]:
    """The upstream's answer, until all of it has come."""
    upstream.sendall(visitor.recv(PIECE))
    left = None
    while left != 0:
        data = upstream.recv(PIECE)
        if not data:
            return
        if left is None:
            left = SIZE + data.index(b"\r\n\r\n") + 4
        left -= len(data)
        yield data


def faithful(visitor: socket.socket, upstream: socket.socket) -> None:
    for data in answered(visitor, upstream):
        visitor.sendall(data)


def hoarding(visitor: socket.socket, upstream: socket.socket) -> None:
    """Takes all that the upstream gives, whether or not the visitor takes it."""
    head, *rest = answered(visitor, upstream)
    visitor.sendall(head)
    for data in rest:
        visitor.sendall(data)


def changing(visitor: socket.socket, upstream: socket.socket) -> None:
    for number, data in enumerate(answered(visitor, upstream)):
        visitor.sendall(data[:-1] + b"!" if number == 100 else data)


def breaking_off(visitor: socket.socket, upstream: socket.socket) -> None:
    for number, data in enumerate(answered(visitor, upstream)):
        if number < 100:
            visitor.sendall(data)


def reframing(visitor: socket.socket, upstream: socket.socket) -> None:
    for data in answered(visitor, upstream):
        visitor.sendall(data.replace(b"Content-Length: ", b"Content-Length: 1"))


SLOW = Passage(direction="down", framing="sized", pace="slow")


@pytest.mark.parametrize(("relay", "waits"), [(faithful, 1), (hoarding, 0)])
def test_whether_the_sender_had_to_wait_is_seen(ends: Ends, relay: Relay, waits: int) -> None:
    assert through(ends, relay, SLOW, [MIB]) == (SIZE, waits, "")


def test_a_changed_octet_is_told(ends: Ends) -> None:
    assert through(ends, changing, DOWN, []) == (SIZE, 0, "other octets came than were sent")


def test_a_body_broken_off_is_told(ends: Ends) -> None:
    octets, _, errors = through(ends, breaking_off, DOWN, [])
    assert 0 < octets < SIZE
    assert errors == (f"the connection ended before the body did, {octets} octets came of {SIZE}")


def test_another_length_is_told(ends: Ends) -> None:
    octets, _, errors = through(ends, reframing, DOWN, [])
    assert octets == 0
    assert errors.startswith("another framing: HTTP/1.1 200 OK\r\nContent-Length: 1")


TAKES = """
import sys
for line in sys.stdin:
    held = bytearray(int(line))
    del held
    print("done", flush=True)
"""


def test_a_peak_is_seen_though_it_is_over_and_forgotten_when_asked_to() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TAKES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:

        def take(size: int) -> None:
            assert program.stdin is not None
            assert program.stdout is not None
            print(size, file=program.stdin, flush=True)
            program.stdout.readline()

        take(1)
        before = resident_kib(program.pid)
        take(50 * MIB)
        # The kernel counts for each processor, and adds up now and then.
        assert peak_kib(program.pid) - before == pytest.approx(50 * 1024, abs=1024)
        assert resident_kib(program.pid) == pytest.approx(before, abs=1024)
        forget_peak(program.pid)
        take(20 * MIB)
        assert peak_kib(program.pid) - before == pytest.approx(20 * 1024, abs=1024)
        program.communicate()
    with pytest.raises(OSError, match="No such file"):
        resident_kib(program.pid)
