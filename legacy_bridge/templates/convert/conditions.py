"""Django's `if`: its operators and their order, to Jinja2's with brackets where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from legacy_bridge.templates.faults import TagFault

# How tightly each operator binds. `in` binds looser than the comparisons, which Python does not.
_INFIX = {
    "or": 6,
    "and": 7,
    "in": 9,
    "not in": 9,
    "is": 10,
    "is not": 10,
    "==": 10,
    "!=": 10,
    ">": 10,
    ">=": 10,
    "<": 10,
    "<=": 10,
}
_NOT = 8
# As Jinja2 binds them: all comparisons alike.
_JINJA = {"or": 1, "and": 2, "not": 3}
_COMPARISON = 4
# `is not` would be two operators in Jinja2, of which one may fail.
_COMPARISONS = {
    "is": "{0} is sameas({1})",
    "is not": "{0} is otherthan({1})",
}


@dataclass(frozen=True, slots=True)
class _Operand:
    text: str
    operator: str = ""

    def inside(self, operator: str) -> str:
        """With brackets where Jinja2 would read it in another way without them."""
        if not self.operator or (self.operator == operator and operator in ("and", "or")):
            return self.text
        if _JINJA.get(self.operator, _COMPARISON) > _JINJA.get(operator, _COMPARISON):
            return self.text
        return f"({self.text})"


class _Condition:
    def __init__(self, words: Sequence[str], leaf: Callable[[str], str]) -> None:
        self._words = _joined(words)
        self._leaf = leaf
        self._at = 0

    def whole(self) -> str:
        found = self._operand(0)
        if self._at < len(self._words):
            word = self._words[self._at]
            raise TagFault(
                f"Unused {word!r} at end of if expression.",
                "put an operator (and, or, ==, in …) between the values",
            )
        return found.text

    def _operand(self, tightness: int) -> _Operand:
        left = self._prefix()
        while self._at < len(self._words):
            operator = self._words[self._at]
            binds = _INFIX.get(operator, _NOT if operator == "not" else 0)
            if tightness >= binds:
                break
            if operator == "not":
                raise TagFault(
                    "Not expecting 'not' as infix operator in if tag.",
                    "write 'not in', or put 'and' before it",
                )
            self._at += 1
            left = _written(operator, left, self._operand(binds))
        return left

    def _prefix(self) -> _Operand:
        if self._at >= len(self._words):
            raise TagFault(
                "Unexpected end of expression in if tag.", "write a value after the operator"
            )
        word = self._words[self._at]
        self._at += 1
        if word == "not":
            return _Operand(f"not {self._operand(_NOT).inside('not')}", "not")
        if word in _INFIX:
            raise TagFault(
                f"Not expecting {word!r} in this position in if tag.",
                "write a value before the operator",
            )
        return _Operand(self._leaf(word))


def _written(operator: str, left: _Operand, right: _Operand) -> _Operand:
    pattern = _COMPARISONS.get(operator, "{0} {2} {1}")
    return _Operand(
        pattern.format(left.inside(operator), right.inside(operator), operator), operator
    )


def _joined(words: Sequence[str]) -> list[str]:
    """`is not` and `not in` are one operator."""
    found: list[str] = []
    for word in words:
        if found and (found[-1], word) in (("is", "not"), ("not", "in")):
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    return found


def condition(words: Sequence[str], leaf: Callable[[str], str]) -> str:
    """Jinja2 source of the words after `if`. `leaf` converts a value; raises `TagFault`."""
    return _Condition(words, leaf).whole()
