"""Widgets of one value, or several, among a given choice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from ported_domains.shared.forms.html import Attribute, Attributes, Called, printed, quoted
from ported_domains.shared.forms.values import Values
from ported_domains.shared.forms.widgets import Option, Widget, input_tag

Choice = tuple[Any, Any]
"""A value and its label; or the name of a group and its choices."""
Choices: TypeAlias = Sequence[Choice]


def is_group(choice: Choice) -> bool:
    return isinstance(choice[1], list | tuple)


@dataclass(frozen=True)
class _Shown:
    """One choice as it is printed; `number` is its place (`2`, or `2_0` within a group)."""

    value: Any
    label: Any
    selected: bool
    number: str


@dataclass(frozen=True)
class _Group:
    name: str
    """Empty: no group, but a choice that stands alone."""
    choices: tuple[_Shown, ...]


@dataclass(frozen=True, eq=False)
class ChoiceWidget(Widget):
    choices: Choices = ()

    several: ClassVar[bool] = False

    def value_from(self, data: Values, name: str) -> Any:
        return data.get_all(name) if self.several else data.get(name)

    def groups(self, value: Any) -> list[_Group]:
        """Of several choices with the selected value only the first is, unless several may be."""
        return list(self._groups(_texts(value, self.several)))

    def _groups(self, selected: Sequence[str]) -> Iterator[_Group]:
        found = False
        for number, (first, second) in enumerate(self.choices):
            grouped = is_group((first, second))
            inner: Choices = second if grouped else ((_text(first), second),)
            shown = []
            for place, (value, label) in enumerate(inner):
                hit = str(value) in selected and (self.several or not found)
                found = found or hit
                index = f"{number}_{place}" if grouped else str(number)
                shown.append(_Shown(value, label, hit, index))
            yield _Group(_text(first) if grouped else "", tuple(shown))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _texts(value: Any, several: bool) -> list[str]:
    if value is None and several:
        return []
    return [_text(one) for one in (value if isinstance(value, list | tuple) else [value])]


class Select(ChoiceWidget):
    def use_required_attribute(self) -> bool:
        """HTML wants the first option of a required `select` to be empty."""
        return self.several or (bool(self.choices) and self.choices[0][0] in (None, ""))

    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        every: dict[str, Attribute] = {**self.attrs, **attrs}
        if self.several:
            every["multiple"] = True
        groups = "".join(_select_group(group) for group in self.groups(value))
        return Called(f'<select name="{quoted(name)}"{printed(every)}>{groups}\n</select>')

    def options(self, name: str, value: Any, attrs: Attributes) -> list[Option]:
        return [
            Option(Called(_select_option(shown)), shown.label, "", None, vars(shown))
            for group in self.groups(value)
            for shown in group.choices
        ]


class SelectMultiple(Select):
    several = True


TRUTHS = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False} | {
    truth: truth for truth in (True, False)
}
"""What stands for a truth in a form, and in its initial values."""


@dataclass(frozen=True, eq=False)
class NullBooleanSelect(Select):
    choices: Choices = (("unknown", "Unknown"), ("true", "Yes"), ("false", "No"))

    def value_from(self, data: Values, name: str) -> bool | None:
        """The options' own values, and those of Django 2.1 and before."""
        own = {"2": True, "3": False, "true": True, "True": True, "false": False, "False": False}
        return own.get(data.get(name, ""))

    def groups(self, value: Any) -> list[_Group]:
        shown = {True: "true", False: "false", "true": "true", "false": "false"}
        return super().groups(shown.get(value, "unknown"))


def _select_group(group: _Group) -> str:
    options = "".join(f"\n  {_select_option(shown)}\n" for shown in group.choices)
    if not group.name:
        return options
    return f'\n  <optgroup label="{quoted(group.name)}">{options}\n  </optgroup>'


def _select_option(shown: _Shown) -> str:
    selected = " selected" if shown.selected else ""
    return f'<option value="{quoted(shown.value)}"{selected}>{quoted(shown.label)}</option>'


class RadioSelect(ChoiceWidget):
    is_fieldset = True
    input_type: ClassVar[str] = "radio"

    def id_for_label(self, html_id: str) -> str:
        """None: a click on the label of the whole would choose the first."""
        return ""

    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        every = {**self.attrs, **attrs}
        own = "".join(f' {key}="{quoted(every[key])}"' for key in ("id", "class") if every.get(key))
        groups = "".join(self._group(name, group, every) for group in self.groups(value))
        return Called(f"<div{own}>{groups}\n</div>")

    def options(self, name: str, value: Any, attrs: Attributes) -> list[Option]:
        every = {**self.attrs, **attrs}
        return [
            Option(
                self._tag(name, shown, every),
                shown.label,
                str(_of(shown, every).get("id", "")),
                Called(self._labelled(name, shown, every)),
                vars(shown),
            )
            for group in self.groups(value)
            for shown in group.choices
        ]

    def _group(self, name: str, group: _Group, attrs: Attributes) -> str:
        options = "".join(
            f"<div>\n    {self._labelled(name, shown, attrs)}\n\n</div>" for shown in group.choices
        )
        if not group.name:
            return options
        return f"\n  <div><label>{quoted(group.name)}</label>{options}\n  </div>"

    def _labelled(self, name: str, shown: _Shown, attrs: Attributes) -> str:
        html_id = _of(shown, attrs).get("id")
        target = f' for="{quoted(html_id)}"' if html_id else ""
        tag = self._tag(name, shown, attrs)
        return f"<label{target}>{tag}\n {quoted(shown.label)}</label>"

    def _tag(self, name: str, shown: _Shown, attrs: Attributes) -> Called:
        value = None if shown.value is None else str(shown.value)
        return input_tag(self.input_type, name, value, _of(shown, attrs))


def _of(shown: _Shown, attrs: Attributes) -> Attributes:
    """Attributes of the widget for one of its inputs."""
    own = dict(attrs)
    if shown.selected:
        own["checked"] = True
    if own.get("id"):
        own["id"] = f"{own['id']}_{shown.number}"
    return own


class CheckboxSelectMultiple(RadioSelect):
    several = True
    input_type = "checkbox"

    def use_required_attribute(self) -> bool:
        """It would ask for every box to be ticked."""
        return False
