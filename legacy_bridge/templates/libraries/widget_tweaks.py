"""`{% load widget_tweaks %}` of django-widget-tweaks: form fields with more attributes.

A field is anything with Django's `as_widget(attrs=…)`, `errors` and `field.widget.attrs`.
"""

import re
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import call, printed
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

widget_tweaks = Library("widget_tweaks")

_PAIR = re.compile(r"([\w-]+)(\+?=)(['\"]?[^\"']*['\"]?)")


class Tweaked:
    """A field that prints itself with further attributes; everything else is the field's own."""

    def __init__(self, field: Any, name: str, value: Any, appends: bool = False) -> None:
        self._field = field
        self._name = name
        self._value = value
        self._appends = appends

    def __getattr__(self, name: str) -> Any:
        return getattr(self._field, name)

    def __iter__(self) -> Any:
        return iter(self._field)

    def as_widget(self, attrs: dict[str, Any] | None = None) -> Any:
        """What is named last comes first in the HTML, and what is named first wins."""
        given = dict(attrs or {})
        if self._appends:
            before = given.get(self._name) or _widget_attributes(self._field).get(self._name)
            given[self._name] = f"{before} {self._value}" if before else self._value
        else:
            given[self._name] = self._value
        return self._field.as_widget(attrs=given)

    def __str__(self) -> str:
        return str(self.as_widget())

    def __html__(self) -> str:
        return SafeString(self.as_widget())


def _widget_attributes(field: Any) -> dict[str, Any]:
    widget = getattr(field, "widget", None) or getattr(field.field, "widget", None)
    attributes: dict[str, Any] = getattr(widget, "attrs", {})
    return attributes


def _set(field: Any, given: Any, prefix: str = "", appends: bool = False) -> Any:
    if not field:
        return ""
    name, colon, value = str(given).partition(":")
    return Tweaked(field, f"{prefix}{name}", value if colon else True, appends)


@widget_tweaks.filter("attr")
def attr(field: Any, given: Any) -> Any:
    return _set(field, given)


@widget_tweaks.filter("append_attr")
def append_attr(field: Any, given: Any) -> Any:
    return _set(field, given, appends=True)


@widget_tweaks.filter("add_class")
def add_class(field: Any, classes: Any) -> Any:
    return _set(field, f"class:{classes}", appends=True)


@widget_tweaks.filter("add_error_class")
def add_error_class(field: Any, classes: Any) -> Any:
    return add_class(field, classes) if getattr(field, "errors", None) else field


@widget_tweaks.filter("add_error_attr")
def add_error_attr(field: Any, given: Any) -> Any:
    return attr(field, given) if getattr(field, "errors", None) else field


@widget_tweaks.filter("set_data")
def set_data(field: Any, given: Any) -> Any:
    return _set(field, given, prefix="data-")


@widget_tweaks.filter("field_type")
def field_type(field: Any) -> str:
    inner = getattr(field, "field", None)
    return type(inner).__name__.lower() if inner else ""


@widget_tweaks.filter("widget_type")
def widget_type(field: Any) -> str:
    widget = getattr(getattr(field, "field", None), "widget", None)
    return type(widget).__name__.lower() if widget else ""


@widget_tweaks.tag("render_field")
def _render_field(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) < 2:
        raise TagFault(
            "'render_field' tag requires a form field",
            'write {% render_field form.name class="x" %}',
        )
    pairs = []
    for word in tag.words[2:]:
        found = _PAIR.fullmatch(word)
        if found is None or not found[3]:
            raise TagFault(
                f"'render_field' cannot read {word!r}", 'write attributes as name="value"'
            )
        appends = "True" if found[2] == "+=" else "False"
        pairs.append(f"({quoting.string(found[1])}, {converter.value(found[3])}, {appends})")
    field = converter.value(tag.words[1])
    return printed(call("render_field", [field, *pairs]))


@widget_tweaks.function("render_field", takes_context=True, is_final=True)
def render_field(context: Context, field: Any, *pairs: tuple[str, Any, bool]) -> str:
    """The field with attributes; the context may have classes for errors and required fields."""
    shown = field
    if getattr(field, "errors", None) and "WIDGET_ERROR_CLASS" in context:
        shown = add_class(shown, context["WIDGET_ERROR_CLASS"])
    if getattr(getattr(field, "field", None), "required", False) and (
        "WIDGET_REQUIRED_CLASS" in context
    ):
        shown = add_class(shown, context["WIDGET_REQUIRED_CLASS"])
    for appends in (False, True):
        for name, value, is_appended in pairs:
            if is_appended is appends:
                shown = _set(shown, f"{name}:{value}", appends=appends)
    return SafeString(shown)
