"""A process beside the workers, the bridge's or the shadow's, and what follows from what happens:
without effects.

┌──────────┐ ready ┌─────────┐ asked ┌─────────┐ ended
│ STARTING ├──────▶│ SERVING ├──────▶│ LEAVING ├──────▶ gone
└────┬─────┘       └─────────┘       └────▲────┘
     └──────────────── asked ─────────────┘

One that ends unasked is started again after a pause. However it fares, the workers go on: nothing
here ends the supervisor.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from proxy.supervisor.lineup import Stage
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
    cause_of,
)

REPAIR = 2
"""The exit code of one that cannot go on before somebody has repaired something."""
PLACE = 0
_DOUBLINGS = 16
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class SidecarLimits:
    """Seconds. `grace` is what there is for finishing what is being applied."""

    ready: float = 60
    grace: float = 10
    short_life: float = 60
    first_pause: float = 0.1
    longest_pause: float = 30
    repair_pause: float = 30


@dataclass(frozen=True, slots=True)
class Gone:
    """The process is gone: its exit code, or minus the signal's number, and its last words."""

    number: int
    code: int
    reason: str = ""


Event = Begin | Ready | Gone | Late | Overdue | Due | Roll | Stop


@dataclass(slots=True)
class ProcessState:
    """`started` is in seconds of the clock that `Sidecar.take` is given."""

    number: int
    started: float
    stage: Stage = Stage.STARTING


def pause(code: int, short_lives: int, limits: SidecarLimits) -> float:
    """Seconds before the next one, after so many short lives in a row."""
    if code == REPAIR:
        return limits.repair_pause
    factor = 1 << min(max(short_lives - 1, 0), _DOUBLINGS)
    return min(limits.first_pause * factor, limits.longest_pause)


class Sidecar:
    """One process, and while it is renewed its successor, which stands by for its turn. `name` is
    what the log calls it."""

    def __init__(self, limits: SidecarLimits, name: str) -> None:
        self._limits = limits
        self._name = name
        self._numbers = count()
        self._processes: dict[int, ProcessState] = {}
        self._current: ProcessState | None = None
        self._successor: ProcessState | None = None
        self._begun = self._stopping = self._roll_again = False
        self._short_lives = 0
        self._told: tuple[int, str] | None = None

    def take(self, event: Event, now: float) -> list[Action]:
        """What to do about an event, in this order; `Exit` once the last one asked is gone.

        `now` is in seconds of a monotonic clock. Events about processes that are gone are out of
        date and lead to nothing.
        """
        match event:
            case Begin():
                self._begun = True
                return [] if self._stopping else self._start_current(now)
            case Due():
                vacant = self._current is None and not self._stopping
                return self._start_current(now) if vacant else []
            case Roll():
                return self._roll(now)
            case Stop():
                return self._stop()
            case Ready(number) | Late(number) | Overdue(number) | Gone(number):
                state = self._processes.get(number)
                return [] if state is None else self._of_process(event, state, now)

    def _of_process(
        self, event: Ready | Late | Overdue | Gone, process: ProcessState, now: float
    ) -> list[Action]:
        starting = process.stage is Stage.STARTING
        match event:
            case Ready():
                return self._ready(process, now) if starting else []
            case Late():
                details = {"seconds": self._limits.ready}
                said = self._say("error", "not_ready", process.number, details)
                return [said, Kill(process.number)] if starting else []
            case Overdue():
                return [self._say("error", "overdue", process.number), Kill(process.number)]
            case Gone():
                return self._gone(process, event, now)

    # Starting and renewing

    def _start(self, now: float) -> tuple[ProcessState, list[Action]]:
        process = ProcessState(next(self._numbers), now)
        self._processes[process.number] = process
        late = Later(self._limits.ready, Late(process.number))
        return process, [Start(process.number, PLACE), late]

    def _start_current(self, now: float) -> list[Action]:
        self._current, actions = self._start(now)
        return actions

    def _roll(self, now: float) -> list[Action]:
        """Renew it. One that waits for its next attempt gets it now: perhaps it was repaired."""
        if self._stopping or not self._begun:
            return []
        if self._current is None:
            return self._start_current(now)
        if self._successor is not None:
            self._roll_again = True
            return []
        self._successor, actions = self._start(now)
        return actions

    def _ready(self, process: ProcessState, now: float) -> list[Action]:
        process.stage = Stage.SERVING
        actions: list[Action] = [self._say("info", "ready", process.number)]
        if process is not self._successor:
            return actions
        predecessor, self._current, self._successor = self._current, process, None
        if predecessor is not None:
            renewed = self._say("info", "renewed", predecessor.number)
            actions += [renewed, *self._ask(predecessor)]
        if self._roll_again:
            self._roll_again = False
            actions += self._roll(now)
        return actions

    # Ending

    def _gone(self, process: ProcessState, gone: Gone, now: float) -> list[Action]:
        del self._processes[process.number]
        if self._stopping or process.stage is Stage.LEAVING:
            actions: list[Action] = [self._obituary(process, gone)]
            done = self._stopping and not self._processes
            return [*actions, Exit(0)] if done else actions
        if process is self._successor:
            self._successor, self._roll_again = None, False
            remedy = "the one that was there goes on; SIGHUP tries again"
            failed = self._say("error", "not_renewed", None, {"remedy": remedy})
            return [self._obituary(process, gone), failed]
        return self._replace(process, gone, now)

    def _replace(self, process: ProcessState, gone: Gone, now: float) -> list[Action]:
        short = now - process.started < self._limits.short_life
        self._short_lives = self._short_lives + 1 if short else 1
        seconds = pause(gone.code, self._short_lives, self._limits)
        actions: list[Action] = []
        told = (gone.code, gone.reason)
        # What keeps it from running is said once, not with every attempt.
        again = short and told == self._told
        if not again or (not gone.reason and seconds < self._limits.longest_pause):
            actions.append(self._obituary(process, gone, seconds))
        self._told = told
        self._current, self._successor = self._successor, None
        return actions if self._current else [*actions, Later(seconds, Due(PLACE))]

    def _ask(self, process: ProcessState) -> list[Action]:
        process.stage = Stage.LEAVING
        return [Ask(process.number), Later(self._limits.grace, Overdue(process.number))]

    def _stop(self) -> list[Action]:
        if self._stopping:
            return [Kill(number) for number in self._processes]
        self._stopping = True
        if not self._processes:
            return [Exit(0)]
        waiting = (one for one in self._processes.values() if one.stage is not Stage.LEAVING)
        return [action for process in waiting for action in self._ask(process)]

    # Telling

    def _obituary(self, process: ProcessState, gone: Gone, seconds: float | None = None) -> Say:
        """`seconds` until the next one, where there is to be one."""
        asked = process.stage is Stage.LEAVING
        code = gone.code
        details = cause_of(code)
        if gone.reason:
            details["reason"] = gone.reason
        if seconds is not None:
            details["again_in"] = seconds
        if code == REPAIR:
            return self._say("error", "cannot_run", process.number, details)
        calm = asked and code in (0, -signal.SIGTERM)
        level: Level = "info" if calm else "warning"
        return self._say(level, "ended", process.number, {**details, "asked": asked})

    def _say(
        self,
        level: Level,
        event: str,
        number: int | None,
        details: Mapping[str, object] | None = None,
    ) -> Say:
        return Say(level, f"{self._name}_{event}", number, details or {})
