"""Who is told that a socket is ready, when, and how often; alike for both pollers."""

import asyncio
import socket
import sys
from collections.abc import Callable
from functools import partial

import pytest

from proxy.net.poller import BATCH, READ, WRITE, LoopPoller, Poller, open_poller
from tests.proxy.net.ground import Ground

MANY = BATCH + 72


class Ears:
    """Writes down what it is told; takes what has come, as else it would be told again."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.events: list[int] = []
        self.came = b""
        self.then: Callable[[], object] = lambda: None

    def __call__(self, events: int) -> None:
        self.events.append(events)
        if events & READ:
            self.came += self.sock.recv(100)
        self.then()


def listening(ground: Ground, events: int = READ) -> tuple[Ears, socket.socket]:
    """One who is told of its socket, and the other end of that."""
    ours, theirs = ground.pair()
    ears = Ears(ours)
    ground.poller.add(ears.fd, ears, events)
    return ears, theirs


def test_one_that_can_be_read(ground: Ground) -> None:
    ears, theirs = listening(ground)
    ground.settle()
    assert ears.events == []
    theirs.send(b"hello")
    ground.until(lambda: ears.came == b"hello")
    ground.settle()
    assert ears.events == [READ]


def test_what_is_not_taken_is_told_again(ground: Ground) -> None:
    ears, theirs = listening(ground)
    theirs.send(b"x" * 250)
    ground.until(lambda: len(ears.came) == 250)
    assert ears.events == [READ, READ, READ]


def test_one_that_can_be_written(ground: Ground) -> None:
    ears, _ = listening(ground, WRITE)
    ground.until(lambda: len(ears.events) > 2)
    assert set(ears.events) == {WRITE}


def test_one_from_the_start_for_both(ground: Ground) -> None:
    ears, theirs = listening(ground, READ | WRITE)
    theirs.send(b"hello")
    ground.until(lambda: ears.came == b"hello")
    ground.poller.change(ears.fd, READ)
    ears.events.clear()
    ground.settle()
    assert ears.events == []


def test_what_is_waited_for_may_change(ground: Ground) -> None:
    ears, theirs = listening(ground)
    theirs.send(b"hello")
    ground.poller.change(ears.fd, WRITE)
    ground.until(lambda: len(ears.events) > 2)
    assert set(ears.events) == {WRITE}
    ground.poller.change(ears.fd, 0)
    ears.events.clear()
    ground.settle()
    assert ears.events == []
    ground.poller.change(ears.fd, READ)
    ground.until(lambda: ears.came == b"hello")
    assert ears.events == [READ]


def test_the_end_of_the_other_is_something_to_read(ground: Ground) -> None:
    ears, theirs = listening(ground)
    theirs.close()
    ground.until(lambda: bool(ears.events))
    assert ears.events[0] & READ
    assert ears.came == b""


def test_one_that_was_removed_is_told_no_more(ground: Ground) -> None:
    ears, theirs = listening(ground)
    ground.poller.remove(ears.fd)
    theirs.send(b"hello")
    ground.settle()
    assert ears.events == []
    ground.poller.add(ears.fd, ears)
    ground.until(lambda: ears.came == b"hello")


def test_one_may_be_removed_by_another_that_was_ready_with_it(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """And closed, so that the number of its descriptor is another's."""
    both = [listening(ground), listening(ground)]
    for (ears, _), (other, _) in (both, reversed(both)):

        def remove(other: Ears = other) -> None:
            if other.sock.fileno() >= 0:
                ground.poller.remove(other.fd)
                other.sock.close()

        ears.then = remove
    for _, theirs in both:
        theirs.send(b"hello")
    ground.until(lambda: any(ears.events for ears, _ in both))
    ground.settle()
    assert sorted(ears.events for ears, _ in both) == [[], [READ]]
    assert caplog.records == []


def test_a_descriptors_next_owner_is_not_taken_for_the_last(ground: Ground) -> None:
    first, _ = listening(ground)
    fd = first.fd
    ground.poller.remove(fd)
    first.sock.close()
    second, theirs = listening(ground)
    assert second.fd == fd
    theirs.send(b"hello")
    ground.until(lambda: second.came == b"hello")
    assert first.events == []


def test_all_have_their_turn(ground: Ground) -> None:
    """Though each always has more to read."""
    many = [listening(ground) for _ in range(MANY)]
    turns: list[int] = []
    for ears, theirs in many:
        ears.then = partial(turns.append, ears.fd)
        theirs.send(b"x" * 1000)
    ground.until(lambda: all(len(ears.came) == 1000 for ears, _ in many))
    assert set(turns[: 2 * BATCH]) == {ears.fd for ears, _ in many}


def test_after_a_batch_the_loop_has_its_turn(epolled: Ground) -> None:
    many = [listening(epolled) for _ in range(MANY)]
    told: list[int] = []

    def served() -> int:
        return sum(bool(ears.events) for ears, _ in many)

    def note() -> None:
        if len(told) < 2:
            epolled.loop.call_soon(lambda: told.append(served()))

    for ears, theirs in many:
        ears.then = note
        theirs.send(b"x")
    epolled.until(lambda: served() == MANY)
    assert told[0] == BATCH


def fail() -> None:
    raise ValueError("an owner")


def test_an_owner_that_raises_harms_nobody_else(
    loop: asyncio.AbstractEventLoop, poller: type[Poller], caplog: pytest.LogCaptureFixture
) -> None:
    """A poller of our own writes it to the log; the loop tells whom it is told to tell."""
    ground = Ground(loop, poller)
    both = [listening(ground), listening(ground)]
    for ears, _ in both:
        ears.then = fail
    for _, theirs in both:
        theirs.send(b"hello")
    ground.until(lambda: all(ears.came == b"hello" for ears, _ in both))
    both[0][1].send(b", again")
    ground.until(lambda: both[0][0].came == b"hello, again")
    logged = [(record.name, record.getMessage()) for record in caplog.records]
    if poller is Poller:
        assert logged == [("proxy.net.poller", "a ready socket's owner failed")] * 3
        assert ground.failures == []
    else:
        assert logged == []
        assert len(ground.failures) == 3
    ground.close()


def test_a_closed_poller_tells_nobody(
    loop: asyncio.AbstractEventLoop, poller: type[Poller]
) -> None:
    ground = Ground(loop, poller)
    ears, theirs = listening(ground)
    theirs.send(b"hello")
    ground.poller.close()
    other = Ground(loop, poller)
    other.settle()
    assert ears.events == []
    ears.sock.close()
    theirs.close()
    other.close()


@pytest.mark.parametrize(("platform", "kind"), [("linux", Poller), ("darwin", LoopPoller)])
def test_the_best_of_each_platform(
    loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    kind: type[Poller],
) -> None:
    if kind is Poller and sys.platform != "linux":
        pytest.skip("epoll is Linux's")
    monkeypatch.setattr(sys, "platform", platform)
    opened = open_poller(loop)
    assert type(opened) is kind
    opened.close()
