"""What happens to a supervisor, and what it is to do: the words that `lineup` reads and writes.

A worker has a number that is never used again; its place, 0 to N-1, goes to its successor.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. `drain` is what a worker needs at most, `margin` what it gets on top."""

    drain: float = 30
    margin: float = 5
    ready: float = 30
    settle: float = 0.1
    short_life: float = 10
    first_pause: float = 0.1
    longest_pause: float = 5


@dataclass(frozen=True, slots=True)
class Begin:
    """No worker has been started yet."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker accepts connections."""

    worker: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker is gone: its exit code, or the negative number of the signal that ended it."""

    worker: int
    code: int


@dataclass(frozen=True, slots=True)
class Late:
    """A worker has had all the time that there is for becoming ready."""

    worker: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A worker has had all the time that there is for draining."""

    worker: int


@dataclass(frozen=True, slots=True)
class Due:
    """The pause before the next worker in this place is over."""

    place: int


@dataclass(frozen=True, slots=True)
class Roll:
    """SIGHUP: replace every worker."""


@dataclass(frozen=True, slots=True)
class Stop:
    """SIGTERM or SIGINT: drain and end; the second time, end."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Connections that were being made when newcomers were turned away are complete."""


Event = Begin | Ready | Ended | Late | Overdue | Due | Roll | Stop | Settled


@dataclass(frozen=True, slots=True)
class Start:
    """Start this worker in this place."""

    worker: int
    place: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a worker to drain and end: SIGTERM."""

    worker: int


@dataclass(frozen=True, slots=True)
class Kill:
    """End a worker now: SIGKILL."""

    worker: int


@dataclass(frozen=True, slots=True)
class Later:
    """Bring this event about in so many seconds."""

    seconds: float
    event: Event


@dataclass(frozen=True, slots=True)
class Say:
    """Log an event, of one worker if a number is given."""

    level: Literal["info", "warning", "error"]
    event: str
    worker: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Serving:
    """Every place has a ready worker, for the first time."""


@dataclass(frozen=True, slots=True)
class TurnAway:
    """Ignore new connections."""


@dataclass(frozen=True, slots=True)
class CloseSockets:
    """Close the supervisor's own copies of the listening sockets."""


@dataclass(frozen=True, slots=True)
class Exit:
    """End the supervisor with this code."""

    code: int


Action = Start | Ask | Kill | Later | Say | Serving | TurnAway | CloseSockets | Exit


def cause_of(code: int) -> dict[str, object]:
    """What to say of how a process ended: its exit code, or the signal by its name."""
    if code >= 0:
        return {"code": code}
    try:
        return {"signal": signal.Signals(-code).name}
    except ValueError:  # a real-time signal
        return {"signal": str(-code)}
