"""Filters that cut a text, or HTML without breaking its tags."""

import re
import unicodedata
from html import escape
from html.parser import HTMLParser
from typing import Any

from legacy_bridge.templates.filters.library import text_filter

ELLIPSIS = "…"
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_LONGEST_HTML = 5_000_000


def _length(given: Any) -> int | None:
    try:
        return int(given)
    except ValueError:
        return None


@text_filter("truncatechars", is_safe=True)
def truncatechars(text: str, given: Any) -> str:
    length = _length(given)
    return text if length is None else shortened(text, length)


def shortened(text: str, length: int) -> str:
    """At most `length` characters, the ellipsis included; combining marks count as nothing."""
    if length <= 0:
        return ""
    normal = unicodedata.normalize("NFC", text)
    end: int | None = None
    seen = 0
    for at, character in enumerate(normal):
        if unicodedata.combining(character):
            continue
        seen += 1
        if end is None and seen > length - 1:
            end = at
        if seen > length:
            return normal[: end or 0] + ELLIPSIS
    return normal


def _ended(text: str) -> str:
    """Words with the ellipsis after them, unless it stands there already."""
    mark = f" {ELLIPSIS}"
    return text if text.endswith(mark) else text + mark


@text_filter("truncatewords", is_safe=True)
def truncatewords(text: str, given: Any) -> str:
    length = _length(given)
    if length is None:
        return text
    if length <= 0:
        return ""
    words = text.split()
    if len(words) > length:
        return _ended(" ".join(words[:length]))
    return " ".join(words)


@text_filter("truncatechars_html", is_safe=True)
def truncatechars_html(text: str, given: Any) -> str:
    length = _length(given)
    return text if length is None else _cut_html(text, length, _Characters)


@text_filter("truncatewords_html", is_safe=True)
def truncatewords_html(text: str, given: Any) -> str:
    length = _length(given)
    return text if length is None else _cut_html(text, length, _Words)


def _cut_html(text: str, length: int, kind: type["_Cutter"]) -> str:
    if length <= 0:
        return ""
    cutter = kind(length)
    plain = "".join(text)
    try:
        cutter.feed(plain[:_LONGEST_HTML])
        if len(plain) <= _LONGEST_HTML:
            cutter.finish()
    except _Full:
        cutter.out.extend(f"</{tag}>" for tag in reversed(cutter.open))
    return "".join(cutter.out)


class _Full(Exception):  # noqa: N818  # no error: the text is long enough
    """Nothing more fits."""


class _Cutter(HTMLParser):
    """Writes the document again until `left` is used up."""

    def __init__(self, left: int) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.left = left

    def finish(self) -> None:
        """What is left over at the end is no text for Django either."""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.out.append(self.get_starttag_text() or "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self.out.append(f"</{tag}>")
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        size, written = self.fitting(data)
        if self.left < size:
            self.out.append(self.ended(written))
            raise _Full
        self.left -= size
        self.out.append(written)

    def fitting(self, data: str) -> tuple[int, str]:
        """How much `data` is, and as much of it as fits."""
        raise NotImplementedError

    def ended(self, text: str) -> str:
        """The last text, with the ellipsis."""
        return text + ELLIPSIS


class _Characters(_Cutter):
    def __init__(self, left: int) -> None:
        super().__init__(left - 1)
        self._length = left
        self._seen = 0

    def fitting(self, data: str) -> tuple[int, str]:
        self._seen += len(data)
        written = sum(map(len, self.out))
        if self._seen == self._length and written + len(data) == len(self.rawdata):
            # The whole document fits exactly: nothing is cut off it.
            self.out.append(data)
            raise _Full
        return len(data), escape(data[: self.left])


class _Words(_Cutter):
    def ended(self, text: str) -> str:
        return _ended(text)

    def fitting(self, data: str) -> tuple[int, str]:
        words = re.split(r"(?<=\S)\s+(?=\S)", data)
        return len(words), escape(" ".join(words[: self.left]))
