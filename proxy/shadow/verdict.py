"""What of a difference is the candidate's fault. Pure.

equal                                                            nothing
differs, and from a second answer of the legacy side at the same
place, where both answers of the legacy side agree               the candidate's fault
else                                                             moved: the data changed, or the
                                                                 page does not repeat itself
"""

from collections.abc import Iterable
from dataclasses import replace

from proxy.parity.compare import Outcome
from proxy.parity.finding import Difference
from proxy.parity.paths import generalised

FIRST = 20
"""Answers of a route of which each is asked of the legacy side twice, so that its noise is known
before anything is judged by it; whatever they are like, or the noise would be another."""
SHARE = 0.1
"""Of those after them."""
MOVED = "differed at first, and not from the legacy side's next answer"


def asked_twice(number: int) -> bool:
    """Whether the answer of this number, from 1, of a route is."""
    if number <= FIRST:
        return True
    return int(number * SHARE) > int((number - 1) * SHARE)


def judged(first: Outcome, again: Outcome, between: Outcome) -> Outcome:
    """`first`: the candidate against the answer that the visitor had, `again`: against a second
    one, asked after it, and `between`: those two."""
    if first.equal:
        return first
    steady = _places(again.differences) - _places(between.differences)
    kept = tuple(one for one in first.differences if generalised(one.path) in steady)
    notes = first.notes if kept else (MOVED,)
    left_out = first.left_out if kept else 0
    return replace(first, differences=kept, notes=notes, left_out=left_out)


def moved(outcome: Outcome) -> bool:
    return MOVED in outcome.notes


def _places(differences: Iterable[Difference]) -> set[str]:
    return {generalised(one.path) for one in differences}
