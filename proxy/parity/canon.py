"""Texts in the form in which they are compared: what the rules name is out of them."""

import re

from proxy.parity.common_ends import common_end, common_start
from proxy.parity.config import ParityConfig
from proxy.parity.rules import RULES, Moment, Rule, Spot

_VOLATILE = re.compile(r"\d|[A-Za-z0-9+/_-]{16}")
"""Every rule needs a digit or a long word to hold; most texts have neither."""

LONG = 32 * 1024
"""Characters. Of longer texts only the part that differs is looked at, if that is not so long."""
AROUND = 200
"""Characters kept around that part: a volatile value begins before its first other character."""

Canonical = tuple[str, frozenset[str]]


class Canon:
    """`used` are the rules without which this answer would have differed."""

    def __init__(self, at: float, config: ParityConfig) -> None:
        self._moment = Moment(at, config.skew)
        self._rules = [rule for rule in RULES if rule.name not in config.without]
        self._known: dict[tuple[str, Spot], Canonical] = {}
        self._holding: dict[Spot, list[Rule]] = {}
        self.used: set[str] = set()

    def of(self, text: str, spot: Spot) -> str:
        return self._of(text, spot)[0]

    def same(self, control: str, candidate: str, spot: Spot) -> bool:
        if control == candidate:
            return True
        if max(len(control), len(candidate)) > LONG:
            control, candidate = _apart(control, candidate)
        one, rules = self._of(control, spot)
        other, others = self._of(candidate, spot)
        if one != other:
            return False
        self.used |= rules | others
        return True

    def _of(self, text: str, spot: Spot) -> Canonical:
        if len(text) > LONG or not _VOLATILE.search(text):
            return text, frozenset()
        known = self._known.get((text, spot))
        if known is None:
            known = self._known[text, spot] = self._changed(text, spot)
        return known

    def _changed(self, text: str, spot: Spot) -> Canonical:
        held = set()
        for rule in self._rules_at(spot):
            changed = rule.change(text, self._moment)
            if changed != text:
                held.add(rule.name)
                text = changed
        return text, frozenset(held)

    def _rules_at(self, spot: Spot) -> list[Rule]:
        found = self._holding.get(spot)
        if found is None:
            found = self._holding[spot] = [rule for rule in self._rules if rule.holds(spot)]
        return found


def _apart(control: str, candidate: str) -> tuple[str, str]:
    """Both from a little before they begin to differ to a little after they have ceased to."""
    start = common_start(control, candidate)
    end = common_end(control[start:], candidate[start:])
    begin, behind = max(0, start - AROUND), max(0, end - AROUND)
    return control[begin : len(control) - behind], candidate[begin : len(candidate) - behind]
