"""`{% load highlight %}` of django-haystack: found words in a text."""

import re
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import call, printed
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.filters.html import striptags
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.safe import SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

highlight = Library("highlight")

_OPTIONS = ("css_class", "html_tag", "max_length")


@highlight.tag("highlight")
def _highlight(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) < 4 or words[2] != "with" or len(words) % 2:
        raise TagFault(
            "'highlight' needs a text and a query", "write {% highlight text with query %}"
        )
    named = []
    for name, word in zip(words[4::2], words[5::2], strict=True):
        if name not in _OPTIONS:
            raise TagFault(f"'highlight' has no option {name!r}", f"use {', '.join(_OPTIONS)}")
        named.append((name, converter.value(word)))
    values = [converter.value(words[1]), converter.value(words[3])]
    return printed(call("highlight", values, named))


@highlight.function("highlight", is_final=True)
def highlighted(
    text: Any,
    query: Any,
    css_class: Any = "highlighted",
    html_tag: Any = "span",
    max_length: Any = 200,
) -> SafeString:
    """The part of `text` with the most of the query's words, these in tags; not escaped."""
    plain = striptags("".join(str(text)))
    words = {word.lower() for word in str(query).split() if not word.startswith("-")}
    places = {word: _places(plain.lower(), word) for word in words}
    length = int(max_length)
    start = _densest(sorted(at for found in places.values() for at in found), length)
    window = plain[start : start + length]
    if words:
        pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        opening = f'<{html_tag} class="{css_class}">'
        window = re.sub(
            pattern, lambda found: f"{opening}{found[0]}</{html_tag}>", window, flags=re.IGNORECASE
        )
    before = "..." if start > 0 else ""
    after = "..." if start + length < len(plain) else ""
    return SafeString(f"{before}{window}{after}")


def _places(text: str, word: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)]


def _densest(places: list[int], length: int) -> int:
    """Where the window with the most places begins."""
    if not places:
        return 0
    counted = [(sum(at <= other < at + length for other in places), -at) for at in places]
    return -max(counted)[1]
