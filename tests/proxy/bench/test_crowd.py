"""Idle and slow clients: what they do, and that whatever happens to them is told by its name."""

import socket
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from types import TracebackType
from typing import Self

import pytest

from proxy.bench.cases import CASES, OK, OURS, answer, answer_with
from proxy.bench.cores import OPEN_FILES
from proxy.bench.crowd import IDLE_REQUEST, Crowd
from proxy.bench.crowded import CrowdPlan, check_open_files, measure
from proxy.bench.faults import CannotMeasureError
from proxy.bench.loop import Loop
from proxy.bench.slow import MOVES, PAGE, PIECE, REQUEST, Slow, SlowError
from tests.longer import LONGER

ANSWER = answer_with(PAGE)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The slow client's end, and the proxy's."""
    client, proxy = socket.socketpair()
    with client, proxy:
        proxy.settimeout(10)
        yield client, proxy


def test_a_slow_client_sends_one_octet_a_move_and_reads_one_piece(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    slow = Slow(pair[0], 0.0)
    for _ in range(2):
        for octet in REQUEST:
            assert slow.move() is False
            assert pair[1].recv(100) == bytes([octet])
        assert slow.move() is False
        pair[1].sendall(ANSWER)
        moves = [slow.move() for _ in range(-(-len(ANSWER) // PIECE))]
        assert moves == [False] * (len(moves) - 1) + [True]


def test_slow_clients_begin_all_along_the_way() -> None:
    sent = []
    for number in range(10):
        client, proxy = socket.socketpair()
        with client, proxy:
            slow = Slow(client, number / 10)
            proxy.setblocking(False)
            sent.append(len(proxy.recv(1000)) if number else 0)
            assert slow.behind is (number / 10 > (len(REQUEST) + 1) / MOVES)
    assert all(one < two or one == two == len(REQUEST) for one, two in pairwise(sent))
    assert sent[-1] == len(REQUEST)


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 408 Request Timeout\r\n\r\n", "408 instead of 200"),
        (ANSWER[:PIECE], "closed"),
    ],
)
def test_what_is_done_to_a_slow_client_is_told_once(
    pair: tuple[socket.socket, socket.socket], answered: bytes, reason: str
) -> None:
    slow = Slow(pair[0], len(REQUEST) / MOVES)
    assert pair[1].recv(1000) == REQUEST
    pair[1].sendall(answered)
    pair[1].close()
    if answered.startswith(OK):
        assert slow.move() is False
    with pytest.raises(SlowError) as told:
        slow.move()
    assert str(told.value) == reason
    assert slow.move() is False


class Doorman:
    """Accepts a crowd's connections, to do with them as the test says."""

    def __init__(self, crowd_size: int) -> None:
        self.loop = Loop()
        with socket.create_server(("127.0.0.1", 0), backlog=crowd_size) as listener:
            self.crowd = Crowd(self.loop, listener.getsockname(), idle=crowd_size, slow=0)
            self.ends = [listener.accept()[0] for _ in range(crowd_size)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.crowd.leave()
        for end in self.ends:
            end.close()

    def answer_all(self) -> None:
        for end in self.ends:
            end.sendall(answer(CASES[0]))
        self.crowd.settle()

    def look(self) -> Counter[str]:
        self.loop.run(until=perf_counter() + 0.02, wait=0.02)
        return self.crowd.errors


def test_an_idle_client_asks_once_and_stays() -> None:
    with Doorman(3) as doorman:
        doorman.answer_all()
        assert [end.recv(10_000) for end in doorman.ends] == [IDLE_REQUEST] * 3
        assert doorman.look() == Counter()
        doorman.crowd.leave()
        assert [end.recv(10) for end in doorman.ends] == [b""] * 3


def test_what_is_done_to_an_idle_client_is_told() -> None:
    with Doorman(3) as doorman:
        doorman.answer_all()
        closed, reset, surprised = doorman.ends
        closed.recv(10_000)
        closed.close()
        reset.close()  # with a request unread
        surprised.sendall(answer(CASES[0]))
        wrong = {"idle: closed": 1, "idle: reset": 1, "idle: wrong answer": 1}
        assert doorman.look() == Counter(wrong)
        doorman.crowd.leave()
        assert doorman.crowd.errors == Counter(wrong)


@LONGER
def test_a_crowd_costs_our_visitors_no_answer() -> None:
    report = measure(CrowdPlan(names=[OURS], rounds=1, seconds=0.4, idle=150, slow=110))
    (ours,) = report.results
    assert (ours.alone.error_reasons, ours.crowded.error_reasons) == ({}, {})
    assert ours.slow_answers > 0
    assert report.kept is not None
    rows = report.as_dict()["results"]
    assert [(row["name"], row["idle"], row["slow"]) for row in rows] == [
        ("strangler", 0, 0),
        ("strangler", 150, 110),
    ]
    assert rows[1]["rps"] == ours.crowded.rps


def test_too_few_open_files_are_said_before_anything_starts() -> None:
    with pytest.raises(CannotMeasureError) as refused:
        check_open_files(CrowdPlan(names=[], rounds=1, seconds=1, idle=OPEN_FILES))
    assert str(refused.value).startswith(f"the crowd needs {OPEN_FILES + 2 * 232 + 256} open files")
