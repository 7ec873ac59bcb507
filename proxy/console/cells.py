"""The pieces of a page that change while somebody looks: by name, as the page and the stream of
events show them."""

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup, escape

from proxy.console import shown
from proxy.console.overview import Domain, Overview
from proxy.console.plots import Line, Plot
from proxy.console.reading.traffic import Series, Window
from proxy.console.rendering import fragment
from proxy.ownership.phases import Side

Cells = dict[str, Markup]


def overview_cells(seen: Overview) -> Cells:
    cells: Cells = {
        "at": shown.moment(seen.at),
        "notices": fragment("notices", seen),
        "total.share": escape(shown.percent(seen.share)),
        "total.rate": escape(shown.rate(seen.rate) if seen.known else shown.NONE),
        "total.p95.native": escape(shown.duration(seen.native.p95)),
        "total.p95.legacy": escape(shown.duration(seen.legacy.p95)),
        "total.errors": fragment("errors", seen.native, seen.legacy, seen.known),
        "total.lag": escape(shown.duration(seen.lag_seconds)),
        "total.differing": escape(shown.count(seen.differing)),
    }
    for domain in seen.domains:
        cells |= {
            f"{domain.name}.{key}": value for key, value in _domain_cells(domain, seen).items()
        }
    if seen.series is not None:
        for key, plot in overview_plots(seen, seen.series):
            cells[key] = fragment("plot", plot)
    return cells


def domain_cells(domain: Domain, seen: Overview, series: Series | None) -> Cells:
    """Of the page of one domain; `series` are its own."""
    cells = {f"{domain.name}.{key}": value for key, value in _domain_cells(domain, seen).items()}
    cells |= {"at": shown.moment(seen.at), "notices": fragment("notices", seen)}
    if series is not None:
        marks = _marks(series, [domain])
        for key, plot in _traffic_plots(series, marks):
            cells[key] = fragment("plot", plot)
    return cells


def announcement(before: Overview, after: Overview) -> str:
    """What is worth saying aloud: phases that changed, and what stands in the way now."""
    said = []
    for domain in after.domains:
        old = before.domain(domain.name)
        if old is None:
            continue
        if str(old.standing.has) != str(domain.standing.has):
            said.append(f"{domain.name} is in phase {domain.standing.has} now.")
        if domain.standing.reason and domain.standing.reason != old.standing.reason:
            said.append(f"{domain.name}: {domain.standing.reason}.")
    if before.database != after.database:
        said.append(f"The native database: {after.database}.")
    return " ".join(said)


def _domain_cells(domain: Domain, seen: Overview) -> Cells:
    known = seen.known
    return {
        "phase": fragment("phase", domain.standing),
        "reason": fragment("reason", domain.standing),
        "share": fragment("share", domain.share),
        "rate": escape(shown.rate(domain.rate) if known else shown.NONE),
        "native": fragment("latency", domain.native),
        "legacy": fragment("latency", domain.legacy),
        "errors": fragment("errors", domain.native, domain.legacy, known),
        "parity": fragment("parity", domain.compared),
        "lag": escape(shown.duration(domain.lag_seconds)),
        "drift": fragment("drift", domain),
        "flip": fragment("flip", domain.flipped, seen.at),
    }


def overview_plots(seen: Overview, series: Series) -> Iterator[tuple[str, Plot]]:
    yield from _traffic_plots(series, _marks(series, seen.domains))
    window = series.window
    yield "plot.lag", Plot("Lag", window.label, (_lag(seen, window),), shown.duration, 0.1)


def _traffic_plots(series: Series, marks: tuple[float, ...]) -> Iterator[tuple[str, Plot]]:
    span = series.window.label
    sides = (Side.NATIVE, Side.LEGACY)
    rates = tuple(Line(side, series.rates(side)) for side in sides)
    yield "plot.rate", Plot("Requests", span, rates, shown.rate, 1.0, marks)
    p95 = tuple(Line(side, series.p95(side)) for side in sides)
    yield "plot.p95", Plot("95th percentile", span, p95, shown.duration, 0.01, marks)
    errors = tuple(Line(side, series.errors(side)) for side in sides)
    yield "plot.errors", Plot("Errors a minute", span, errors, shown.count, 1.0, marks)


def _marks(series: Series, domains: "tuple[Domain, ...] | list[Domain]") -> tuple[float, ...]:
    """Where flips lie on the time-line."""
    begin, length = series.begins[0], series.window.seconds
    places = [
        (domain.flipped.at.timestamp() - begin) / length for domain in domains if domain.flipped
    ]
    return tuple(place for place in places if 0 <= place <= 1)


def _lag(seen: Overview, window: Window) -> Line:
    """On a grid of its own, as readings come when they come."""
    steps = 60
    begin = seen.at.timestamp() - window.seconds
    values: list[float | None] = [None] * steps
    for at, lag in seen.lag_line:
        place = min(steps - 1, max(0, int((at - begin) / window.seconds * steps)))
        values[place] = max(values[place] or 0.0, lag)
    return Line("lag", _bridged(values))


def _bridged(values: list[float | None]) -> list[float | None]:
    """Between two readings the last one counts; before the first nothing is known."""
    known: float | None = None
    found = []
    for value in values:
        known = value if value is not None else known
        found.append(known)
    return found


def clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"
