"""The paths that a URL pattern matches, as a nondeterministic finite automaton.

With it one can say exactly, and not by trying samples, whether some path fits a pattern and a rule.
It is built from the tree that Python's own parser makes of a regex. What is more than a regular
language is taken for a larger one: a back-reference for any text, a look-ahead and a word boundary
for nothing; so is a pattern that follows another greedy one. Who reports a path found here
therefore asks the real patterns once more.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

# Private, but what `re.compile` itself works with; and regexes are not to be read in a second way.
_parser: Any = import_module("re._parser")

ALPHABET = f"{ascii_lowercase}123456789{digits}{ascii_uppercase}-_.~!$&'()*+,;=:@%/ é日"
"""Characters that stand for all; the first that fits is shown in examples."""

MOST_COPIES = 40
"""`x{3,1000}` is three x and then any number: nobody's paths depend on the difference."""


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of characters; `samples` are some of them, if it has any."""

    holds: Callable[[str], bool]
    samples: str

    @classmethod
    def of(cls, holds: Callable[[str], bool], more: str = "") -> "Characters":
        return cls(holds, "".join(filter(holds, dict.fromkeys(ALPHABET + more))))


ANY = Characters.of(lambda _: True)
NO_LINE_END = Characters.of(lambda character: character != "\n")


@dataclass(slots=True)
class Automaton:
    """States are numbers; 0 is where a path begins, 1 where it has been taken whole.

    `steps` has for each state the characters that lead on and where to, `free` where one gets
    without a character.
    """

    steps: list[list[tuple[Characters, int]]] = field(default_factory=lambda: [[], []])
    free: list[list[int]] = field(default_factory=lambda: [[], []])

    START = 0
    END = 1

    def state(self) -> int:
        """A new state."""
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def step(self, state: int, characters: Characters) -> int:
        """A new state behind one of these characters."""
        after = self.state()
        self.steps[state].append((characters, after))
        return after

    def closure(self, state: int) -> Iterator[int]:
        """The state and all that it reaches without a character."""
        seen, waiting = {state}, [state]
        while waiting:
            current = waiting.pop()
            yield current
            for after in self.free[current]:
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)

    def literal(self) -> tuple[str, str]:
        """The text that all paths begin with, and samples of the characters that may follow it;
        none where it is a path, and the only one."""
        text, states = "", set(self.closure(self.START))
        while True:
            steps = [step for state in states for step in self.steps[state]]
            following = "".join(dict.fromkeys("".join(each.samples for each, _ in steps)))
            if self.END in states or len(following) != 1:
                return text, following
            text += following
            states = {reached for _, after in steps for reached in self.closure(after)}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a pattern: any of these regexes, or of these texts.

    `searched` regexes match anywhere unless they begin with `^`, as Django's do; `open_end` says
    that anything may follow.
    """

    regexes: Sequence[str] = ()
    literals: Sequence[str] = ()
    searched: bool = False
    open_end: bool = False


def automaton_of(pieces: Sequence[Piece]) -> Automaton:
    """For paths that consist of such pieces."""
    made = Automaton()
    state = made.START
    for piece in pieces:
        after = made.state()
        for literal in piece.literals:
            made.free[_Builder(made).text(literal, state)].append(after)
        for regex in piece.regexes:
            made.free[_piece(made, regex, piece, state)].append(after)
        state = after
    made.free[state].append(made.END)
    return made


def _piece(made: Automaton, regex: str, piece: Piece, state: int) -> int:
    try:
        parsed = _parser.parse(regex)
    except (re.error, OverflowError, RecursionError):
        return _anything(made, state)
    items = list(parsed)
    if piece.searched and not (items and str(items[0][0]) == "AT"):
        state = _anything(made, state)
    builder = _Builder(made, ignore_case=bool(parsed.state.flags & re.IGNORECASE))
    state = builder.sequence(items, state)
    return _anything(made, state) if piece.open_end else state


