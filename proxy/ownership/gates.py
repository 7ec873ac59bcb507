"""What a domain has to show before it goes further, and what ends its canary. Pure.

    to shadow                 nothing: visitors are answered as before
    to canary, reads, native  enough answers compared, alike, no route clearly different;
                              the stream goes on and is near, its rows are all there and equal
    from canary on            and the native side fails no more often, and is as fast

A straight jump needs what all its steps need, as far as there is something to judge by. Going back
needs nothing. Likeness has to be shown: the worse end of what the counts allow is taken. Failing
and being slow are accusations: there it is the better end, so that few requests make none; and what
ends a canary is beyond all chance (odds.py), as it is asked twice a second for as long as it takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proxy.ownership.measures import FEWEST, Measures, Sides
from proxy.ownership.odds import at_most, surely_above
from proxy.ownership.phases import Phase
from proxy.parity.noise import Verdict, newcombe, wilson
from proxy.parity.tally import Example, RouteTally
from proxy.routing.config import OPEN, GatesConfig
from proxy.traffic.load import Load

SLOWEST = 0.05
"""The share of answers above the 95th percentile."""
SHOWN = 3
"""Differences that a gate names; the console and `strangler status` have them all."""

_ORDER: Mapping[Phase, int] = {phase: number for number, phase in enumerate(Phase)}


@dataclass(frozen=True, slots=True)
class Gate:
    """What was seen (`value`), what is `wanted`, and what to do if it is not so. `soft`: --force
    passes it."""

    name: str
    passed: bool
    value: str
    wanted: str
    remedy: str
    soft: bool = True


def judge(measures: Measures, frm: Phase, to: Phase, gates: GatesConfig) -> tuple[Gate, ...]:
    """Every gate on the way, passed or not; none for a way back, or to shadow."""
    if _ORDER[to] <= _ORDER[Phase.SHADOW] or _ORDER[frm] >= _ORDER[Phase.NATIVE]:
        return ()
    if _ORDER[to] < _ORDER[frm] or (to is frm and to is not Phase.CANARY):
        return ()
    # In `reads` the legacy side answers nobody, so that there is nothing to compare any more.
    parity = () if frm is Phase.READS else _of_parity(measures, gates)
    found = [*parity, *_of_rows(measures, to, gates)]
    if frm in (Phase.CANARY, Phase.READS):
        found += [_errors(measures, gates), _latency(measures, gates)]
    if is_open(gates):
        return tuple(gate for gate in found if not gate.soft)
    return tuple(found)


def breaches(measures: Measures, gates: GatesConfig) -> tuple[str, ...]:
    """Why a canary has to end; none where nothing is clearly wrong."""
    if is_open(gates):
        return ()
    found = (
        next(_failing(measures, gates), None),
        next(_slow(measures, gates), None),
        next(_wrong(measures), None),
    )
    return tuple(breach for breach in found if breach)


def is_open(gates: GatesConfig) -> bool:
    """Whether `gates: off` is written."""
    return all(getattr(gates, name) == value for name, value in OPEN.items())


# what was compared


def _of_parity(measures: Measures, gates: GatesConfig) -> Iterator[Gate]:
    routes = list(measures.parity)
    compared = sum(route.compared for route in routes)
    domain = measures.domain
    yield Gate(
        "samples",
        compared >= gates.samples,
        f"{compared} compared answers",
        f"at least {gates.samples}",
        f"wait for more requests in shadow; `sample` of {domain} says how many are compared",
    )
    alike = sum(map(_alike, routes))
    judged = sum(map(_judged, routes))
    least = wilson(alike, judged)[0]
    yield Gate(
        "parity",
        least * 100 >= gates.parity,
        f"{_percent(least)} or more ({alike} of {judged} answers are alike{_unanswered(routes)})",
        f"at least {gates.parity:g} %",
        "mend what differs, or compare more answers",
    )
    different = [told for route in routes for told in _clear(route) if not _tolerable(route, gates)]
    yield Gate(
        "differences",
        not different,
        _listed(different) if different else "none that is clear",
        "none on a route that is less alike than `parity` wants",
        f"mend it, then count anew: `strangler flip {domain} legacy`, and shadow again",
    )


def _alike(route: RouteTally) -> int:
    """Answers without a difference that is more than noise, at least."""
    shown = sum(tally.differing for _, tally, verdict in route.verdicts() if verdict.shown)
    return route.compared - min(route.compared - route.equal, shown + route.left_out)


def _judged(route: RouteTally) -> int:
    """What was not answered counts against the native side too: that it was its fault is likely."""
    return route.compared + route.failed


def _tolerable(route: RouteTally, gates: GatesConfig) -> bool:
    return wilson(_alike(route), _judged(route))[0] * 100 >= gates.parity


def _clear(route: RouteTally) -> Iterator[str]:
    for path, tally, verdict in route.verdicts():
        if verdict is Verdict.CLEAR:
            yield _difference(route, path, tally.differing, route.compared, tally.examples)


def _difference(
    route: RouteTally, path: str, differing: int, compared: int, examples: list[Example]
) -> str:
    told = f"{route.route}: {path} differs in {differing} of {compared} answers"
    if not examples:
        return told
    one = examples[0]
    return f"{told}, as {one.method} {one.target}: {one.control!r} is {one.candidate!r} natively"


def _listed(found: list[str]) -> str:
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more


def _unanswered(routes: list[RouteTally]) -> str:
    failed = sum(route.failed for route in routes)
    return f", {failed} were not answered" if failed else ""


# the rows


def _of_rows(measures: Measures, to: Phase, gates: GatesConfig) -> Iterator[Gate]:
    stream = measures.stream
    if stream is None:
        return
    yield Gate(
        "stream",
        stream.stopped is None,
        f"standing still: {stream.stopped}" if stream.stopped else "going on",
        "going on",
        "see `strangler sync status`",
        soft=_ORDER[to] < _ORDER[Phase.NATIVE],
    )
    yield Gate(
        "lag",
        stream.lag is not None and stream.lag <= gates.lag,
        "not known" if stream.lag is None else f"{stream.lag:.1f} s",
        f"{gates.lag:g} s or less",
        "wait until the rows have arrived: `strangler sync status`",
    )
    yield Gate(
        "quarantine",
        measures.set_apart == 0,
        f"{measures.set_apart} rows",
        "empty",
        "see bridge_quarantine for the reasons",
    )
    yield _drift(measures)


def _drift(measures: Measures) -> Gate:
    verb = "verify" if measures.drift is None else "repair"
    return Gate(
        "drift",
        measures.drift == 0,
        "not known" if measures.drift is None else f"{measures.drift} rows",
        "0 rows",
        f"run `strangler sync {verb} --domain {measures.domain}`",
    )


# the canary: is it let further?


def _errors(measures: Measures, gates: GatesConfig) -> Gate:
    native, control = measures.whole.native, _control(measures, measures.whole)
    by = newcombe(native.errors, native.requests, control.errors, control.requests)[0]
    few = min(native.requests, control.requests) == 0
    return Gate(
        "errors",
        few or by * 100 <= gates.errors,
        _failed("native", native) + ", " + _failed("legacy", control),
        f"natively no more than {gates.errors:g} % above legacy",
        "see the log for what failed natively",
    )


def _latency(measures: Measures, gates: GatesConfig) -> Gate:
    native, control = measures.whole.native, _control(measures, measures.whole)
    bound = _bound(control, gates)
    passed = (
        bound is None
        or native.requests == 0
        or wilson(native.above(bound)[0], native.requests)[0] <= _usual(control, bound)
    )
    return Gate(
        "latency",
        passed,
        f"{_ms(native.p95)} natively, {_ms(control.p95)} on the legacy side (95 % of answers)",
        f"no more than {_ms(gates.latency)} above legacy",
        "see which native pages are slow: the access log has `ms`",
    )


# the canary: does it end?


def _failing(measures: Measures, gates: GatesConfig) -> Iterator[str]:
    for sides in (measures.latest, measures.whole):
        native, control = sides.native, _control(measures, sides)
        usual = at_most(control.errors, control.requests) if control.requests else 0.0
        if native.requests >= FEWEST and surely_above(
            native.errors, native.requests, usual + gates.errors / 100
        ):
            yield f"{_failed('native', native)}, {_failed('legacy', control)}"


def _slow(measures: Measures, gates: GatesConfig) -> Iterator[str]:
    for sides in (measures.latest, measures.whole):
        native, control = sides.native, _control(measures, sides)
        bound = _bound(control, gates)
        if bound is None or native.requests < FEWEST:
            continue
        if surely_above(native.above(bound)[0], native.requests, _usual(control, bound)):
            yield (
                f"native answers take {_ms(native.p95)}, legacy ones {_ms(control.p95)} "
                "(95 % of them are faster)"
            )


def _wrong(measures: Measures) -> Iterator[str]:
    """What differs lately, or since the phase began, by the noise known since then."""
    for parity in (measures.recent, measures.parity):
        for route in parity:
            known = measures.parity.routes.get((route.domain, route.route), route)
            for path, tally in route.paths.items():
                usual = at_most(known.noisy.get(path, 0), known.repeated)
                if surely_above(tally.differing, route.compared, usual):
                    yield _difference(route, path, tally.differing, route.compared, tally.examples)


def _control(measures: Measures, sides: Sides) -> Load:
    """The legacy side in the same seconds; what it did before where that says too little."""
    return sides.legacy if sides.legacy.requests >= FEWEST else sides.legacy + measures.before


def _bound(control: Load, gates: GatesConfig) -> float | None:
    """What an answer may take; None where the legacy side has not shown how fast it is."""
    if control.requests < FEWEST or control.p95 is None:
        return None
    return control.p95 + gates.latency


def _usual(control: Load, bound: float) -> float:
    """The share of the legacy side's own answers that may take longer."""
    return max(SLOWEST, at_most(control.above(bound)[1], control.requests))


def _failed(side: str, load: Load) -> str:
    return f"{load.errors} of {load.requests} {side} answers failed"


def _percent(share: float) -> str:
    return f"{int(share * 10_000) / 100:g} %"


def _ms(seconds: float | None) -> str:
    return "nothing" if seconds is None else f"{seconds * 1000:.0f} ms"
