"""The text that a reader of an entry's summary would see (behaviour/blogs.md §2)."""

from html.parser import HTMLParser

_UNSEEN = frozenset({"style", "script", "head", "title", "meta"})
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split())
"""Elements that nothing can be inside of (HTML, 13.1.2)."""


def visible_text(html: str) -> str:
    """The texts between the tags of `html`, trimmed and joined by a space. Unsafe: entities are
    decoded. As on the legacy site a text that is in no element does not count."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_text()
    return " ".join(reader.texts)


class _Reader(HTMLParser):
    """Elements are only closed by their end tags; one without a beginning closes none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.end_text()
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.end_text()

    def handle_endtag(self, tag: str) -> None:
        self.end_text()
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_comment(self, data: str) -> None:
        self.end_text()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end_text(self) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        if text and self._open and self._open[-1] not in _UNSEEN:
            self.texts.append(text)
