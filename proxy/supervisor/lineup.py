"""Who stands where, and what follows from what happens: decisions without effects.

┌──────────┐ ready ┌─────────┐ asked ┌─────────┐ ended
│ STARTING ├──────▶│ SERVING ├──────▶│ LEAVING ├──────▶ gone
└────┬─────┘       └─────────┘       └────▲────┘
     └──────────────── asked ─────────────┘

One that ends unasked is replaced; a successor that does so stops the roll-over it was started for.
"""

import signal
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count

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
    cause_of,
)

_DOUBLINGS = 16
"""More change nothing: the longest pause is reached long before."""


class Stage(Enum):
    """How far a worker has come in its life."""

    STARTING = auto()
    SERVING = auto()
    LEAVING = auto()


@dataclass(slots=True)
class WorkerState:
    """`started` is in seconds of the clock that `Lineup.take` is given."""

    number: int
    place: int
    started: float
    stage: Stage = Stage.STARTING
    was_ready: bool = False


def pause(short_lives: int, limits: Limits) -> float:
    """Seconds before a place gets its next worker, after so many short lives in a row there.

    The first death is answered at once, so that one crash costs nobody anything.
    """
    if short_lives < 2:
        return 0
    factor = 1 << min(short_lives - 2, _DOUBLINGS)
    return min(limits.first_pause * factor, limits.longest_pause)


