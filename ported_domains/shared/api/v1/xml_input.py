"""XML that is sent to API v1: elements named as fields, with a `type` where they are no text."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from xml.parsers import expat

from ported_domains.shared.api.v1.faults import BadRequestError, UnansweredError

MOST_NESTED = 100
_OBJECTS = ("object", "objects")


@dataclass(slots=True)
class _Element:
    """`text` is what stands before the first child."""

    tag: str
    kind: str | None
    text: str = ""
    children: list["_Element"] = field(default_factory=list)


class _Builder:
    """Raises `BadRequestError` for a document type, which could define entities without end."""

    def __init__(self) -> None:
        self.root = _Element("", None)
        self._open = [self.root]
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MOST_NESTED:
            raise BadRequestError("")
        element = _Element(tag, attributes.get("type"))
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        if not self._open[-1].children:
            self._open[-1].text += text

    def _refuse(self, *_: Any) -> None:
        raise BadRequestError("")


def from_xml(text: str) -> Any:
    """Raises `BadRequestError` for what is no XML, `UnansweredError` (500) for a false number."""
    builder = _Builder()
    try:
        builder.parser.Parse(text.encode(errors="replace"), True)
    except expat.ExpatError:
        raise BadRequestError("") from None
    try:
        return _value(builder.root.children[0])
    except ValueError:
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None


def _value(element: _Element) -> Any:
    if element.tag == "request":
        for child in element.children:
            if child.tag in _OBJECTS:
                return _value(child)
        return _mapping(element)
    if element.tag == "object" or element.kind == "hash":
        return _mapping(element)
    if element.tag == "objects" or element.kind == "list":
        return [_value(child) for child in element.children]
    return _plain(element)


def _mapping(element: _Element) -> dict[str, Any]:
    return {child.tag: _value(child) for child in element.children}


def _plain(element: _Element) -> Any:
    match element.kind:
        case None | "string":
            return element.text or None
        case "integer":
            return int(element.text)
        case "float":
            return float(element.text)
        case "boolean":
            return element.text == "True"
        case _:
            return None
