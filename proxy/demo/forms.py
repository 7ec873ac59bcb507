"""HTML forms as a browser reads them: the fields that it would send back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_NEVER_SENT = frozenset(("submit", "button", "reset", "image", "file"))
Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Form:
    """`fields` in order, as (name, value); `files` are the names of its file inputs."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def filled(self, **values: str) -> dict[str, list[str]]:
        """The fields to send, with some of them replaced."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        return sent | {name: [value] for name, value in values.items()}


def read_form(html: str, with_field: str) -> Form:
    """The form of a page that has this field; raises `LookupError` where there is none."""
    reader = _Reader()
    reader.feed(html)
    for form in reader.forms:
        if any(name == with_field for name, _ in form.fields):
            return form
    raise LookupError(f"the page has no form with the field {with_field}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._area: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form())
        elif not self.forms:
            return
        elif tag == "input":
            self._input(given)
        elif tag == "textarea":
            self._area, self._text = given.get("name"), []
        elif tag == "select":
            self._select, self._chosen, self._first = given.get("name"), [], None
            if "multiple" in given:
                self._first = ""
        elif tag == "option" and self._select:
            self._option(given)

    def _input(self, given: dict[str, str | None]) -> None:
        name, kind = given.get("name"), (given.get("type") or "text").lower()
        if name and kind == "file":
            self.forms[-1].files.append(name)
        if not name or kind in _NEVER_SENT or "disabled" in given:
            return
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self.forms[-1].fields.append((name, given.get("value") or "on"))
        else:
            self.forms[-1].fields.append((name, given.get("value") or ""))

    def _option(self, given: dict[str, str | None]) -> None:
        value = given.get("value") or ""
        if self._first is None:
            self._first = value
        if "selected" in given:
            self._chosen.append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # The line break right after the tag is not part of the value (HTML, textarea).
            text = "".join(self._text)
            self.forms[-1].fields.append((self._area, text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = self._chosen or ([self._first] if self._first else [])
            self.forms[-1].fields.extend((self._select, value) for value in chosen)
            self._select = None
