"""One load as it runs: what its visitors share."""

import time
from typing import TYPE_CHECKING

from gevent.event import Event

from loadtests.journeys.options import Options
from loadtests.journeys.parity import Comparing, Edits
from loadtests.journeys.seen import Seen
from loadtests.journeys.sides import Sides
from proxy.parity.config import ParityConfig

if TYPE_CHECKING:
    from locust.env import Environment


class Load:
    """`over` is set when no visitor is to begin anew; `seen` grows until the last has left."""

    def __init__(self, host: str, options: Options, *, alone: bool) -> None:
        """`alone`: no other process has visitors of this load."""
        self.options = options
        self.over = Event()
        self.comparing = Comparing(
            options.parity,
            options.parity_repeat,
            Sides(host, options).ask,
            ParityConfig(ignored=options.parity_ignore),
            Edits(always=not alone),
        )
        self._began = time.monotonic()

    @property
    def seen(self) -> Seen:
        return self.comparing.seen

    @property
    def seconds(self) -> float:
        """For which it has run by now."""
        return time.monotonic() - self._began

    def taken(self) -> Seen:
        """What was seen since this was last called, for the process that adds all up."""
        taken, self.comparing.seen = self.comparing.seen, Seen()
        return taken


def load_of(environment: "Environment") -> Load:
    """Of the process that Locust runs; see `recording`."""
    load: Load = environment.journeys  # type: ignore[attr-defined]  # which `recording` has set
    return load
