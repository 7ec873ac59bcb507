"""Answers of API v1 as XML (api.md B.6)."""

import re
from typing import Any
from xml.sax.saxutils import escape

from ported_domains.shared.api.v1.resource import Entity

_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"
# XML 1.0, 2.2: characters that no document may hold, not even as references
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {int: "integer", bool: "boolean", float: "float"}


def to_xml(data: Any) -> bytes:
    return (_DECLARATION + _element(data, None, top=True)).encode()


def _element(data: Any, name: str | None, *, top: bool = False) -> str:
    """One element; its children sorted by tag. Names are fields, so they need no escaping."""
    match data:
        case Entity():
            return _parent(name or "object", "", data)
        case dict():
            tag = name or ("response" if top else "object")
            return _parent(tag, "" if top else ' type="hash"', data)
        case list() | tuple():
            items = "".join(_element(item, None) for item in data)
            return _wrapped(name or "objects", ' type="list"', items)
        case None:
            return f'<{name or "value"} type="null"/>'
        case str():
            return f"<{name or 'value'}>{_text(data)}</{name or 'value'}>"
        case _:
            kind = f' type="{_TYPES[type(data)]}"'
            return f"<{name or 'value'}{kind}>{data}</{name or 'value'}>"


def _parent(tag: str, attributes: str, children: dict[str, Any]) -> str:
    inner = "".join(_element(children[name], name) for name in sorted(children))
    return _wrapped(tag, attributes, inner)


def _wrapped(tag: str, attributes: str, inner: str) -> str:
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text)).replace("\r", "&#13;")
