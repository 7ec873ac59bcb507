"""How soon changes were on the other side: a table for people."""

from collections.abc import Mapping, Sequence
from statistics import quantiles

Latencies = Mapping[str, Mapping[str, float]]
"""What was done → table → seconds from the answer, or the commit, to equal rows."""
HEADER = ("seen on the other side after", "rows", "p50 ms", "p95 ms", "max ms", "the slowest")


def table(latencies: Latencies) -> str:
    rows = [HEADER, *(_row(name, found) for name, found in latencies.items())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    return "\n".join("  ".join(map(_padded, row, widths)) for row in rows)


def _row(name: str, found: Mapping[str, float]) -> Sequence[str]:
    cuts = quantiles(found.values(), n=20, method="inclusive")
    slowest = max(found, key=lambda place: found[place])
    shown = (f"{1000 * value:.1f}" for value in (cuts[9], cuts[18], found[slowest]))
    return (name, str(len(found)), *shown, slowest)


def _padded(text: str, width: int) -> str:
    number = text.replace(".", "").isdecimal()
    return text.rjust(width) if number else text.ljust(width)
