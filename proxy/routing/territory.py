"""How the rules divide all paths, and which parts of it a URL pattern reaches.

Rules are literal, so a path read character by character is at each moment either still on the way
along some rule, or off all of them and below the deepest prefix that it passed. All paths of one
such part (`Area`) have the same rules; the paths of a pattern are followed through them together
with the pattern's automaton, so that for each part a path is found if there is one.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from proxy.routing.automaton import Automaton, Characters
from proxy.routing.rules import Rule

Area = tuple[int, int]
"""(place on the way along a rule, deepest prefix passed); -1 is none."""

OFF = -1
SAFE = "!$&'()*+,;=/~:@"


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the territory that a pattern reaches, and one of its paths there, encoded."""

    area: Area
    path: str


class Territory:
    """All paths, divided by the rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._below: list[dict[str, int]] = [{}]
        self._is_prefix = [False]
        self._is_rule = [False]
        for rule in rules:
            place = 0
            for character in unquote(rule.literal.decode("ascii")):
                place = self._child(place, character)
            self._is_rule[place] = True
            self._is_prefix[place] |= not rule.exact

    def _child(self, place: int, character: str) -> int:
        if character not in self._below[place]:
            self._below[place][character] = len(self._below)
            self._below.append({})
            self._is_prefix.append(False)
            self._is_rule.append(False)
        return self._below[place][character]

    def reached(self, *automata: Automaton, area: Area | None = None) -> Iterator[Found]:
        """The parts in which there is a path that all these patterns match, one path for each.

        With `area` only that part is looked for.
        """
        begin = (tuple(Automaton.START for _ in automata), (0, OFF))
        waiting, seen = deque([(*begin, "")]), {begin}
        told: set[Area] = set()
        while waiting:
            states, here, path = waiting.popleft()
            closures = [tuple(each.closure(s)) for each, s in zip(automata, states, strict=True)]
            if all(Automaton.END in closure for closure in closures):
                part = self._part(here)
                if part not in told and area in (None, part):
                    told.add(part)
                    yield Found(part, quote(path, safe=SAFE))
            for character, after in self._steps(automata, closures, here):
                there = (after, self._step(here, character))
                if there not in seen:
                    seen.add(there)
                    waiting.append((*there, path + character))

    def _part(self, here: Area) -> Area:
        """Paths that end on the way to a rule have the rules of those that left it there."""
        place, deepest = here
        return here if place != OFF and self._is_rule[place] else (OFF, deepest)

    def _step(self, here: Area, character: str) -> Area:
        place, deepest = here
        if place == OFF:
            return here
        if character == "/" and self._is_prefix[place]:
            deepest = place
        return self._below[place].get(character, OFF), deepest

    def _steps(
        self, automata: Sequence[Automaton], closures: Sequence[Sequence[int]], here: Area
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Characters worth trying here: each that keeps to a rule, and one that leaves them."""
        ways = set(self._below[here[0]]) | ({"/"} if here[0] != OFF else set())
        for steps in _products(automata, closures):
            sets = [characters for characters, _ in steps]
            after = tuple(state for _, state in steps)
            for character in sorted(ways) if here[0] != OFF else ():
                if all(each.holds(character) for each in sets):
                    yield character, after
            other = _other(sets, ways if here[0] != OFF else set())
            if other:
                yield other, after


def _products(
    automata: Sequence[Automaton], closures: Sequence[Sequence[int]]
) -> Iterator[tuple[tuple[Characters, int], ...]]:
    """One step of each pattern, in every combination."""
    combined: list[tuple[tuple[Characters, int], ...]] = [()]
    for automaton, closure in zip(automata, closures, strict=True):
        steps = [step for state in closure for step in automaton.steps[state]]
        combined = [(*before, step) for before in combined for step in steps]
    yield from combined


def _other(sets: Sequence[Characters], ways: set[str]) -> str | None:
    """A character of all sets that keeps to no rule."""
    samples = (character for each in sets for character in each.samples)
    fits = (c for c in samples if c not in ways and all(each.holds(c) for each in sets))
    return next(fits, None)
