"""What came of a run, and how it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(slots=True)
class Report:
    """`problems`: what was lost, doubled, or differs; none if all is well. Seconds where it says
    nothing else. `transactions`: by side, `committed` and so on; `versions`: of rows, that their
    writers know of. `at_rest`: until rows in quarantine had been read again. `idle_transactions`:
    a second, by side, when nobody wrote any more. `kept`: where all was left to be looked at."""

    seed: int
    seconds: float
    owners: Mapping[str, str]
    handed_over: Sequence[str] = ()
    transactions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    versions: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    appliers_started: int = 0
    appliers_ended: Sequence[str] = ()
    server_restarts: int = 0
    longest_lag: float = 0.0
    caught_up: float | None = None
    at_rest: float | None = None
    idle_transactions: Mapping[str, float] = field(default_factory=dict)
    conflicts: int = 0
    quarantined: int = 0
    problems: list[str] = field(default_factory=list)
    kept: str | None = None

    @property
    def held(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"held": self.held}


def show(report: Report) -> None:
    table = Table("the bridge", f"seed {report.seed}", show_header=True)
    for name, value in _lines(report):
        table.add_row(name, value)
    console = Console()
    console.print(table)
    for problem in report.problems:
        console.print(problem, style="red", markup=False)
    if report.kept:
        console.print(f"servers, logs and journal: {report.kept}", markup=False)
    verdict = "[green]equal, nothing lost or doubled" if report.held else "[red]failed"
    console.print(verdict)


def _lines(report: Report) -> list[tuple[str, str]]:
    return [
        ("load, seconds", f"{report.seconds:.0f}"),
        ("owners", _named(report.owners)),
        ("handed over in the middle", ", ".join(report.handed_over) or "nothing"),
        *(
            (f"transactions, {side} side", _named(counts))
            for side, counts in report.transactions.items()
        ),
        ("versions of rows", str(report.versions)),
        ("faults", _named(report.faults)),
        ("appliers started", str(report.appliers_started)),
        ("ended by themselves", "; ".join(report.appliers_ended) or "none"),
        ("crashes of a server", str(report.server_restarts)),
        ("longest lag, seconds", f"{report.longest_lag:.1f}"),
        ("caught up after, seconds", _seconds(report.caught_up)),
        ("at rest after, seconds", _seconds(report.at_rest)),
        ("idle, transactions a second", _named(report.idle_transactions)),
        ("conflicts kept", str(report.conflicts)),
        ("in quarantine, with reason", str(report.quarantined)),
    ]


def _named(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"
