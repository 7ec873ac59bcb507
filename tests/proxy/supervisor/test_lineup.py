"""What the supervisor decides, without processes: events in, actions out."""

import signal

import pytest

from proxy.supervisor.lineup import Lineup, pause
from proxy.supervisor.orders import (
    Action,
    Ask,
    Begin,
    CloseSockets,
    Due,
    Ended,
    Event,
    Exit,
    Kill,
    Late,
    Later,
    Limits,
    Overdue,
    Ready,
    Roll,
    Say,
    Serving,
    Settled,
    Start,
    Stop,
    TurnAway,
)

LIMITS = Limits()


class Story:
    """A lineup that is told events; time passes only when it is said to."""

    def __init__(self, places: int, *events: Event) -> None:
        self._lineup = Lineup(places, LIMITS)
        self.now = 1000.0
        self.last: list[Action] = []
        for event in (Begin(), *events):
            self.tell(event)

    def tell(self, event: Event) -> list[Action]:
        """What is done about it; the log and the time limits apart."""
        self.last = self._lineup.take(event, self.now)
        return [one for one in self.last if not isinstance(one, (Say, Later))]

    def said(self) -> list[str]:
        return [one.event for one in self.last if isinstance(one, Say)]

    def timers(self) -> list[Later]:
        return [one for one in self.last if isinstance(one, Later)]


def serving(places: int) -> Story:
    """Workers 0 to N-1, all ready."""
    return Story(places, *(Ready(number) for number in range(places)))


def test_all_workers_start_together_and_each_has_its_time() -> None:
    story = Story(2)
    assert story.last == [
        Start(0, place=0),
        Later(30, Late(0)),
        Start(1, place=1),
        Later(30, Late(1)),
    ]
    assert story.tell(Ready(1)) == []
    assert story.tell(Ready(0)) == [Serving()]
    assert story.tell(Late(0)) == []


@pytest.mark.parametrize(
    ("short_lives", "seconds"),
    [(0, 0), (1, 0), (2, 0.1), (3, 0.2), (7, 3.2), (8, 5), (9, 5), (10_000, 5)],
)
def test_the_pause_before_a_restart(short_lives: int, seconds: float) -> None:
    assert pause(short_lives, LIMITS) == seconds


def test_a_worker_that_keeps_dying_waits_longer_and_longer() -> None:
    story = serving(1)
    assert story.tell(Ended(0, 1)) == [Start(1, place=0)]
    for number, seconds in [(1, 0.1), (2, 0.2), (3, 0.4)]:
        assert story.tell(Ended(number, 1)) == []
        assert story.timers() == [Later(seconds, Due(0))]
        assert story.tell(Due(0)) == [Start(number + 1, place=0)]


def test_a_long_life_ends_the_row_of_short_ones() -> None:
    story = serving(1)
    for number in (0, 1):
        story.tell(Ended(number, 1))
    story.tell(Due(0))
    story.now += 10
    assert story.tell(Ended(2, 1)) == [Start(3, place=0)]
    assert story.tell(Ended(3, 1)) == [Start(4, place=0)]


def test_at_the_start_each_place_is_tried_once_and_none_is_enough_to_end() -> None:
    story = Story(2)
    assert story.tell(Ended(1, 3)) == []
    assert story.timers() == []
    assert story.tell(Ended(0, 3)) == [Exit(1)]
    assert story.said() == ["worker_ended", "no_worker_started"]


def test_at_the_start_the_first_one_ready_shows_that_it_can_be_done() -> None:
    story = Story(2, Ended(1, 3))
    assert story.tell(Ready(0)) == [Start(2, place=1)]
    assert story.tell(Ready(2)) == [Serving()]


def test_one_that_is_late_is_killed_and_counts_as_dead() -> None:
    story = serving(1)
    story.tell(Ended(0, 1))
    assert story.tell(Late(1)) == [Kill(1)]
    assert story.said() == ["worker_not_ready"]
    assert story.tell(Ended(1, -9)) == []
    assert story.timers() == [Later(0.1, Due(0))]


def test_a_roll_over_replaces_one_after_the_other() -> None:
    story = serving(2)
    assert story.tell(Roll()) == [Start(2, place=0)]
    assert story.tell(Ready(2)) == [Ask(0), Start(3, place=1)]
    assert story.timers() == [Later(35, Overdue(0)), Later(30, Late(3))]
    assert story.tell(Ready(3)) == [Ask(1)]
    assert story.said() == ["worker_ready", "worker_replaced", "rollover_finished"]
    assert story.tell(Ended(0, 0)) == []
    assert story.tell(Overdue(1)) == [Kill(1)]
    assert story.tell(Ended(1, -9)) == []
    assert story.tell(Overdue(1)) == []