class Lineup:
    """The workers in their places. Once it has decided `Exit`, it must not be asked again."""

    def __init__(self, places: int, limits: Limits) -> None:
        self._limits = limits
        self._numbers = count()
        self._workers: dict[int, WorkerState] = {}
        self._current: list[WorkerState | None] = [None] * places
        self._short_lives = [0] * places
        self._successor: WorkerState | None = None
        self._to_roll: deque[int] = deque()
        self._proven = False
        self._serving = False
        self._stopping = False
        self._clean = True

    def take(self, event: Event, now: float) -> list[Action]:
        """What to do about an event, in this order. `now` is in seconds of a monotonic clock.

        Events about workers that are gone are out of date and lead to nothing.
        """
        match event:
            case Begin():
                return self._fill(now)
            case Ready(worker) | Late(worker) | Overdue(worker) | Ended(worker):
                state = self._workers.get(worker)
                return [] if state is None else self._of_worker(event, state, now)
            case Due(place):
                vacant = self._current[place] is None and not self._stopping
                return self._start_current(place, now) if vacant else []
            case Roll():
                return self._roll(now)
            case Stop():
                return self._stop()
            case Settled():
                return self._settled()

    def _of_worker(
        self, event: Ready | Late | Overdue | Ended, worker: WorkerState, now: float
    ) -> list[Action]:
        starting = worker.stage is Stage.STARTING
        match event:
            case Ready():
                return self._ready(worker, now) if starting else []
            case Late():
                return self._late(worker) if starting else []
            case Overdue():
                return [Say("error", "worker_overdue", worker.number), Kill(worker.number)]
            case Ended(_, code):
                return self._ended(worker, code, now)

    # Starting

    def _start(self, place: int, now: float) -> tuple[WorkerState, list[Action]]:
        worker = WorkerState(next(self._numbers), place, now)
        self._workers[worker.number] = worker
        late = Later(self._limits.ready, Late(worker.number))
        return worker, [Start(worker.number, place), late]

    def _start_current(self, place: int, now: float) -> list[Action]:
        self._current[place], actions = self._start(place, now)
        return actions

    def _fill(self, now: float) -> list[Action]:
        vacant = [place for place, worker in enumerate(self._current) if worker is None]
        return [action for place in vacant for action in self._start_current(place, now)]

    def _ready(self, worker: WorkerState, now: float) -> list[Action]:
        worker.stage, worker.was_ready = Stage.SERVING, True
        actions: list[Action] = [Say("info", "worker_ready", worker.number)]
        if self._stopping:
            return actions
        if worker is self._successor:
            actions += [*self._take_over(worker), *self._roll_on(now)]
        if not self._proven:
            self._proven = True
            actions += self._fill(now)
        if not self._serving and all(w and w.stage is Stage.SERVING for w in self._current):
            self._serving = True
            actions.append(Serving())
        return actions

    def _late(self, worker: WorkerState) -> list[Action]:
        details = {"seconds": self._limits.ready}
        return [Say("error", "worker_not_ready", worker.number, details), Kill(worker.number)]

    # Ending

    def _ended(self, worker: WorkerState, code: int, now: float) -> list[Action]:
        del self._workers[worker.number]
        actions: list[Action] = [_obituary(worker, code)]
        if self._stopping:
            # One that was asked before it could answer has ended as well as it can.
            self._clean &= code == 0 or (code == -signal.SIGTERM and not worker.was_ready)
            return actions if self._workers else [*actions, *self._stopped()]
        if worker.stage is Stage.LEAVING:
            return actions
        if worker is self._successor:
            actions += self._stop_rolling()
        if worker is self._current[worker.place]:
            actions += self._replace(worker, now)
        if not self._workers and not self._proven:
            remedy = "the workers' own messages above say why"
            actions += [Say("error", "no_worker_started", None, {"remedy": remedy}), Exit(1)]
        return actions

    def _replace(self, worker: WorkerState, now: float) -> list[Action]:
        """Fill a place whose worker ended unasked, after a pause where that becomes a habit."""
        place, successor = worker.place, self._successor
        short = now - worker.started < self._limits.short_life
        self._short_lives[place] = self._short_lives[place] + 1 if short else 0
        if successor is not None and successor.place == place:
            self._current[place] = successor
            return []
        self._current[place] = None
        if not self._proven:
            # Until one has shown that a worker can start at all, each is tried once.
            return []
        seconds = pause(self._short_lives[place], self._limits)
        if not seconds:
            return self._start_current(place, now)
        details = {"place": place, "seconds": seconds}
        return [Say("warning", "worker_waits", None, details), Later(seconds, Due(place))]

    def _ask(self, worker: WorkerState) -> list[Action]:
        worker.stage = Stage.LEAVING
        longest = self._limits.drain + self._limits.margin
        return [Ask(worker.number), Later(longest, Overdue(worker.number))]

    # Rolling over: one successor at a time

    def _roll(self, now: float) -> list[Action]:
        """Replace all; asked again meanwhile, also those that have just been replaced."""
        if self._stopping:
            return []
        self._to_roll = deque(range(len(self._current)))
        said = Say("info", "rollover_started")
        return [said] if self._successor else [said, *self._roll_on(now)]

    def _roll_on(self, now: float) -> list[Action]:
        self._successor = None
        while self._to_roll:
            place = self._to_roll.popleft()
            # A vacant place gets a new worker anyway.
            if self._current[place] is not None:
                self._successor, actions = self._start(place, now)
                return actions
        return [Say("info", "rollover_finished")]

    def _take_over(self, successor: WorkerState) -> list[Action]:
        predecessor = self._current[successor.place]
        if predecessor is None or predecessor is successor:
            return []  # it died meanwhile
        self._current[successor.place] = successor
        return [Say("info", "worker_replaced", predecessor.number), *self._ask(predecessor)]

    def _stop_rolling(self) -> list[Action]:
        self._successor = None
        self._to_roll.clear()
        remedy = "the successor's own messages above say why; workers not replaced keep serving"
        return [Say("error", "rollover_stopped", None, {"remedy": remedy})]

    # Stopping

    def _stop(self) -> list[Action]:
        if self._stopping:
            kills = [Kill(number) for number in self._workers]
            return [Say("warning", "stopping_at_once"), *kills]
        self._stopping = True
        self._successor = None
        self._to_roll.clear()
        actions: list[Action] = [Say("info", "stopping")]
        if not self._workers:
            return [*actions, *self._stopped()]
        return [*actions, TurnAway(), Later(self._limits.settle, Settled())]

    def _settled(self) -> list[Action]:
        actions: list[Action] = [CloseSockets()]
        for worker in self._workers.values():
            if worker.stage is not Stage.LEAVING:
                actions += self._ask(worker)
        return actions

    def _stopped(self) -> list[Action]:
        return [Say("info", "stopped", None, {"clean": self._clean}), Exit(0 if self._clean else 1)]


def _obituary(worker: WorkerState, code: int) -> Say:
    asked = worker.stage is Stage.LEAVING
    details = {**cause_of(code), "asked": asked}
    if asked and code == 0:
        return Say("info", "worker_ended", worker.number, details)
    return Say("warning", "worker_ended", worker.number, details)
