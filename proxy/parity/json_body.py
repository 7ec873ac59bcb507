"""JSON documents as trees. Keys, list order and types count; spaces and key order do not."""

import json
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from proxy.parity.align import Budget, paired
from proxy.parity.canon import Canon
from proxy.parity.config import Limits
from proxy.parity.finding import Findings
from proxy.parity.paths import json_step
from proxy.parity.rules import Place, Spot

IDENTITIES = ("id", "pk", "resource_uri", "uuid", "url", "slug", "key", "name")
"""Keys by which an object of a list is known again, the first that it has."""


class UnreadableError(ValueError):
    """No document of this kind, or too large a one; the text says which."""


def parse(text: str, limits: Limits) -> Any:
    """Numbers with a fraction become `Decimal`, so that 1.0 is not 1."""
    try:
        value = json.loads(text, parse_float=Decimal)
    except RecursionError:
        raise UnreadableError("the JSON is nested too deeply") from None
    except ValueError:
        raise UnreadableError("the body is no JSON") from None
    _measure(value, limits)
    return value


def _measure(value: Any, limits: Limits) -> None:
    level, count, depth = [value], 0, 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > limits.nodes or depth > limits.depth:
            raise UnreadableError("the JSON has too many values or levels to be compared in detail")
        level = [below for one in level for below in _below(one)]


def _below(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


class JsonComparison:
    """Compares what `parse` gave, and tells `findings`."""

    def __init__(self, canon: Canon, findings: Findings, budget: Budget) -> None:
        self._canon = canon
        self._findings = findings
        self._budget = budget
        self._prints: dict[int, Hashable] = {}  # by identity: both documents live as long as this

    def compare(self, control: Any, candidate: Any, path: str = "json:", key: str = "") -> None:
        kind, other = _type(control), _type(candidate)
        if kind != other:
            where = path if path != "json:" else "json:/"
            self._findings.type(where, f"{kind} {_text(control)}", f"{other} {_text(candidate)}")
        elif isinstance(control, dict):
            self._compare_objects(control, candidate, path)
        elif isinstance(control, list):
            self._compare_lists(control, candidate, path, key)
        elif not self._same(control, candidate, key):
            self._findings.differs(path, _text(control), _text(candidate))

    def _compare_objects(
        self, control: dict[str, Any], candidate: dict[str, Any], path: str
    ) -> None:
        for key in [*control, *(key for key in candidate if key not in control)]:
            at = path + json_step(key)
            if key not in candidate:
                self._findings.one_sided(at, _text(control[key]), None)
            elif key not in control:
                self._findings.one_sided(at, None, _text(candidate[key]))
            else:
                self.compare(control[key], candidate[key], at, key)

    def _compare_lists(self, control: list[Any], candidate: list[Any], path: str, key: str) -> None:
        """A difference bears the control's position; an extra element, the candidate's."""
        keys = (lambda one: self._print(one, key), self._identity, _type, lambda _: None)
        for at, beside in paired(control, candidate, keys, self._budget):
            if at is not None and beside is not None:
                self.compare(control[at], candidate[beside], path + json_step(at), key)
            elif at is not None:
                self._findings.one_sided(path + json_step(at), _text(control[at]), None)
            elif beside is not None:
                self._findings.one_sided(path + json_step(beside), None, _text(candidate[beside]))

    def _same(self, control: Any, candidate: Any, key: str) -> bool:
        spot = Spot(Place.JSON, key)
        if isinstance(control, str):
            return self._canon.same(control, candidate, spot)
        return bool(control == candidate) or (
            _type(control) == "number" and self._canon.same(str(control), str(candidate), spot)
        )

    def _print(self, value: Any, key: str) -> Hashable:
        """Equal for values that are the same to a client."""
        if not isinstance(value, dict | list):
            text = self._canon.of(str(value), Spot(Place.JSON, key))
            return _type(value), text
        known = self._prints.get(id(value))
        if known is None:
            known = self._prints[id(value)] = self._made_print(value, key)
        return known

    def _made_print(self, value: Any, key: str) -> Hashable:
        if isinstance(value, dict):
            members = frozenset((name, self._print(below, name)) for name, below in value.items())
            return "object", hash(members)
        return "list", hash(tuple(self._print(below, key) for below in value))

    def _identity(self, value: Any) -> Hashable:
        """Values without one are not paired by it."""
        if isinstance(value, dict):
            for name in IDENTITIES:
                if isinstance(value.get(name), str | int):
                    return name, value[name]
        return id(value)


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "number"
        case float() | Decimal():
            return "fraction"
        case str():
            return "string"
        case list():
            return "list"
    return "object"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)[:4096]
