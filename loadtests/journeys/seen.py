"""All that a load has seen. What several processes or runs have seen adds up."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from loadtests.journeys.figures import Figures
from proxy.parity.tally import Parity


@dataclass(slots=True)
class Seen:
    """`settled` counts, by route, differences that were gone once an edit had arrived; `seconds`
    are those of all runs."""

    figures: Figures = field(default_factory=Figures)
    parity: Parity = field(default_factory=Parity)
    settled: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def lasting(self, seconds: float) -> "Seen":
        """This, all of one run that took so long."""
        self.seconds = seconds
        for found in self.figures:
            found.seconds = seconds
        return self

    def settle(self, route: str, count: int = 1) -> None:
        self.settled[route] = self.settled.get(route, 0) + count

    def merge(self, other: "Seen") -> None:
        self.figures.merge(other.figures)
        self.parity.merge(other.parity)
        self.seconds += other.seconds
        for route, count in other.settled.items():
            self.settle(route, count)

    def to_builtins(self) -> dict[str, Any]:
        """For JSON, or for another process."""
        return {
            "figures": msgspec.to_builtins(self.figures, str_keys=True),
            "parity": self.parity.to_json().decode(),
            "settled": self.settled,
            "seconds": self.seconds,
        }

    @classmethod
    def from_builtins(cls, given: dict[str, Any]) -> "Seen":
        """Raises `ValueError` or `KeyError` for what `to_builtins` did not give."""
        return cls(
            msgspec.convert(given["figures"], Figures, strict=False),
            Parity.from_json(given["parity"]),
            given["settled"],
            given["seconds"],
        )
