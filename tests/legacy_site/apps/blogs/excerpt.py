"""What a reader would see of an entry's summary."""

from collections.abc import Iterator

from lxml import html
from lxml.html import HtmlElement

_UNSEEN = {"style", "script", "head", "title", "meta"}


def visible_text(summary: str) -> str:
    """Trimmed texts joined by a space; those outside of any element do not count."""
    around = html.fragment_fromstring(summary, create_parent="div")
    texts = (text.strip() for element in around for text in _texts(element))
    return " ".join(text for text in texts if text)


def _texts(element: HtmlElement) -> Iterator[str]:
    seen = isinstance(element.tag, str) and element.tag not in _UNSEEN
    if seen:
        yield element.text or ""
    for child in element:
        yield from _texts(child)
        if seen:
            yield child.tail or ""
