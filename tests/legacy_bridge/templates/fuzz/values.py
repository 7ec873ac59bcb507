"""Contexts for the fuzzer: the same seed makes equal values, so that each engine has its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

mark_safe: Callable[[str], Any] = str
"""Each engine's own: a sum of both kinds is not safe."""

NAMES = ("a", "b", "c", "items", "user", "when", "text", "n", "pairs", "nested", "call", "missing")
TEXTS = (
    "",
    "x",
    "Hello World",
    "<b>bold</b> & 'quoted' \"text\"",
    "a,b,c",
    "one two  three\nfour\n\nfive",
    "ÄÖÜ ß é 漢字",
    "3",
    "-1.5",
    "0",
    "see http://example.com/a?b=c&d=e. Or www.python.org, me@example.org!",
    "<p>Some <em>long</em> text with <br> tags &amp; entities</p>",
    "it's a title of 3rd Things",
    "100%",
    "None",
    "   padded   ",
)
NUMBERS = (0, 1, 2, 3, 7, -1, 10, 100, 1234567, 1024, 5_000_000)
FLOATS = (0.0, 1.0, 1.5, -2.25, 34.23234, 1e-7, 1e20, 0.5, 2.675, float("inf"))


class Silent(Exception):  # noqa: N818
    silent_variable_failure = True


class Thing:
    """An object with everything a look-up may meet."""

    title = "A <Thing>"

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.children: list[Any] = []

    def __str__(self) -> str:
        return f"<{self.name}>"

    def method(self) -> str:
        return f"called {self.name}"

    def needs(self, argument: Any) -> str:
        return f"never {argument}"

    def delete(self) -> str:
        return "deleted"

    delete.alters_data = True  # type: ignore[attr-defined]

    def silent(self) -> str:
        raise Silent

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    @property
    def html(self) -> str:
        safe: str = mark_safe(f"<i>{self.name}</i>")
        return safe

    def __repr__(self) -> str:
        return f"Thing({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class NotCalled:
    do_not_call_in_templates = True

    def __call__(self) -> str:
        return "called"

    def __repr__(self) -> str:
        return "not called"


class Call:
    """Gives the same value each time it is called."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def __call__(self) -> Any:
        return self._made

    def __repr__(self) -> str:
        return "a call"


def context(random: Random) -> dict[str, Any]:
    """Values for some of the names; most are of the kind that the name says."""
    return {
        name: _OF_A_KIND[name](random, 0) if name in _OF_A_KIND else value(random)
        for name in NAMES[:-1]
        if random.random() < 0.85
    }


def value(random: Random, depth: int = 0) -> Any:
    return random.choice(_MAKERS if depth < 2 else _MAKERS[:11])(random, depth)


def _moment(random: Random) -> datetime:
    zone = random.choice((None, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5))))
    return datetime(
        random.choice((1999, 2020, 2024)),
        random.randint(1, 12),
        random.randint(1, 28),
        random.choice((0, 9, 12, 23)),
        random.choice((0, 5, 30)),
        random.choice((0, 59)),
        random.choice((0, 123456)),
        tzinfo=zone,
    )


def _thing(random: Random, depth: int) -> Thing:
    made = Thing(random.choice(TEXTS), random.choice(NUMBERS))
    made.children = _list(random, depth)
    return made


def _list(random: Random, depth: int) -> list[Any]:
    """Nothing that is called: Django's `safeseq` would make another object of it."""
    made = [value(random, depth + 1) for _ in range(random.randint(0, 4))]
    return [one for one in made if not callable(one)]


def _pairs(random: Random, depth: int) -> list[Any]:
    return [(random.choice(TEXTS), value(random, depth + 1)) for _ in range(random.randint(0, 3))]


def _dicts(random: Random, depth: int) -> list[Any]:
    return [
        {
            "name": random.choice(TEXTS),
            "number": random.choice(NUMBERS),
            "kind": random.choice("xy"),
        }
        for _ in range(random.randint(0, 4))
    ]


def _dict(random: Random, depth: int) -> dict[Any, Any]:
    keys = ("name", "title", "items", "0", "number", "children")
    return {key: value(random, depth + 1) for key in keys if random.random() < 0.5}


def _call(random: Random, depth: int) -> Callable[[], Any]:
    return Call(value(random, depth + 1))


_MAKERS: list[Callable[[Random, int], Any]] = [
    lambda random, depth: random.choice(TEXTS),
    lambda random, depth: random.choice(TEXTS),
    lambda random, depth: mark_safe(random.choice(TEXTS)),
    lambda random, depth: random.choice(NUMBERS),
    lambda random, depth: random.choice(FLOATS),
    lambda random, depth: Decimal(random.choice(("0", "1.50", "-3.14159", "1E+3", "100"))),
    lambda random, depth: random.choice((True, False)),
    lambda random, depth: None,
    lambda random, depth: _moment(random),
    lambda random, depth: date(2024, random.randint(1, 12), random.randint(1, 28)),
    lambda random, depth: time(random.choice((0, 12, 17)), random.choice((0, 15))),
    _list,
    _pairs,
    _dicts,
    _dict,
    _thing,
    _call,
    lambda random, depth: tuple(_list(random, depth)),
    lambda random, depth: NotCalled(),
]

_OF_A_KIND: dict[str, Callable[[Random, int], Any]] = {
    "items": _list,
    "pairs": _pairs,
    "nested": _dicts,
    "user": _thing,
    "when": lambda random, depth: _moment(random),
    "text": lambda random, depth: random.choice(TEXTS),
    "n": lambda random, depth: random.choice(NUMBERS),
    "call": _call,
}