def test_a_roll_over_asked_for_again_starts_over() -> None:
    story = serving(2)
    story.tell(Roll())
    story.tell(Ready(2))
    assert story.tell(Roll()) == []
    assert story.tell(Ready(3)) == [Ask(1), Start(4, place=0)]
    assert story.tell(Ready(4)) == [Ask(2), Start(5, place=1)]
    assert story.tell(Ready(5)) == [Ask(3)]


@pytest.mark.parametrize("fault", [[Ended(2, 3)], [Late(2), Ended(2, -9)]])
def test_a_failed_successor_stops_the_roll_over(fault: list[Event]) -> None:
    story = serving(2)
    story.tell(Roll())
    for event in fault:
        actions = story.tell(event)
        assert actions == ([Kill(2)] if isinstance(event, Late) else [])
    assert story.said() == ["worker_ended", "rollover_stopped"]
    assert story.tell(Roll()) == [Start(3, place=0)]


def test_a_worker_that_dies_while_its_successor_starts_is_replaced_by_it() -> None:
    story = serving(2)
    story.tell(Roll())
    assert story.tell(Ended(0, 1)) == []
    assert story.tell(Ready(2)) == [Start(3, place=1)]


def test_a_successor_left_alone_that_fails_is_replaced_too() -> None:
    story = serving(1)
    story.tell(Roll())
    story.tell(Ended(0, 1))
    story.tell(Ended(1, 1))
    assert story.said() == ["worker_ended", "rollover_stopped", "worker_waits"]
    assert story.tell(Due(0)) == [Start(2, place=0)]


def test_a_roll_over_leaves_out_a_place_that_waits_for_its_next_worker() -> None:
    story = serving(2)
    story.tell(Ended(0, 1))
    story.tell(Ended(2, 1))
    assert story.tell(Roll()) == [Start(3, place=1)]
    assert story.tell(Due(0)) == [Start(4, place=0)]


def test_a_roll_over_before_anybody_is_ready() -> None:
    story = Story(1, Roll())
    assert story.last[1:] == [Start(1, place=0), Later(30, Late(1))]
    assert story.tell(Ready(1)) == [Ask(0), Serving()]
    assert story.tell(Ready(0)) == []

    failing = Story(1, Roll(), Ended(0, 3))
    assert failing.tell(Ended(1, 3)) == [Exit(1)]


def test_stopping_turns_newcomers_away_then_asks_all() -> None:
    story = serving(2)
    assert story.tell(Stop()) == [TurnAway()]
    assert story.timers() == [Later(0.1, Settled())]
    assert story.tell(Settled()) == [CloseSockets(), Ask(0), Ask(1)]
    assert story.tell(Ended(1, 0)) == []
    assert story.tell(Ended(0, 0)) == [Exit(0)]


def test_stopping_in_a_roll_over_asks_the_successor_too_and_nobody_twice() -> None:
    story = serving(2)
    story.tell(Roll())
    story.tell(Ready(2))
    story.tell(Stop())
    assert story.tell(Roll()) == []
    assert story.tell(Ready(3)) == []
    assert story.tell(Settled()) == [CloseSockets(), Ask(1), Ask(2), Ask(3)]


def test_stopping_twice_kills() -> None:
    story = serving(2)
    story.tell(Stop())
    assert story.tell(Stop()) == [Kill(0), Kill(1)]
    assert story.tell(Ended(0, -9)) == []
    assert story.tell(Ended(1, -9)) == [Exit(1)]


def test_stopping_while_no_worker_lives() -> None:
    story = serving(1)
    story.tell(Ended(0, 1))
    story.tell(Ended(1, 1))
    assert story.tell(Stop()) == [Exit(0)]


def test_a_pause_that_ends_while_stopping_starts_nobody() -> None:
    story = serving(2)
    story.tell(Ended(0, 1))
    story.tell(Ended(2, 1))
    story.tell(Stop())
    assert story.tell(Due(0)) == []


@pytest.mark.parametrize(
    ("before", "code", "exit_code"),
    [
        ([Ready(0)], 0, 0),
        ([Ready(0)], 1, 1),
        ([Ready(0)], -signal.SIGTERM, 1),
        ([Ready(0)], -signal.SIGKILL, 1),
        # Not ready yet: without a handler, and without requests.
        ([], -signal.SIGTERM, 0),
        ([], 1, 1),
    ],
)
def test_the_exit_code_tells_whether_the_drain_was_clean(
    before: list[Event], code: int, exit_code: int
) -> None:
    story = Story(1, *before, Stop(), Settled())
    assert story.tell(Ended(0, code)) == [Exit(exit_code)]


def test_how_a_worker_ended_is_told() -> None:
    story = serving(3)
    story.tell(Ended(0, 7))
    assert Say("warning", "worker_ended", 0, {"code": 7, "asked": False}) in story.last
    story.tell(Ended(1, -signal.SIGSEGV))
    assert Say("warning", "worker_ended", 1, {"signal": "SIGSEGV", "asked": False}) in story.last
    story.tell(Ended(2, -50))
    assert Say("warning", "worker_ended", 2, {"signal": "50", "asked": False}) in story.last
