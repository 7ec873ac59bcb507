"""Widgets of one value: how a field looks in HTML and where its value is among those submitted."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from ported_domains.shared.forms.html import Attribute, Attributes, Called, printed, quoted
from ported_domains.shared.forms.values import Values


@dataclass(frozen=True, eq=False)
class Widget(ABC):
    attrs: Attributes = field(default_factory=dict)
    """HTML attributes besides those that the field gives: `TextInput({"size": 9})`."""

    is_fieldset: ClassVar[bool] = False
    """Several inputs: no one of them is described by the help text."""
    supports_microseconds: ClassVar[bool] = True

    @property
    def is_hidden(self) -> bool:
        return False

    def dressed(self, attrs: Attributes, *, required: bool) -> Self:
        """With what the field knows."""
        return replace(self, attrs={**self.attrs, **attrs})

    def value_from(self, data: Values, name: str) -> Any:
        """What was submitted under the name; None: nothing."""
        return data.get(name)

    def use_required_attribute(self) -> bool:
        return not self.is_hidden

    def id_for_label(self, html_id: str) -> str:
        """Which element a label points to; empty: none."""
        return html_id

    def shown(self, value: Any) -> str | None:
        """The text that stands for a value; None: nothing."""
        return None if value is None or value == "" else str(value)

    @abstractmethod
    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        """`attrs`: what the field gives, over the widget's own."""

    def options(self, name: str, value: Any, attrs: Attributes) -> "list[Option]":
        """The single inputs, for templates that lay out each."""
        return [Option(self.render(name, value, attrs), "", str(attrs.get("id", "")))]


@dataclass(frozen=True)
class Option:
    """One input of a widget in a template: `{{ option.tag }} {{ option.choice_label }}`."""

    tag: Called
    choice_label: str
    id_for_label: str
    labelled: Called | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __html__(self) -> str:
        return self.tag if self.labelled is None else self.labelled

    __str__ = __html__


@dataclass(frozen=True, eq=False)
class Input(Widget):
    input_type: ClassVar[str]

    @property
    def is_hidden(self) -> bool:
        return self.attrs.get("type", self.input_type) == "hidden"

    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        every = {"type": self.input_type, **self.attrs, **attrs}
        kind = str(every.pop("type"))
        return input_tag(kind, name, self.shown(value), every)


def input_tag(kind: str, name: str, value: str | None, attrs: Mapping[str, Attribute]) -> Called:
    text = "" if value is None else f' value="{quoted(value)}"'
    return Called(f'<input type="{quoted(kind)}" name="{quoted(name)}"{text}{printed(attrs)}>')


class TextInput(Input):
    input_type = "text"


class EmailInput(Input):
    input_type = "email"


class URLInput(Input):
    input_type = "url"


class NumberInput(Input):
    input_type = "number"


class HiddenInput(Input):
    input_type = "hidden"


class PasswordInput(Input):
    """Never shows what was typed."""

    input_type = "password"

    def shown(self, value: Any) -> str | None:
        return None


class Textarea(Widget):
    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        every = {"cols": "40", "rows": "10", **self.attrs, **attrs}
        text = quoted(self.shown(value) or "")
        return Called(f'<textarea name="{quoted(name)}"{printed(every)}>\n{text}</textarea>')


class CheckboxInput(Input):
    input_type = "checkbox"

    def value_from(self, data: Values, name: str) -> bool:
        """A browser sends nothing for a box that is not ticked."""
        value = data.get(name, "")
        return bool(value) and value.lower() != "false"

    def shown(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else super().shown(value)

    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        ticked = not (value is False or value is None or value == "")
        return super().render(name, value, {**attrs, "checked": True} if ticked else attrs)


def widget_type(widget: Widget) -> str:
    """`text` of a TextInput: for templates that treat kinds of widgets differently."""
    return re.sub(r"widget$|input$", "", type(widget).__name__.lower())
