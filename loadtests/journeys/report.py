"""What a load has shown: both sides beside each other, and where their answers differ."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from loadtests.journeys.figures import StepFigures
from loadtests.journeys.seen import Seen
from proxy.cli.parity.shown import as_json as parity_as_json
from proxy.cli.parity.shown import as_text as parity_as_text

WIDTH = 150
"""Columns of the tables; a terminal that is narrower breaks their lines."""
REASONS_SHOWN = 3
NATIVE, LEGACY = "native", "legacy"
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
RATIOS = ("p50", "p95")
UNCOMPARED = (
    "no answers were compared: run longer, with a larger --parity, or against a proxy that says "
    "who answers and obeys Strangler-Force (STRANGLER_DEVELOPMENT=true); --parity-legacy and "
    "--parity-native ask the sides directly, --parity 0 compares nothing"
)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """`asserting`: answers were to be compared. `journeys` are those that have to have occurred."""

    seen: Seen
    asserting: bool = True
    journeys: Sequence[str] = ()

    @property
    def held(self) -> bool:
        """No request failed, nothing differed, and there was something to see."""
        return not self.faults

    @property
    def faults(self) -> list[str]:
        """Why it did not hold."""
        figures, parity = self.seen.figures, self.seen.parity
        failures = sum(found.failures for found in figures)
        compared = sum(route.compared for route in parity)
        absent = [name for name in self.journeys if not figures.journeys.get(name)]
        found = {
            "nothing was asked": not figures.steps,
            f"{failures} requests failed": failures,
            "the answers of both sides are not equal": not parity.equal,
            UNCOMPARED: self.asserting and figures.steps and not compared and parity.equal,
            **{f"nobody went the journey {name!r} to its end": True for name in absent},
        }
        return [fault for fault, holds in found.items() if holds]

    def as_dict(self) -> dict[str, Any]:
        parity = json.loads(parity_as_json(self.seen.parity, {}, self.seen.seconds))
        del parity["left_out"]
        return {
            "held": self.held,
            "faults": self.faults,
            "journeys": self.seen.figures.journeys,
            "steps": [_row_dict(name, owners) for name, owners in self._rows()],
            "parity": {**parity, "settled": self.seen.settled},
        }

    def as_text(self) -> str:
        out = StringIO()
        console = Console(file=out, width=WIDTH, markup=False, highlight=False, emoji=False)
        console.print(self._table())
        for line in self._remarks():
            console.print(line, soft_wrap=True)
        return out.getvalue().rstrip()

    def _rows(self) -> Iterator[tuple[str, dict[str, StepFigures]]]:
        figures = self.seen.figures
        yield from sorted(figures.steps.items())
        yield "all", {owner: figures.total(owner) for owner in figures.owners}

    def _table(self) -> Table:
        table = Table(box=SIMPLE_HEAD, caption="native | legacy; times in ms")
        table.add_column("step", overflow="fold")
        for name in ("asked", "failed", "req/s", *SHARES):
            table.add_column(name, justify="right")
        for name in RATIOS:
            table.add_column(f"{name} n:l", justify="right")
        for step, owners in self._rows():
            one, other = owners.get(NATIVE), owners.get(LEGACY)
            pairs = map(" | ".join, zip(_cells(one), _cells(other), strict=True))
            ratios = (_shown_ratio(one, other, share) for share in RATIOS)
            table.add_row(step, *pairs, *ratios)
        return table

    def _remarks(self) -> Iterator[str]:
        for step, owners in sorted(self.seen.figures.steps.items()):
            for owner, found in owners.items():
                for reason, count in sorted(found.reasons.items())[:REASONS_SHOWN]:
                    yield f"failed: {step} ({owner}): {reason}: {count}"
        journeys = sorted(self.seen.figures.journeys.items())
        yield "journeys: " + (", ".join(f"{count} {name}" for name, count in journeys) or "none")
        if self.seen.parity.routes:
            yield parity_as_text(self.seen.parity, {}, self.seen.seconds, WIDTH)
        if self.seen.settled:
            total = sum(self.seen.settled.values())
            yield f"differed only until an editor's change had arrived: {total}"
        yield "held" if self.held else "NOT held: " + "; ".join(self.faults)


def _row_dict(step: str, owners: dict[str, StepFigures]) -> dict[str, Any]:
    one, other = owners.get(NATIVE), owners.get(LEGACY)
    return {
        "step": step,
        **{owner: _figures_dict(found) for owner, found in sorted(owners.items())},
        "ratio": {share: _ratio(one, other, share) for share in SHARES},
    }


def _figures_dict(found: StepFigures) -> dict[str, Any]:
    return {
        "requests": found.requests,
        "failures": found.failures,
        "rps": round(found.rate, 3),
        **{f"{name}_ms": found.percentile(share) for name, share in SHARES.items()},
        "reasons": found.reasons,
    }


def _ratio(one: StepFigures | None, other: StepFigures | None, share: str) -> float | None:
    """Native time by legacy time; None where one of the sides did not answer."""
    if one is None or other is None or not (below := other.percentile(SHARES[share])):
        return None
    return round(one.percentile(SHARES[share]) / below, 3)


def _shown_ratio(one: StepFigures | None, other: StepFigures | None, share: str) -> str:
    ratio = _ratio(one, other, share)
    return "" if ratio is None else f"{ratio:.2f}"


def _cells(found: StepFigures | None) -> Iterator[str]:
    if found is None:
        yield from ["-"] * (3 + len(SHARES))
        return
    yield f"{found.requests}"
    yield f"{found.failures}"
    yield f"{found.rate:.2f}"
    yield from (_milliseconds(found.percentile(share)) for share in SHARES.values())


def _milliseconds(time: float) -> str:
    return f"{time:.0f}" if time >= 10 else f"{time:.2g}"
