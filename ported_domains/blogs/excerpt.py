"""The text that a reader of an entry's summary would see (behaviour/blogs.md §2)."""

from collections import Counter
from html.parser import HTMLParser

_UNSEEN = frozenset({"style", "script", "head", "title", "meta"})
_LONGEST_REST = 2_000
"""Characters from a tag or a comment on that never ends. HTMLParser takes it for text, but looks
for an end at each `<` in it: for `<a <a <a …` of 200,000 characters that is minutes."""
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split())
"""Elements that nothing can be inside of (HTML, 13.1.2)."""


def visible_text(html: str) -> str:
    """The texts between the tags of `html`, trimmed and joined by a space. Unsafe: entities are
    decoded. As on the legacy site a text that is in no element does not count."""
    reader = _Reader()
    reader.feed(html)
    if len(reader.rawdata) <= _LONGEST_REST:
        reader.close()
    reader.end_text()
    return " ".join(reader.texts)


class _Reader(HTMLParser):
    """Elements are only closed by their end tags; one without a beginning closes none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[str] = []
        self._names = Counter[str]()
        """How many of each are open: to look through all of them takes ever longer."""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.end_text()
        if tag not in _VOID:
            self._open.append(tag)
            self._names[tag] += 1

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.end_text()

    def handle_endtag(self, tag: str) -> None:
        self.end_text()
        if self._names[tag]:
            while self._close() != tag:
                pass

    def _close(self) -> str:
        tag = self._open.pop()
        self._names[tag] -= 1
        return tag

    def handle_comment(self, data: str) -> None:
        self.end_text()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end_text(self) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        if text and self._open and self._open[-1] not in _UNSEEN:
            self.texts.append(text)
