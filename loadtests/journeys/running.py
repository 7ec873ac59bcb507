"""Locust in a process of its own: what it has seen comes back in a file."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.journeys.seen import Seen

LOCUSTFILE = Path(__file__).resolve().parents[1] / "locustfile.py"
FINISH_SECONDS = 60
"""For which visitors may finish what they have begun when the time is up."""
OUTPUT_TAIL_LINES = 25


class LocustError(Exception):
    """Locust has ended without a report; the text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many visitors, how many of them come a second, and for how long, as Locust writes it.
    `kinds` are the classes of visitors, all where empty; `further` goes to Locust as it is."""

    users: int
    spawn_rate: float
    run_time: str
    kinds: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    def arguments(self, host: str, report: Path, html: Path | None) -> list[str]:
        return [
            *("-f", str(LOCUSTFILE), "--headless", "--only-summary", "--host", host),
            *("--users", str(self.users), "--spawn-rate", str(self.spawn_rate)),
            *("--run-time", self.run_time, "--stop-timeout", str(FINISH_SECONDS)),
            *("--report", str(report)),
            *(("--html", str(html)) if html is not None else ()),
            *self.further,
            *self.kinds,
        ]


def run_locust(plan: Plan, host: str, html: Path | None = None) -> Seen:
    """Raises `LocustError`."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [sys.executable, "-m", "locust", *plan.arguments(host, report, html)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if not report.exists():
            raise LocustError(_tail(done.returncode, done.stdout))
        return Seen.from_builtins(json.loads(report.read_text()))


def _tail(code: int, output: str) -> str:
    said: Sequence[str] = output.splitlines()[-OUTPUT_TAIL_LINES:]
    return "\n".join([f"locust ended with {code} and no report:", *(f"  {line}" for line in said)])
