"""A form of Django's admin, of whatever table: read from its page, and filled in otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from lxml import html

Values = dict[str, list[str]]
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""The smallest GIF: what every upload takes, be it for an image or for any file."""
CHOICES_TRIED = 4
KINDS = ("text", "textarea", "url", "email", "number", "checkbox", "select", "radio", "file")
"""In the order in which they are tried: of the first ones almost every value is accepted."""


@dataclass(frozen=True, slots=True)
class Field:
    """`choices` are those besides `value` that a list offers."""

    name: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    many: bool = False

    @property
    def free(self) -> bool:
        """Takes any text, as far as its value shows: not that of a number, a moment or JSON."""
        texts = ("text", "textarea", "url", "email")
        return self.kind in texts and self.value[:1].isalpha()

    def others(self) -> Iterator[list[str]]:
        """Values that it does not have, those first that are accepted most likely."""
        match self.kind:
            case "checkbox":
                yield [] if self.value else ["on"]
            case "select" | "radio":
                yield from ([choice] for choice in self.choices[:CHOICES_TRIED])
            case "file":
                yield ["upload"]
            case "number":
                yield from ([str(number)] for number in _near(self.value or "0"))
            case _:
                yield from ([text] for text in _texts(self.value))


def _texts(value: str) -> Iterator[str]:
    if value.isdecimal():  # the number of another row
        yield from map(str, _near(value))
    elif _is_date(value):
        yield str(date.fromisoformat(value) + timedelta(days=1))
    else:
        yield from (f"{value}x", f"{value}xx")


def _near(value: str) -> Iterator[int]:
    number = int(float(value))
    return (other for other in (number + 1, number - 1, *range(1, 6)) if 0 < other != number)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Form:
    """`values` are all, as they would be sent; `fields` those of the row itself that a person
    could change, without the forms of its children."""

    values: Values
    fields: tuple[Field, ...]

    def sent(self, changes: Mapping[str, list[str]]) -> dict[str, Any]:
        """What httpx takes: with changed values, and with a file wherever "upload" is one."""
        files = {field.name for field in self.fields if field.kind == "file"}
        wanted = {name for name in files if changes.get(name)}
        data = {**self.values, **changes}
        return {
            "data": {name: value for name, value in data.items() if name not in files},
            "files": dict.fromkeys(wanted, ("pixel.gif", PIXEL, "image/gif")) or None,
        }

    def alternatives(self) -> Iterator[tuple[str, list[str]]]:
        """One change after the other that could be made."""
        singles = (field for field in self.fields if not field.many)
        ordered = sorted(singles, key=lambda field: KINDS.index(field.kind))
        return chain.from_iterable(
            ((field.name, value) for value in field.others()) for field in ordered
        )


def read(page: str) -> Form:
    """The one form for a row. Raises `AssertionError` for a page without it."""
    (form,) = html.fromstring(page).cssselect("#content-main form")
    assert isinstance(form, html.FormElement)
    values: Values = {}
    for name, value in form.form_values():
        if not name.startswith("_"):  # the buttons
            values.setdefault(str(name), []).append(str(value))
    inputs = form.inputs
    names = [str(name) for name in dict.fromkeys(inputs.keys()) if name]
    found = (_field(name, inputs[name]) for name in names if "-" not in name)
    return Form(values, tuple(field for field in found if field))


def _field(name: str, element: Any) -> Field | None:
    if name.startswith("_") or name == "csrfmiddlewaretoken":
        return None
    if isinstance(element, html.RadioGroup):
        value = element.value or ""
        options = (option for option in element.value_options if option != value)
        return Field(name, "radio", value, tuple(options))
    if isinstance(element, html.SelectElement):
        chosen = element.value
        many = bool(element.multiple)
        value = "" if many or chosen is None else chosen
        options = (option for option in element.value_options if option not in (value, ""))
        return Field(name, "select", value, tuple(options), many)
    if isinstance(element, html.TextareaElement):
        return Field(name, "textarea", (element.value or "").removeprefix("\n"))
    kind = element.get("type", "text")
    if kind == "checkbox":
        return Field(name, kind, "on" if element.checked else "")
    return Field(name, kind, element.value or "") if kind in KINDS else None


def errors(page: str) -> dict[str, str]:
    """Of a form that was shown again: field → what is said; "" for the whole form."""
    shown = html.fromstring(page)
    found = {}
    for listed in shown.cssselect("#content-main ul.errorlist"):
        identity = str(listed.get("id") or "")
        name = identity.removeprefix("id_").removesuffix("_error")
        found[name] = " ".join("".join(map(str, listed.itertext())).split())
    return found
