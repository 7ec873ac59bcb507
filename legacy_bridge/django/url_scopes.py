"""What of a URLconf can be named from one place: patterns, namespaces, instances of applications.

As Django fills its tables for `reverse`: the last line of a name is tried first, of two namespaces
of one name the first counts, and `include()` without a namespace brings its names along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from legacy_bridge.django.url_patterns import PathConverter, Pattern
from legacy_bridge.manifest.model import UrlNode

Converters = Mapping[str, PathConverter]
NONE: Converters = {}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pattern of a name. `regex` goes from where its scope begins to the end of the path."""

    regex: str
    defaults: Mapping[str, Any]
    converters: Converters


@dataclass(frozen=True, slots=True)
class Namespace:
    """Where a namespace begins in its scope: the regex that leads there, and the lines below."""

    regex: str
    converters: Converters
    lines: tuple[UrlNode, ...]


@dataclass(slots=True)
class Scope:
    """What can be named without a further namespace. `apps`: instances by their application."""

    names: dict[str, list[Candidate]] = field(default_factory=dict)
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    apps: dict[str, list[str]] = field(default_factory=dict)


def scope_of(
    lines: Sequence[UrlNode], pattern_of: Callable[[UrlNode], Pattern], outer: Converters = NONE
) -> Scope:
    """The scope that these lines make; `outer` are converters of the line that includes them."""
    scope = Scope()
    for node in reversed(lines):
        pattern = pattern_of(node)
        regex = pattern.regex.removeprefix("^")
        if node.patterns is None:
            if node.name is not None:
                found = Candidate(regex, _defaults(node), pattern.converters)
                scope.names.setdefault(node.name, []).append(found)
        elif node.app_name:
            namespace = node.namespace or node.app_name
            scope.apps.setdefault(node.app_name, []).append(namespace)
            scope.namespaces[namespace] = Namespace(regex, pattern.converters, node.patterns)
        else:
            inner = scope_of(node.patterns, pattern_of, pattern.converters)
            _merge(scope, inner, node, regex, {**outer, **pattern.converters})
    return scope


def _merge(scope: Scope, inner: Scope, node: UrlNode, regex: str, converters: Converters) -> None:
    """Take in what an `include()` without a namespace brings."""
    for name, candidates in inner.names.items():
        scope.names.setdefault(name, []).extend(
            Candidate(
                regex + each.regex,
                {**each.defaults, **_defaults(node)},
                {**converters, **each.converters},
            )
            for each in candidates
        )
    for name, each in inner.namespaces.items():
        scope.namespaces[name] = Namespace(
            regex + each.regex, {**each.converters, **converters}, each.lines
        )
    for app, instances in inner.apps.items():
        scope.apps.setdefault(app, []).extend(instances)


class _Withheld:
    """A default that was not exported: equal to whatever is given."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


_WITHHELD = _Withheld()


def _defaults(node: UrlNode) -> dict[str, Any]:
    return {**node.defaults, **dict.fromkeys(node.withheld, _WITHHELD)}
