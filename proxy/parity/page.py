"""The report as one page for a browser: no other files, no scripts, light and dark."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from proxy.parity.common_ends import common_end, common_start
from proxy.parity.noise import wilson
from proxy.parity.rules import RULES
from proxy.parity.tally import Parity, RouteTally

Parts = tuple[str, str, str]
"""What both sides have before, what only this one has, what both have behind."""


def page(parity: Parity, at: float) -> str:
    """HTML; `at` is when the report is made, in seconds since 1970."""
    source = files("proxy.parity").joinpath("report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"rate": _rate, "moment": _moment}
    return environment.from_string(source).render(
        parity=parity,
        routes=list(parity),
        totals=parity.totals(),
        at=at,
        apart=apart,
        rules=list(_rules(parity)),
    )


def apart(one: str, other: str) -> tuple[Parts, Parts]:
    """Both texts cut where they cease and begin again to be alike."""
    start = common_start(one, other)
    end = common_end(one[start:], other[start:])
    return (
        (one[:start], one[start : len(one) - end], one[len(one) - end :]),
        (other[:start], other[start : len(other) - end], other[len(other) - end :]),
    )


def _rules(parity: Parity) -> Iterator[tuple[str, str, int]]:
    """Name, reason and number of answers, of the rules that were used."""
    for rule in RULES:
        used = sum(route.rules.get(rule.name, 0) for route in parity)
        if used:
            yield rule.name, rule.why, used


def _rate(differing: int, route: RouteTally) -> str:
    low, high = wilson(differing, route.compared)
    return f"{differing} of {route.compared} ({low:.0%} to {high:.0%} of all such answers)"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
