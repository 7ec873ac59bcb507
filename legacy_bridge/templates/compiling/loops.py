"""What a loop's body needs of the loop, so that nothing else is kept up to date."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from jinja2 import nodes

Node = TypeVar("Node", bound=nodes.Node)

KEYS = {
    "length": "{n}",
    "counter0": "{i}",
    "counter": "{i} + 1",
    "revcounter": "{n} - {i}",
    "revcounter0": "{n} - {i} - 1",
    "first": "{i} == 0",
    "last": "{i} == {n} - 1",
}
# What may look at any name: other templates, blocks of other templates, tags in Python.
_OPEN = (nodes.Include, nodes.Block, nodes.Call, nodes.CallBlock)


def used_keys(body: Sequence[nodes.Node]) -> tuple[str, ...] | None:
    """The keys of `forloop` that the body reads; `None` if it reads none of it at all."""
    if _any(body, _OPEN):
        return tuple(KEYS)
    names = [one for one in _all(body, nodes.Name) if one.name == "forloop"]
    reads = [one for one in _all(body, nodes.Getattr) if any(one.node is name for name in names)]
    used = {one.attr for one in reads}
    if len(reads) < len(names) or not used <= set(KEYS):
        return tuple(KEYS)
    return tuple(key for key in KEYS if key in used) if used else None


def sets_names(body: Sequence[nodes.Node]) -> bool:
    """Whether the body may set a name in the scope it stands in."""
    return _any(body, (nodes.Assign, nodes.Call, nodes.CallBlock))


def _all(body: Sequence[nodes.Node], kind: type[Node]) -> Iterator[Node]:
    for node in body:
        if isinstance(node, kind):
            yield node
        yield from node.find_all(kind)


def _any(body: Sequence[nodes.Node], kinds: tuple[type[nodes.Node], ...]) -> bool:
    return any(next(_all(body, kind), None) is not None for kind in kinds)
