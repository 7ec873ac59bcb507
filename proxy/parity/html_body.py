"""HTML as a browser understands it: elements, attributes and the text that would be seen.

Not compared: comments, the order of attributes and of classes, white space that collapses (CSS Text
3, 4.1.1, with the display types of the HTML standard's own style sheet), `x` against `x=""`.
"""

from collections.abc import Hashable

from lxml import etree, html

from proxy.parity.config import Limits
from proxy.parity.json_body import UnreadableError
from proxy.parity.rules import Place
from proxy.parity.tree import TEXT, Node

ONCE = frozenset({"html", "head", "body", "title"})
KEPT = frozenset({"pre", "textarea", "listing"})
SCRIPTS = frozenset({"script", "style"})
SETS = frozenset({"class", "rel", "itemprop", "aria-labelledby", "aria-describedby", "sandbox"})
BOOLEAN = frozenset(
    (
        *("allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default"),
        *("defer", "disabled", "formnovalidate", "hidden", "inert", "ismap", "itemscope", "loop"),
        *("multiple", "muted", "nomodule", "novalidate", "open", "playsinline", "readonly"),
        *("required", "reversed", "selected"),
    )
)
INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn"),
        *("em", "font", "i", "ins", "kbd", "label", "mark", "q", "ruby", "s", "samp", "small"),
        *("span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
SOLID = frozenset(
    (
        *("img", "input", "select", "button", "textarea", "svg", "canvas", "video", "audio"),
        *("iframe", "object", "embed", "meter", "progress", "math"),
    )
)
"""They stand in a line of text as a letter does: white space beside them is seen."""
_COLLAPSING = " \t\n\r\f"


def parse(octets: bytes, charset: str, limits: Limits) -> Node:
    """The document's root, `html`. Raises `UnreadableError`."""
    parser = html.HTMLParser(
        encoding=_encoding(charset), remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = html.document_fromstring(octets, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise UnreadableError("the body is no HTML that can be read") from None
    return _Reading(limits).document(root)


def _encoding(charset: str) -> str:
    """What lxml can read; browsers read Latin-1 as Windows-1252."""
    try:
        etree.HTMLParser(encoding=charset or "utf-8")
    except LookupError:
        return "utf-8"
    return "windows-1252" if charset in ("iso-8859-1", "latin-1", "ascii") else charset or "utf-8"


def identity(node: Node) -> Hashable:
    """An element is known again by its id, its name, where it leads, or its classes."""
    found = node.attributes
    known = found.get("id") or node.label or found.get("href") or found.get("src")
    return node.tag, known or found.get("class")


class _Reading:
    """One document, from its first tag to its last; `last` is the text that a space may end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._nodes = 0
        self._spaced = True
        self._last: Node | None = None

    def document(self, root: html.HtmlElement) -> Node:
        node = self._element(root, depth=0, kept=False)
        node.seal(ONCE)
        return node

    def _element(self, element: html.HtmlElement, depth: int, kept: bool) -> Node:
        self._count(depth)
        tag = str(element.tag)
        block = tag not in INLINE and tag not in SOLID
        kept = kept or tag in KEPT
        node = Node(tag, attributes=_attributes(element), label=_label(element))
        if block or tag in SOLID:
            self._edge(block)
        place = Place.SCRIPT if tag in SCRIPTS else Place.TEXT
        self._text(node, element.text, place, kept)
        for child in element:
            if isinstance(child.tag, str):
                node.children.append(self._element(child, depth + 1, kept))
            self._text(node, child.tail, place, kept)
        if block or tag in SOLID:
            self._edge(block)
        return node

    def _edge(self, block: bool) -> None:
        """Of a block: spaces at its edges are not seen. Of an image or a field: they are."""
        if block and self._last is not None:
            self._last.text = self._last.text.rstrip(_COLLAPSING)
        self._last = None
        self._spaced = block

    def _text(self, parent: Node, text: str | None, place: Place, kept: bool) -> None:
        if not text:
            return
        if place is Place.SCRIPT:
            seen = "\n".join(line.strip() for line in text.strip().splitlines())
        elif kept:
            seen = text.replace("\r\n", "\n")
            self._spaced, self._last = False, None
        else:
            seen = self._collapsed(text)
        if seen:
            self._count(0)
            node = Node(TEXT, text=seen, place=place)
            parent.children.append(node)
            if place is Place.TEXT and not kept:
                self._last, self._spaced = node, seen.endswith(" ")

    def _collapsed(self, text: str) -> str:
        words = " ".join(filter(None, text.translate(_SPACES).split(" ")))
        if not words:
            return "" if self._spaced else " "
        before = " " if text[0] in _COLLAPSING and not self._spaced else ""
        after = " " if text[-1] in _COLLAPSING else ""
        return before + words + after

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes or depth > self._limits.depth:
            raise UnreadableError("the page has too many elements to be compared in detail")


_SPACES = str.maketrans(dict.fromkeys(_COLLAPSING, " "))


def _attributes(element: html.HtmlElement) -> dict[str, str]:
    return {str(name): _value(str(name), str(value)) for name, value in element.attrib.items()}


def _value(name: str, value: str) -> str:
    if name in BOOLEAN:
        return ""
    if name in SETS:
        return " ".join(sorted(set(value.split())))
    if name == "style":
        parts = (" ".join(part.split()).replace(" :", ":") for part in value.split(";"))
        return "; ".join(part.replace(": ", ":") for part in parts if part)
    return value.strip() if name in ("href", "src", "action") else value


def _label(element: html.HtmlElement) -> str:
    found = element.get("name") or element.get("property") or element.get("http-equiv") or ""
    return str(found)