def _anything(made: Automaton, state: int) -> int:
    loop = made.state()
    made.free[state].append(loop)
    made.steps[loop].append((ANY, loop))
    return loop


@dataclass(slots=True)
class _Builder:
    """Adds what a parsed regex matches behind a state; each method returns the state at its end."""

    made: Automaton
    ignore_case: bool = False

    def text(self, literal: str, state: int) -> int:
        for character in literal:
            state = self.made.step(state, self._one(character))
        return state

    def sequence(self, items: Sequence[tuple[Any, Any]], state: int) -> int:
        for kind, value in items:
            state = self._item(str(kind), value, state)
        return state

    def _item(self, kind: str, value: Any, state: int) -> int:
        match kind:
            case "LITERAL":
                return self.made.step(state, self._one(chr(value)))
            case "NOT_LITERAL" | "IN":
                items = value if kind == "IN" else [("NEGATE", None), ("LITERAL", value)]
                return self.made.step(state, self._class(items))
            case "ANY":
                return self.made.step(state, NO_LINE_END)
            case "BRANCH":
                return self._branches(value[1], state)
            case "SUBPATTERN":
                _, added, removed, inner = value
                ignores = (self.ignore_case or added & re.IGNORECASE) and not (
                    removed & re.IGNORECASE
                )
                return _Builder(self.made, bool(ignores)).sequence(list(inner), state)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = value
                return self._repeat(least, most, inner, state)
        return self._rare(kind, value, state)

    def _rare(self, kind: str, value: Any, state: int) -> int:
        match kind:
            case "ATOMIC_GROUP":
                return self.sequence(list(value), state)
            case "AT":
                return self._place(str(value), state)
            case "GROUPREF":
                return _anything(self.made, state)
            case "GROUPREF_EXISTS":
                return self._branches([branch or [] for branch in value[1:]], state)
        return state  # looks ahead or back

    def _branches(self, branches: Sequence[Any], state: int) -> int:
        after = self.made.state()
        for branch in branches:
            self.made.free[self.sequence(list(branch), state)].append(after)
        return after

    def _repeat(self, least: int, most: Any, inner: Any, state: int) -> int:
        items = list(inner)
        for _ in range(min(least, MOST_COPIES)):
            state = self.sequence(items, state)
        if int(most) > MOST_COPIES:
            loop = self.made.state()
            self.made.free[state].append(loop)
            self.made.free[self.sequence(items, loop)].append(loop)
            return loop
        after = self.made.state()
        self.made.free[state].append(after)
        for _ in range(int(most) - least):
            state = self.sequence(items, state)
            self.made.free[state].append(after)
        return after

    def _place(self, place: str, state: int) -> int:
        if place not in ("AT_END", "AT_END_STRING"):
            return state
        self.made.free[state].append(self.made.END)
        return self.made.state()  # from where no character leads on

    def _one(self, character: str) -> Characters:
        if self.ignore_case:
            both = {character.lower(), character.upper()}
            return Characters.of(lambda other: other in both, character)
        return Characters(lambda other: other == character, character)

    def _class(self, items: Sequence[tuple[Any, Any]]) -> Characters:
        """`[...]`, asked of Python itself: the parsed class is written down as a regex again."""
        negate, inside, more = "", "", ""
        for kind, value in items:
            match str(kind):
                case "NEGATE":
                    negate = "^"
                case "LITERAL":
                    inside += _escaped(value)
                    more += chr(value)
                case "RANGE":
                    inside += f"{_escaped(value[0])}-{_escaped(value[1])}"
                    more += chr(value[0])
                case "CATEGORY":
                    inside += _CATEGORIES[str(value)]
        flags = re.IGNORECASE if self.ignore_case else 0
        found = re.compile(f"[{negate}{inside}]", flags | re.DOTALL)
        return Characters.of(lambda character: found.fullmatch(character) is not None, more)


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
