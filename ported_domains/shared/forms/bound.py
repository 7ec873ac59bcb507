"""A field together with what was submitted for it: what templates print."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ported_domains.shared.forms.errors import ErrorList
from ported_domains.shared.forms.fields import Field
from ported_domains.shared.forms.html import Attribute, Attributes, Called, printed, quoted
from ported_domains.shared.forms.widgets import Option, widget_type

if TYPE_CHECKING:
    from ported_domains.shared.forms.form import Form

PUNCTUATION = ":?.!"
"""After these a label gets no suffix."""


class BoundField:
    """Printed itself it is its widget; iterated it gives the widget's single inputs."""

    def __init__(self, form: "Form", field: Field, name: str) -> None:
        self.form = form
        self.field = field
        self.name = name
        self.html_name = form.add_prefix(name)
        self.auto_id = f"id_{self.html_name}"
        self.label = name.replace("_", " ").capitalize() if field.label is None else field.label
        self.help_text = Called(field.help_text)
        self.widget = field.dressed_widget

    @property
    def errors(self) -> ErrorList:
        return self.form.errors.get(self.name, ErrorList())

    @property
    def data(self) -> Any:
        """What was submitted, as the widget reads it."""
        return self.widget.value_from(self.form.data, self.html_name)

    @cached_property
    def initial(self) -> Any:
        value = self.form.initial.get(self.name, self.field.initial)
        value = value() if callable(value) else value
        if not self.widget.supports_microseconds and hasattr(value, "microsecond"):
            return value.replace(microsecond=0)
        return value

    def value(self) -> Any:
        """What the widget shows."""
        submitted = self.form.is_bound and not self.field.disabled
        return self.field.prepare_value(self.data if submitted else self.initial)

    @property
    def is_hidden(self) -> bool:
        return self.widget.is_hidden

    @property
    def widget_type(self) -> str:
        return widget_type(self.widget)

    @property
    def id_for_label(self) -> str:
        return self.widget.id_for_label(self._html_id)

    @property
    def _html_id(self) -> str:
        return str(self.widget.attrs.get("id") or self.auto_id)

    @property
    def label_tag(self) -> Called:
        attrs: dict[str, Attribute] = {"for": self.id_for_label} if self.id_for_label else {}
        if self.css_classes:
            attrs["class"] = self.css_classes
        text = f"{quoted(self.label)}{quoted(self._suffix)}"
        return Called(f"<label{printed(attrs)}>{text}</label>")

    @property
    def css_classes(self) -> str:
        return self.form.required_css_class if self.field.required else ""

    @property
    def _suffix(self) -> str:
        own = self.field.label_suffix
        suffix = self.form.label_suffix if own is None else own
        return suffix if self.label and self.label[-1] not in PUNCTUATION else ""

    def __str__(self) -> str:
        return self.as_widget()

    def __html__(self) -> str:
        return self.as_widget()

    def as_widget(self, attrs: Attributes | None = None) -> Called:
        """The widget with further HTML attributes."""
        every = self._attributes(attrs or {})
        if "id" not in self.widget.attrs:
            every.setdefault("id", self.auto_id)
        return self.widget.render(self.html_name, self.value(), every)

    def _attributes(self, attrs: Attributes) -> dict[str, Attribute]:
        every = dict(attrs)
        if (
            self.widget.use_required_attribute()
            and self.field.required
            and self.form.use_required_attribute
        ):
            every["required"] = True
        if self.field.disabled:
            every["disabled"] = True
        if not self.is_hidden and self.errors:
            every["aria-invalid"] = "true"
        if not (every.get("aria-describedby") or self.widget.is_fieldset) and self._describedby:
            every["aria-describedby"] = self._describedby
        return every

    @property
    def _describedby(self) -> str:
        """Ids of the help text and of the errors, unless the widget names others."""
        if self.is_hidden or self.widget.attrs.get("aria-describedby"):
            return ""
        described = {"helptext": self.help_text, "error": self.errors}
        return " ".join(f"{self.auto_id}_{part}" for part, there in described.items() if there)

    def __iter__(self) -> Iterator[Option]:
        attrs = self._attributes({"id": self._html_id})
        return iter(self.widget.options(self.html_name, self.value(), attrs))
