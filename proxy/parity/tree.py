"""A document's elements and texts, and how two of them are compared. HTML and XML share it."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from proxy.parity.align import Budget, Key, paired
from proxy.parity.canon import Canon
from proxy.parity.finding import Findings
from proxy.parity.rules import Place, Spot

TEXT = "text()"


@dataclass(slots=True, eq=False)
class Node:
    """An element, or a text (`tag` is TEXT). `attributes` as they are compared.

    `label` is what rules know the element by, such as an input's name; `index` counts from 1 among
    the elements of the same tag below the same parent, 0 where there can be only one.
    """

    tag: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    label: str = ""
    index: int = 0
    place: Place = Place.TEXT
    raw: int = 0
    canonical: int | None = None

    def seal(self, once: frozenset[str]) -> None:
        """When the document is complete: drops empty texts, numbers what is below, and gives each
        its fingerprint. Elements of `once` bear no number."""
        counts: Counter[str] = Counter()
        self.children = [child for child in self.children if child.tag != TEXT or child.text]
        for child in self.children:
            child.seal(once)
            counts[child.tag] += 1
            child.index = 0 if child.tag in once else counts[child.tag]
        below = tuple(child.raw for child in self.children)
        self.raw = hash((self.tag, self.text, tuple(sorted(self.attributes.items())), below))

    @property
    def step(self) -> str:
        return f"/{self.tag}[{self.index}]" if self.index else f"/{self.tag}"

    def spot(self, attribute: str) -> Spot:
        label = f"[{self.label}]" if self.label else ""
        return Spot(Place.ATTRIBUTE, f"{self.tag}{label}@{attribute}")

    def outline(self) -> str:
        """The element as a reader knows it: its tag with attributes, and what it says."""
        if self.tag == TEXT:
            return self.text
        attributes = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.tag}{attributes}>{' '.join(self._words(40))}"

    def _words(self, most: int) -> list[str]:
        words: list[str] = []
        for child in self.children:
            if len(words) >= most:
                break
            words += child.text.split() if child.tag == TEXT else child._words(most - len(words))
        return words[:most]


Identify = Callable[[Node], Hashable]


class TreeComparison:
    """`identify` says by what an element is known again when its content has changed."""

    def __init__(
        self, canon: Canon, findings: Findings, budget: Budget, identify: Identify
    ) -> None:
        self._canon = canon
        self._findings = findings
        self._budget = budget
        self._keys: Sequence[Key[Node]] = (_raw, self._print, identify, _tag)

    def compare(self, control: Node, candidate: Node, path: str) -> None:
        """Both at the same place; `path` is theirs."""
        if control.raw == candidate.raw:
            return
        if control.tag != candidate.tag:
            self._findings.differs(path, control.outline(), candidate.outline())
        elif control.tag == TEXT:
            self._compare_texts(control, candidate, path)
        else:
            self._compare_attributes(control, candidate, path)
            self._compare_children(control, candidate, path)

    def _compare_texts(self, control: Node, candidate: Node, path: str) -> None:
        if not self._canon.same(control.text, candidate.text, Spot(control.place)):
            self._findings.differs(path, control.text, candidate.text)

    def _compare_attributes(self, control: Node, candidate: Node, path: str) -> None:
        for name in sorted({*control.attributes, *candidate.attributes}):
            one, other = control.attributes.get(name), candidate.attributes.get(name)
            if one is None or other is None:
                self._findings.one_sided(f"{path}/@{name}", one, other)
            elif not self._canon.same(one, other, control.spot(name)):
                self._findings.differs(f"{path}/@{name}", one, other)

    def _compare_children(self, control: Node, candidate: Node, path: str) -> None:
        ours, theirs = control.children, candidate.children
        if [child.raw for child in ours] == [child.raw for child in theirs]:
            return
        for at, beside in paired(ours, theirs, self._keys, self._budget):
            if at is not None and beside is not None:
                self.compare(ours[at], theirs[beside], path + ours[at].step)
            elif at is not None:
                self._findings.one_sided(path + ours[at].step, ours[at].outline(), None)
            elif beside is not None:
                step = theirs[beside].step
                self._findings.one_sided(path + step, None, theirs[beside].outline())

    def _print(self, node: Node) -> Hashable:
        if node.canonical is None:
            node.canonical = hash(
                (
                    node.tag,
                    self._canon.of(node.text, Spot(node.place)) if node.text else "",
                    tuple(
                        (name, self._canon.of(value, node.spot(name)))
                        for name, value in sorted(node.attributes.items())
                    ),
                    tuple(self._print(child) for child in node.children),
                )
            )
        return node.canonical


def _raw(node: Node) -> int:
    return node.raw


def _tag(node: Node) -> str:
    return node.tag
