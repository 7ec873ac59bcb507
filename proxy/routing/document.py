"""From the text of routing.yaml to plain values that know where they were written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from proxy.routing.faults import Fault, RoutingError

Location = tuple[str | int, ...]
"""("domains", "downloads", "routes", 0): the way from the top of the file to a value."""

Place = tuple[int, int]
"""Line and column, from 1."""

TOP: Place = (1, 1)
DEEPEST = 16
MOST_VALUES = 20_000
"""Aliases can make a small file huge, or endless."""

_TOO_DEEP = f"nested more than {DEEPEST} deep"
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, where each and its key stand, and what YAML alone finds wrong."""

    data: Any
    values: dict[Location, Place]
    keys: dict[Location, Place]
    faults: list[Fault]

    def place(self, location: Location) -> Place:
        """Where a value stands, or the nearest one around it that is in the file."""
        while location and location not in self.values:
            location = location[:-1]
        return self.values.get(location, TOP)

    def key_place(self, location: Location) -> Place:
        """Where the key of a value stands; items of a list have none, so theirs is the item's."""
        return self.keys.get(location) or self.place(location)


def read(text: str) -> Document:
    """Read YAML 1.2. Raises `RoutingError` when nothing of it can be used."""
    root = _compose(text)
    if root is None or (isinstance(root, ScalarNode) and root.value == ""):
        raise _stop(TOP, "the file is empty", "begin it with version: 1")
    reading = _Reading()
    data = reading.value(root, (), 0)
    if not isinstance(data, dict):
        raise _stop(
            _start(root), "the file is not a mapping of keys to values", "begin it with version: 1"
        )
    return Document(data, reading.values, reading.keys, reading.faults)


def _compose(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except MaxDepthExceededError as error:
        raise _stop(_spot(error), _TOO_DEEP, "write it as the examples do") from None
    except MarkedYAMLError as error:
        raise _stop(
            _spot(error), f"not YAML: {_problem(error)}", _remedy(str(error.problem))
        ) from None
    except ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _stop(
            place, f"not YAML: control character {error.character:#04x}", "remove it"
        ) from None
    except (YAMLError, ValueError, AssertionError) as error:
        raise _stop(TOP, f"not YAML: {error}", _remedy("")) from None
    return root


def _spot(error: MarkedYAMLError) -> Place:
    mark = error.problem_mark or error.context_mark
    return (mark.line + 1, mark.column + 1) if mark else TOP


def _problem(error: MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return " ".join(", ".join(parts).split())


_REMEDIES = (
    ("'\\t'", "indent with spaces, not with a tab"),
    ("cannot start any token", "put the value in quotes"),
    ("mapping values are not allowed", "put a value that contains ': ' in quotes"),
    ("another document", "keep one document: remove the --- and what follows"),
    ("undefined alias", "define the anchor above, or write the value out"),
    ("unexpected end of stream", "close the quote or bracket"),
)


def _remedy(problem: str) -> str:
    for part, remedy in _REMEDIES:
        if part in problem:
            return remedy
    return "look at indentation, colons, quotes and brackets here and just above"


def _stop(place: Place, message: str, remedy: str) -> RoutingError:
    return RoutingError([Fault(*place, message, remedy)])


def _start(node: Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


@dataclass(slots=True)
class _Reading:
    """One walk over the nodes of a file. Aliased nodes are walked wherever they are used."""

    values: dict[Location, Place] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    seen: int = 0

    def value(self, node: Node, location: Location, depth: int) -> Any:
        self.seen += 1
        if depth > DEEPEST or self.seen > MOST_VALUES:
            raise _stop(
                _start(node),
                "aliases make the file endless or far too large",
                "write the values out, or use fewer aliases",
            )
        self.values[location] = _start(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode):
            self._check_tag(node, _TAG + "seq")
            items = enumerate(node.value)
            return [self.value(item, (*location, index), depth + 1) for index, item in items]
        self._check_tag(node, _TAG + "map")
        return {
            name: self.value(item, (*location, name), depth + 1)
            for name, item in self._entries(node, location)
        }

    def _entries(self, node: Node, location: Location) -> Iterator[tuple[str, Node]]:
        """Keys and their nodes; of a key that is there twice, the first."""
        for key, item in node.value:
            if (name := self._key(key)) is None:
                continue
            if first := self.keys.get((*location, name)):
                self._fault(
                    key, f"key {name!r} is there twice, first in line {first[0]}", "keep one"
                )
                continue
            self.keys[*location, name] = _start(key)
            yield name, item

    def _key(self, node: Node) -> str | None:
        if node.tag == _TAG + "merge":
            self._fault(node, "merge keys (<<) are not supported", "write the keys out")
        elif not isinstance(node, ScalarNode) or node.tag != _TAG + "str":
            name = f"{node.value!r} " if isinstance(node, ScalarNode) else ""
            self._fault(node, f"key {name}is not a name", "write a name, in quotes if need be")
        else:
            return str(node.value)
        return None

    def _scalar(self, node: ScalarNode) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        match kind:
            case "null":
                return None
            case "bool":
                return str(node.value).lower() in ("true", "yes", "on", "y")
            case "int" | "float":
                return _number(node.value)
            case "str" | "timestamp":
                return str(node.value)
        self._fault(node, f"the tag {kind!r} is not supported", "write the plain value")
        return str(node.value)

    def _check_tag(self, node: Node, plain: str) -> None:
        if node.tag != plain:
            kind = str(node.tag).removeprefix(_TAG)
            self._fault(node, f"the tag {kind!r} is not supported", "write the plain value")

    def _fault(self, node: Node, message: str, remedy: str) -> None:
        self.faults.append(Fault(*_start(node), message, remedy))


def _number(written: str) -> int | float | str:
    """What YAML 1.2 means by a number; text that only looks like one stays text."""
    plain = written.replace("_", "").lower()
    for read_number in (int, lambda digits: int(digits, 0), float):
        try:
            return read_number(plain)
        except ValueError:
            continue
    return _SPECIAL.get(plain, written)


_SPECIAL = {
    ".nan": float("nan"),
    **{sign + ".inf": float(sign + "inf") for sign in ("", "+", "-")},
}
