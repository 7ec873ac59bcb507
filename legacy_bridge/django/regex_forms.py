r"""Which texts a regex of a URL pattern stands for when a URL is made from it, as Django has it.

    ^posts/(?P<year>[0-9]{4})(?:/page-(\d+))?/$   →   posts/YEAR/   and   posts/YEAR/page-0/ with a
                                                      place for the group instead of the 0

What repeats is there as often as it must be; what may be left out and has a group in it gives two
forms, without it first. Of a class of characters some character stands, of an alternative nothing
can be made. Whether the text that comes out matches the regex is for the caller to see.

Where Django's reading of a regex differs from Python's (a bracket after `?` counts as unescaped,
`$` ends everything) this one differs likewise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_CLASSES = {"d": "0", "D": "x", "s": " ", "S": "x", "w": "x", "W": "!"}
_NOTHING = frozenset("AbBZz")
"""Escaped letters that stand for places, not for characters."""


class NotReversibleError(ValueError):
    """No text can be made from this regex."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an argument goes. A backreference repeats one without asking for it again."""

    name: str
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """Literal texts and slots, in order. `params` are the arguments that it asks for."""

    pieces: tuple[str | Slot, ...]

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.pieces if isinstance(each, Slot) and each.asks)

    @property
    def slots(self) -> frozenset[str]:
        """Names of all slots, those of backreferences too."""
        return frozenset(each.name for each in self.pieces if isinstance(each, Slot))

    @property
    def literal(self) -> str:
        """What is not from arguments."""
        return "".join(each for each in self.pieces if isinstance(each, str))

    def filled(self, texts: Mapping[str, str]) -> str:
        """The text; every slot's name must be in `texts`."""
        return "".join(texts[each.name] if isinstance(each, Slot) else each for each in self.pieces)


EMPTY = Form(())


@dataclass(slots=True)
class _Sequence:
    items: "list[_Item]"


@dataclass(slots=True)
class _Maybe:
    item: "_Item"


_Item = str | Slot | _Sequence | _Maybe


def forms(regex: str) -> tuple[Form, ...]:
    """All forms, those with fewer groups first; only the empty one where there are alternatives.

    Raises `NotReversibleError` for flags and other groups that Django does not know.
    """
    try:
        items = _Reading(_tokens(regex)).items
    except _Alternative:
        return (EMPTY,)
    except (IndexError, ValueError) as error:
        raise NotReversibleError(f"{regex!r}: {error}") from None
    return tuple(Form(pieces) for pieces in _expanded(items))


def _tokens(regex: str) -> list[tuple[str, bool]]:
    """Characters, and whether each was escaped; a class of characters is one that is in it."""
    tokens = []
    characters = iter(regex)
    for character in characters:
        if character != "\\":
            tokens.append((character, False))
            continue
        escaped = next(characters, "")
        if escaped and escaped not in _NOTHING:
            tokens.append((_CLASSES.get(escaped, escaped), True))
    return tokens


class _Alternative(Exception):  # noqa: N818  # ends the reading, is no fault
    """There is a `|`."""


class _Reading:
    """One scan of a regex; `items` is what it stands for."""

    def __init__(self, tokens: list[tuple[str, bool]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._groups = 0
        self._open: list[int] = []
        self.items: list[_Item] = []
        while self._at < len(tokens) and self._step(*self._next()):
            pass

    def _next(self) -> tuple[str, bool]:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _peek(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _step(self, character: str, escaped: bool) -> bool:
        """Take one token and what belongs to it; whether reading goes on."""
        if escaped:
            self.items.append(character)
        elif character == "$":
            return False
        elif character == "|":
            raise _Alternative
        elif character == "[":
            self._character_class()
        elif character == "(":
            self._group()
        elif character == ")":
            begin = self._open.pop()
            self.items[begin:] = [_Sequence(self.items[begin:])]
        elif character in "*?+{":
            self._repeat(self._least(character))
        elif character != "^":
            self.items.append(character)
        return True

    def _character_class(self) -> None:
        """Its first character stands for it, even a `^`: then the regex must decide."""
        self.items.append(self._next()[0])
        while self._next() != ("]", False):
            pass

    def _group(self) -> None:
        character, escaped = self._next()
        if character != "?" or escaped:
            self.items.append(Slot(f"_{self._groups}"))
            self._groups += 1
            self._leave_group(character)
            return
        character, _ = self._next()
        if character in "!=<":  # looks ahead or back
            self._leave_group(character)
        elif character == ":":
            self._open.append(len(self.items))
        elif character == "P":
            self._named_group()
        else:
            raise ValueError(f"(?{character} cannot be reversed")

    def _named_group(self) -> None:
        kind, _ = self._next()
        if kind == "<":
            name = self._until(">")
            self.items.append(Slot(name))
            self._leave_group(">")
        elif kind == "=":
            self.items.append(Slot(self._until(")"), asks=False))
        else:
            raise ValueError(f"(?P{kind} cannot be reversed")

    def _until(self, end: str) -> str:
        characters = []
        while (character := self._next()[0]) != end:
            characters.append(character)
        return "".join(characters)

    def _leave_group(self, first: str) -> None:
        """Go behind the bracket that closes the group; `first` was taken from inside already."""
        depth = 1 if first == "(" else 0
        while self._at < len(self._tokens):
            token = self._next()
            if token == (")", False):
                if not depth:
                    return
                depth -= 1
            elif token == ("(", False):
                depth += 1

    def _least(self, quantifier: str) -> int:
        """How often it must be there; whatever comes next counts as unescaped."""
        if quantifier == "{":
            least = int(self._until("}").split(",")[0])
        else:
            least = 1 if quantifier == "+" else 0
        following = self._peek()
        if following == "?":
            self._at += 1
        elif following is not None:
            self._tokens[self._at] = following, False
        return least

    def _repeat(self, least: int) -> None:
        last = self.items[-1]
        if least > 1:
            self.items.extend([last] * (least - 1))
        elif least == 0:
            del self.items[-1]
            if _has_slot(last):
                self.items.append(_Maybe(last))


def _has_slot(item: _Item) -> bool:
    if isinstance(item, _Sequence):
        return any(map(_has_slot, item.items))
    return isinstance(item, Slot)


def _expanded(items: Iterable[_Item]) -> list[tuple[str | Slot, ...]]:
    """Every way through the items, the first item's ways changing slowest."""
    ways: list[tuple[str | Slot, ...]] = [()]
    for item in items:
        ways = [(*way, *more) for way in ways for more in _ways(item)]
    return ways


def _ways(item: _Item) -> list[tuple[str | Slot, ...]]:
    if isinstance(item, _Maybe):
        return [(), *_ways(item.item)]
    if isinstance(item, _Sequence):
        return _expanded(item.items)
    return [(item,)]
