"""What is decided about a process beside the workers, without one: events in, actions out."""

import signal

import pytest

from proxy.supervisor.orders import (
    Action,
    Ask,
    Begin,
    Due,
    Exit,
    Kill,
    Late,
    Later,
    Overdue,
    Ready,
    Roll,
    Say,
    Start,
    Stop,
)
from proxy.supervisor.sidecar import Event, Gone, Sidecar, SidecarLimits, pause

LIMITS = SidecarLimits()


class Story:
    """A sidecar that is told events; time passes only when it is said to."""

    def __init__(self, *events: Event) -> None:
        self._sidecar = Sidecar(LIMITS, "bridge")
        self.now = 1000.0
        self.last: list[Action] = []
        for event in events:
            self.tell(event)

    def tell(self, event: Event) -> list[Action]:
        """What is done about it; the log and the time limits apart."""
        self.last = self._sidecar.take(event, self.now)
        return [one for one in self.last if not isinstance(one, (Say, Later))]

    def said(self) -> list[str]:
        return [one.event for one in self.last if isinstance(one, Say)]

    def timers(self) -> list[Later]:
        return [one for one in self.last if isinstance(one, Later)]


def running() -> Story:
    return Story(Begin(), Ready(0))


def test_it_is_started_once_the_workers_serve() -> None:
    story = Story()
    assert story.tell(Roll()) == []
    assert story.tell(Begin()) == [Start(0, place=0)]
    assert story.timers() == [Later(60, Late(0))]
    assert story.tell(Ready(0)) == []
    assert story.said() == ["bridge_ready"]
    assert story.tell(Late(0)) == []


@pytest.mark.parametrize(
    ("code", "short_lives", "seconds"),
    [(1, 1, 0.1), (1, 2, 0.2), (0, 9, 25.6), (-9, 10, 30), (1, 10_000, 30), (2, 1, 30)],
)
def test_the_pause_before_the_next_one(code: int, short_lives: int, seconds: float) -> None:
    assert pause(code, short_lives, LIMITS) == seconds


def test_one_that_keeps_dying_waits_longer_and_longer() -> None:
    story = running()
    for number, seconds in enumerate((0.1, 0.2, 0.4)):
        assert story.tell(Gone(number, 1)) == []
        assert story.said() == ["bridge_ended"]
        assert story.timers() == [Later(seconds, Due(0))]
        assert story.tell(Due(0)) == [Start(number + 1, place=0)]


def test_a_fault_of_the_code_is_said_once_too() -> None:
    story = running()
    story.tell(Gone(0, 1, "Traceback"))
    assert story.said() == ["bridge_ended"]
    story.tell(Due(0))
    story.tell(Gone(1, 1, "Traceback"))
    assert story.last == [Later(0.2, Due(0))]


def test_a_long_life_ends_the_row_of_short_ones() -> None:
    story = running()
    story.tell(Gone(0, 1))
    story.tell(Due(0))
    story.now += 60
    story.tell(Gone(1, 1))
    assert story.timers() == [Later(0.1, Due(0))]


def test_what_somebody_has_to_repair_is_said_once() -> None:
    story = running()
    details = {"code": 2, "reason": "no slot", "again_in": 30}
    story.tell(Gone(0, 2, "no slot"))
    assert story.last == [Say("error", "bridge_cannot_run", 0, details), Later(30, Due(0))]
    story.tell(Due(0))
    story.tell(Gone(1, 2, "no slot"))
    assert story.last == [Later(30, Due(0))]
    story.tell(Due(0))
    story.tell(Gone(2, 2, "no publication"))
    assert story.said() == ["bridge_cannot_run"]


def test_asked_to_renew_one_that_waits_it_is_tried_at_once() -> None:
    story = running()
    story.tell(Gone(0, 2, "no slot"))
    assert story.tell(Roll()) == [Start(1, place=0)]
    assert story.tell(Due(0)) == []


def test_it_is_renewed_without_a_gap() -> None:
    story = running()
    assert story.tell(Roll()) == [Start(1, place=0)]
    assert story.tell(Ready(1)) == [Ask(0)]
    assert story.said() == ["bridge_ready", "bridge_renewed"]
    assert story.timers() == [Later(10, Overdue(0))]
    assert story.tell(Gone(0, 0)) == []
    assert story.timers() == []
    assert story.tell(Gone(1, 1)) == []
    assert story.tell(Due(0)) == [Start(2, place=0)]


def test_renewed_again_meanwhile_it_is_done_once_more() -> None:
    story = running()
    story.tell(Roll())
    assert story.tell(Roll()) == []
    assert story.tell(Ready(1)) == [Ask(0), Start(2, place=0)]
    assert story.tell(Ready(2)) == [Ask(1)]


@pytest.mark.parametrize("fault", [[Gone(1, 2, "no")], [Late(1), Gone(1, -9)]])
def test_a_successor_that_fails_leaves_the_one_that_was_there(fault: list[Event]) -> None:
    story = running()
    story.tell(Roll())
    for event in fault:
        assert story.tell(event) == ([Kill(1)] if isinstance(event, Late) else [])
    assert story.said()[-1] == "bridge_not_renewed"
    assert story.tell(Stop()) == [Ask(0)]


def test_one_that_dies_while_its_successor_starts_is_replaced_by_it() -> None:
    story = running()
    story.tell(Roll())
    assert story.tell(Gone(0, -9)) == []
    assert story.timers() == []
    assert story.tell(Ready(1)) == []
    assert story.tell(Stop()) == [Ask(1)]


def test_stopping_it_has_its_time_and_is_killed_after_it() -> None:
    story = running()
    assert story.tell(Stop()) == [Ask(0)]
    assert story.timers() == [Later(10, Overdue(0))]
    assert story.tell(Overdue(0)) == [Kill(0)]
    assert story.tell(Gone(0, -9)) == [Exit(0)]


def test_stopping_twice_kills() -> None:
    story = running()
    story.tell(Roll())
    assert story.tell(Stop()) == [Ask(0), Ask(1)]
    assert story.tell(Stop()) == [Kill(0), Kill(1)]
    assert story.tell(Gone(0, -9)) == []
    assert story.tell(Gone(1, -9)) == [Exit(0)]


@pytest.mark.parametrize("before", [[], [Begin(), Gone(0, 1)]])
def test_stopping_while_none_lives(before: list[Event]) -> None:
    story = Story(*before)
    assert story.tell(Stop()) == [Exit(0)]
    assert story.tell(Due(0)) == []
    assert story.tell(Begin()) == []
    assert story.tell(Roll()) == []


@pytest.mark.parametrize(
    ("code", "level", "details"),
    [
        (0, "info", {"code": 0}),
        (-signal.SIGTERM, "info", {"signal": "SIGTERM"}),
        (-signal.SIGKILL, "warning", {"signal": "SIGKILL"}),
        (-50, "warning", {"signal": "50"}),
    ],
)
def test_how_it_ended_is_told(code: int, level: str, details: dict[str, object]) -> None:
    story = running()
    story.tell(Stop())
    story.tell(Gone(0, code))
    (said,) = (one for one in story.last if isinstance(one, Say))
    assert said == Say(said.level, "bridge_ended", 0, {**details, "asked": True})
    assert said.level == level
