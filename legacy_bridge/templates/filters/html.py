"""Filters that make, escape or strip HTML."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import GeneratorType
from typing import Any

from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.filters.library import filters, text_filter
from legacy_bridge.templates.safe import SafeString, conditional_escape, is_safe, mark_safe
from legacy_bridge.templates.safe import escape as escaped

_MOST_PASSES = 50
_LONG_TAG = re.compile(r"<[a-zA-Z][^>]{1000,}")


@text_filter("escape", is_safe=True)
def escape(text: str) -> str:
    return conditional_escape(text)


@text_filter("force_escape", is_safe=True)
def force_escape(text: str) -> str:
    return escaped(text)


@filters.filter("escapeseq", is_safe=True)
def escapeseq(values: Any) -> list[str]:
    return [conditional_escape(value) for value in values]


@text_filter("safe", is_safe=True)
def safe(text: str) -> str:
    return SafeString(text)


@filters.filter("safeseq", is_safe=True)
def safeseq(values: Any) -> list[Any]:
    return [mark_safe(value) for value in values]


@text_filter("linebreaks", is_safe=True, needs_autoescape=True)
def linebreaks(text: str, autoescape: bool = True) -> SafeString:
    """Paragraphs at blank lines, breaks at single ones."""
    escapes = autoescape and not is_safe(text)
    paragraphs = re.split("\n{2,}", _unix(text))
    shown = [escaped(one) if escapes else one for one in paragraphs]
    return SafeString("\n\n".join(f"<p>{one.replace(chr(10), '<br>')}</p>" for one in shown))


@text_filter("linebreaksbr", is_safe=True, needs_autoescape=True)
def linebreaksbr(text: str, autoescape: bool = True) -> SafeString:
    lines = _unix(text)
    shown = escaped(lines) if autoescape and not is_safe(text) else lines
    return SafeString(shown.replace("\n", "<br>"))


def _unix(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\n", text)


class _Text(HTMLParser):
    """Collects what is no tag; entities stay as they are written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.pieces.append(f"&#{name};")


@text_filter("striptags", is_safe=True)
def striptags(text: str) -> str:
    """Without tags, also those that appear only when others are gone.

    Raises `RenderingError` for input that is made to take very long.
    """
    if any(found[0].count("<") >= _MOST_PASSES for found in _LONG_TAG.finditer(text)):
        raise RenderingError("striptags refuses a tag with so many '<' inside")
    for _ in range(_MOST_PASSES):
        if "<" not in text or ">" not in text:
            return text
        parser = _Text()
        parser.feed(text)
        parser.close()
        stripped = "".join(parser.pieces)
        if stripped.count("<") == text.count("<"):
            return text
        text = stripped
    if "<" in text and ">" in text:
        raise RenderingError("striptags refuses tags nested so deeply")
    return text


@filters.filter("unordered_list", is_safe=True, needs_autoescape=True)
def unordered_list(values: Any, autoescape: bool = True) -> SafeString:
    """Nested lists as `li` and `ul`, without the outermost `ul`."""
    return SafeString("\n".join(_items(values, 1, autoescape)))


def _items(values: Any, depth: int, autoescape: bool) -> Iterator[str]:
    indent = "\t" * depth
    for value, children in _with_children(values):
        text = conditional_escape(value) if autoescape else value
        inner = ""
        if children:
            listed = "\n".join(_items(children, depth + 1, autoescape))
            inner = f"\n{indent}<ul>\n{listed}\n{indent}</ul>\n{indent}"
        yield f"{indent}<li>{text}{inner}</li>"


def _with_children(values: Any) -> Iterator[tuple[Any, Any]]:
    """Each value with the list that follows it, if one does."""
    waiting: list[Any] = []
    for value in values:
        if waiting and isinstance(value, (list, tuple, GeneratorType)):
            yield waiting.pop(), value
            continue
        if waiting:
            yield waiting.pop(), None
        waiting.append(value)
    if waiting:
        yield waiting.pop(), None
