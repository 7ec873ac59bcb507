"""XML and feeds: names with their namespaces, attributes and texts. Not compared: comments,
prefixes, CDATA against escapes, white space around texts."""

from collections.abc import Hashable

from lxml import etree

from proxy.parity.config import Limits
from proxy.parity.json_body import UnreadableError
from proxy.parity.tree import TEXT, Node

IDENTITIES = ("guid", "id", "loc", "link", "name", "title")
"""Children by which an entry of a list is known again, the first that it has."""


def parse(octets: bytes, limits: Limits) -> Node:
    """The root element. Raises `UnreadableError`. No entity and no network is looked at."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(octets, parser=parser)
    except (etree.LxmlError, ValueError):
        raise UnreadableError("the body is no XML") from None
    _measure(root, limits)
    node = _element(root)
    node.seal(frozenset({node.tag}))
    return node


def identity(node: Node) -> Hashable:
    for name in IDENTITIES:
        for child in node.children:
            if child.tag.rpartition("}")[2] == name:
                return node.tag, child.outline()
    return node.tag, node.attributes.get("id") or node.attributes.get("name")


def _measure(root: etree._Element, limits: Limits) -> None:
    level, count, depth = [root], 0, 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > limits.nodes or depth > limits.depth:
            raise UnreadableError("the document has too many elements to be compared in detail")
        level = [child for element in level for child in element]


def _element(element: etree._Element) -> Node:
    node = Node(
        str(element.tag),
        attributes={str(name): str(value) for name, value in element.attrib.items()},
    )
    _text(node, element.text)
    for child in element:
        if isinstance(child.tag, str):
            node.children.append(_element(child))
        _text(node, child.tail)
    return node


def _text(parent: Node, text: str | None) -> None:
    if text and text.strip():
        parent.children.append(Node(TEXT, text=text.strip()))
