"""The report for people at a terminal, and for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from proxy.parity.finding import Kind
from proxy.parity.noise import Verdict
from proxy.parity.tally import Example, Parity, RouteTally

PATHS_SHOWN = 15


def as_text(parity: Parity, left_out: Mapping[str, int], seconds: float, width: int) -> str:
    out = StringIO()
    console = Console(file=out, width=width, markup=False, highlight=False, emoji=False)
    console.print(_table(parity))
    for route in parity:
        for line in _lines(route):
            console.print(line, soft_wrap=True)
    for line in _remarks(parity, left_out):
        console.print(line, soft_wrap=True)
    totals = parity.totals()
    console.print(
        f"{totals['asked']} asked in {seconds:.1f} s, {totals['equal']} equal: "
        + ("equal" if parity.equal else "NOT equal: see above"),
        soft_wrap=True,
    )
    return out.getvalue().rstrip()


def as_json(parity: Parity, left_out: Mapping[str, int], seconds: float) -> str:
    """`routes` is what `--save` writes, with a verdict for each path."""
    routes = json.loads(parity.to_json())
    for shown, route in zip(routes, parity, strict=True):
        for path, _, verdict in route.verdicts():
            shown["paths"][path]["verdict"] = verdict
    report: dict[str, Any] = {
        "ok": parity.equal,
        "seconds": round(seconds, 3),
        **parity.totals(),
        "left_out": dict(left_out),
        "routes": routes,
    }
    return json.dumps(report, ensure_ascii=False)


def _table(parity: Parity) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in ("domain", "route"):
        table.add_column(name, overflow="fold")
    for name in ("asked", "equal", "differ", "left", "failed", "asked twice"):
        table.add_column(name, justify="right")
    for route in parity:
        differing = route.compared - route.equal
        counts = (route.asked, route.equal, differing, route.left, route.failed, route.repeated)
        table.add_row(route.domain, route.route, *map(str, counts))
    return table


def _lines(route: RouteTally) -> Iterator[str]:
    shown = [one for one in route.verdicts() if one[2].shown]
    noise = sum(verdict is Verdict.NOISE for _, _, verdict in route.verdicts())
    if shown:
        yield f"{route.domain} {route.route}"
    for path, found, verdict in shown[:PATHS_SHOWN]:
        kinds = ", ".join(found.kinds)
        doubt = " (too few to be sure)" if verdict is Verdict.UNPROVEN and route.repeated else ""
        yield f"  {path}: {kinds} in {found.differing} of {route.compared}{doubt}"
        yield from (f"    {line}" for line in _example(found.examples[0], path))
    if len(shown) > PATHS_SHOWN:
        yield f"  {len(shown) - PATHS_SHOWN} more paths; --json and --html have all"
    if route.left_out:
        yield f"  {route.left_out} further differences were not kept"
    if noise:
        yield f"{route.domain} {route.route}: {noise} paths differ by themselves, not shown"


def _example(one: Example, path: str) -> Iterator[str]:
    yield f"{one.method} {one.target}" + (f" at {one.path}" if one.path != path else "")
    yield "legacy  " + ("(absent)" if one.kind is Kind.EXTRA else one.control)
    yield "native  " + ("(absent)" if one.kind is Kind.MISSING else one.candidate)


def _remarks(parity: Parity, left_out: Mapping[str, int]) -> Iterator[str]:
    rules: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for route in parity:
        rules.update(route.rules)
        notes.update(route.notes)
    if rules:
        yield "taken for equal by rule: " + ", ".join(f"{n} {c}" for n, c in rules.most_common())
    yield from (f"{note}: {count}" for note, count in notes.most_common())
    if left := parity.totals()["left"]:
        yield f"left to the legacy side, as the native side has nothing there: {left}"
    yield from (f"not asked, {why}: {count}" for why, count in left_out.items())
