"""What is asked of a long body's way through a proxy, and what came of it."""

from dataclasses import dataclass
from typing import Literal

from proxy.bench.cases import Direction

Framing = Literal["sized", "chunked"]
Pace = Literal["fast", "slow"]

DIRECTIONS: tuple[Direction, ...] = ("down", "up")
FRAMINGS: tuple[Framing, ...] = ("sized", "chunked")
PACES: tuple[Pace, ...] = ("fast", "slow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Which way a long body goes, how its end is told, and whether who takes it keeps pausing."""

    direction: Direction
    framing: Framing
    pace: Pace

    @property
    def title(self) -> str:
        taker = "reader" if self.direction == "down" else "upstream"
        return f"{self.direction}, {self.framing}, {self.pace} {taker}"

    @property
    def chunked(self) -> bool:
        return self.framing == "chunked"

    def framing_line(self, size: int) -> bytes:
        return b"Transfer-Encoding: chunked" if self.chunked else b"Content-Length: %d" % size


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What came of it. `octets` are those that arrived.

    `waits` counts the pauses in which the sender came to a standstill with something left to send;
    `ahead` is the most, in bytes, that was then sent and not taken.
    """

    octets: int
    seconds: float
    pauses: int
    waits: int
    ahead: int
    errors: tuple[str, ...]


PASSAGES = tuple(
    Passage(direction=direction, framing=framing, pace=pace)
    for direction in DIRECTIONS
    for framing in FRAMINGS
    for pace in PACES
)
