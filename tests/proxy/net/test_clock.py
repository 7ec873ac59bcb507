"""Time-outs: each once, not before its time and hardly after it, whatever the others do."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import cast

import pytest

from proxy.net import clock as module
from proxy.net.clock import NEVER, RESOLUTION, Clock
from tests.inside import until


class Wound:
    """A loop as far as `Clock` knows one, and time as we let it go by."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> "Timer":
        timer = Timer(self, self.now + delay, callback)
        self.timers.append(timer)
        return timer

    def passes(self, seconds: float) -> None:
        """So much time, in steps much smaller than the clock's."""
        until_then = self.now + seconds
        while self.now < until_then:
            self.now = min(self.now + RESOLUTION / 20, until_then)
            for timer in [one for one in self.timers if one.when <= self.now]:
                self.timers.remove(timer)
                timer.callback()


class Timer:
    def __init__(self, loop: Wound, when: float, callback: Callable[[], None]) -> None:
        self._loop = loop
        self.when = when
        self.callback = callback

    def cancel(self) -> None:
        if self in self._loop.timers:
            self._loop.timers.remove(self)


class Waiting:
    """Something that can be late."""

    def __init__(self, due: float = NEVER) -> None:
        self.due = due
        self.lates: list[float] = []
        self.then: Callable[[], object] = lambda: None

    def late(self, now: float) -> None:
        assert self.due == NEVER
        self.lates.append(now)
        self.then()


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Wound:
    wound = Wound()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: wound.now))
    return wound


@pytest.fixture
def clock(loop: Wound) -> Clock:
    return Clock(cast(asyncio.AbstractEventLoop, loop))


def added(clock: Clock, *dues: float) -> list[Waiting]:
    waiting = [Waiting(due) for due in dues]
    for one in waiting:
        clock.add(one)
    return waiting


def test_it_is_late_once_and_soon(loop: Wound, clock: Clock) -> None:
    due = loop.now + 0.55
    (one,) = added(clock, due)
    loop.passes(0.54)
    assert one.lates == []
    loop.passes(10)
    (late,) = one.lates
    assert 0 <= late - due <= RESOLUTION + RESOLUTION / 20
    assert one.due == NEVER


def test_each_in_its_time(loop: Wound, clock: Clock) -> None:
    soon, later, never = added(clock, loop.now + 0.2, loop.now + 5, NEVER)
    loop.passes(1)
    assert (len(soon.lates), len(later.lates), len(never.lates)) == (1, 0, 0)
    loop.passes(5)
    assert (len(soon.lates), len(later.lates), len(never.lates)) == (1, 1, 0)


def test_it_may_be_moved_at_any_time(loop: Wound, clock: Clock) -> None:
    forth, back = added(clock, loop.now + 1, loop.now + 100)
    for _ in range(5):
        loop.passes(0.9)
        forth.due = loop.now + 1
    assert forth.lates == []
    back.due = loop.now
    loop.passes(2 * RESOLUTION)
    assert (len(forth.lates), len(back.lates)) == (0, 1)


def test_when_late_it_may_set_another(loop: Wound, clock: Clock) -> None:
    (one,) = added(clock, loop.now + 1)

    def again() -> None:
        one.due = loop.now + 1

    one.then = again
    loop.passes(5.5)
    assert len(one.lates) == 5
    gaps = [after - before for before, after in zip(one.lates, one.lates[1:], strict=False)]
    assert all(1 <= gap <= 1 + 1.1 * RESOLUTION for gap in gaps)


@pytest.mark.parametrize("moved_to", [60.0, NEVER])
def test_one_that_is_late_may_move_another_that_is(
    loop: Wound, clock: Clock, moved_to: float
) -> None:
    """Which one comes first is not said."""
    both = added(clock, loop.now, loop.now)
    for one, other in (both, reversed(both)):

        def move(other: Waiting = other) -> None:
            other.due = loop.now + moved_to

        one.then = move
    loop.passes(1)
    assert sorted(len(one.lates) for one in both) == [0, 1]


def test_one_that_was_dropped_is_never_late(loop: Wound, clock: Clock) -> None:
    dropped, kept = added(clock, loop.now + 1, loop.now + 1)
    clock.drop(dropped)
    clock.drop(dropped)
    clock.drop(Waiting())
    loop.passes(2)
    assert (len(dropped.lates), len(kept.lates)) == (0, 1)


def test_one_that_is_late_may_drop_itself_and_add_others(loop: Wound, clock: Clock) -> None:
    (one,) = added(clock, loop.now)
    other = Waiting(loop.now)

    def replace() -> None:
        clock.drop(one)
        one.due = loop.now
        clock.add(other)

    one.then = replace
    loop.passes(1)
    assert (len(one.lates), len(other.lates)) == (1, 1)
    assert len(loop.timers) == 1


def test_one_that_raises_does_not_stop_the_others(
    loop: Wound, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("an owner")

    several = added(clock, *[loop.now] * 3)
    for one in several:
        one.then = fail
    (after,) = added(clock, loop.now + 1)
    loop.passes(2)
    assert [len(one.lates) for one in (*several, after)] == [1, 1, 1, 1]
    logged = [(record.name, record.getMessage()) for record in caplog.records]
    assert logged == [("proxy.net.clock", "a time-out was not dealt with")] * 3
    assert caplog.records[0].exc_info is not None


def test_there_is_one_timer_and_none_while_nothing_is_timed(loop: Wound, clock: Clock) -> None:
    assert loop.timers == []
    several = added(clock, NEVER, NEVER, NEVER)
    assert len(loop.timers) == 1
    loop.passes(1)
    assert len(loop.timers) == 1
    for one in several:
        clock.drop(one)
    loop.passes(2 * RESOLUTION)
    assert loop.timers == []
    (one,) = added(clock, loop.now)
    loop.passes(2 * RESOLUTION)
    assert len(one.lates) == 1


def test_a_stopped_clock_tells_nobody(loop: Wound, clock: Clock) -> None:
    (one,) = added(clock, loop.now + 1)
    clock.stop()
    clock.stop()
    assert loop.timers == []
    loop.passes(2)
    assert one.lates == []
    (other,) = added(clock, NEVER)
    loop.passes(1)
    assert (len(one.lates), len(other.lates)) == (1, 0)


def test_with_real_time_on_a_real_loop() -> None:
    with closing(asyncio.new_event_loop()) as real:
        clock = Clock(real)
        due = time.monotonic() + 0.05
        (one,) = added(clock, due)
        real.run_until_complete(until(lambda: bool(one.lates)))
        assert one.lates[0] >= due
        clock.stop()
