"""Fields whose values are among a given choice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from ported_domains.shared.forms.choice_widgets import (
    TRUTHS,
    Choices,
    ChoiceWidget,
    NullBooleanSelect,
    Select,
    SelectMultiple,
    is_group,
)
from ported_domains.shared.forms.errors import ValidationError
from ported_domains.shared.forms.fields import EMPTY, Field
from ported_domains.shared.forms.widgets import Widget


@dataclass(frozen=True, kw_only=True, eq=False)
class ChoiceField(Field):
    """The chosen value as text; empty: none."""

    choices: Choices = ()
    widget: Widget = field(default_factory=Select)

    default_messages: ClassVar[Mapping[str, str]] = {
        "invalid_choice": ("Select a valid choice. %(value)s is not one of the available choices.")
    }
    example: ClassVar[object] = "text"

    @cached_property
    def dressed_widget(self) -> Widget:
        widget = super().dressed_widget
        if isinstance(widget, ChoiceWidget):
            return replace(widget, choices=tuple(self.choices))
        return widget

    def to_python(self, value: Any) -> Any:
        return "" if value in EMPTY else str(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value not in self.texts:
            raise self.refusal("invalid_choice", value=value)

    @cached_property
    def texts(self) -> frozenset[str]:
        return frozenset(str(value) for value in self._values())

    def _values(self) -> Iterator[Any]:
        for choice in self.choices:
            yield from (value for value, _ in choice[1]) if is_group(choice) else (choice[0],)


@dataclass(frozen=True, kw_only=True, eq=False)
class TypedChoiceField(ChoiceField):
    """The chosen value as `coerce` makes it of the text (`coerce=int`)."""

    coerce: Callable[[str], Any]
    empty_value: Any = ""

    def examples(self) -> Sequence[object]:
        """What `coerce` makes of a choice; of a number while there are none, if it is a type."""
        some = ["1"] if isinstance(self.coerce, type) else []
        texts = [str(value) for value in self._values() if value not in EMPTY] or some
        try:
            made = [self.coerce(text) for text in texts[:1]]
        except (ValueError, TypeError):
            made = []
        return made if self.required else [*made, self.empty_value]

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == self.empty_value or text in EMPTY:
            return self.empty_value
        try:
            return self.coerce(text)
        except (ValueError, TypeError, ValidationError):
            raise self.refusal("invalid_choice", value=text) from None


@dataclass(frozen=True, kw_only=True, eq=False)
class MultipleChoiceField(ChoiceField):
    """The chosen values as a list of texts."""

    widget: Widget = field(default_factory=SelectMultiple)

    default_messages: ClassVar[Mapping[str, str]] = {"invalid_list": "Enter a list of values."}
    example: ClassVar[object] = ["text"]

    def to_python(self, value: Any) -> list[str]:
        if not value:
            return []
        if not isinstance(value, list | tuple):
            raise self.refusal("invalid_list")
        return [str(one) for one in value]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise self.refusal("required")
        for one in value:
            if one not in self.texts:
                raise self.refusal("invalid_choice", value=one)


@dataclass(frozen=True, kw_only=True, eq=False)
class NullBooleanField(Field):
    """True, False, or None for all else, `required` or not. For nullable columns."""

    widget: Widget = field(default_factory=NullBooleanSelect)

    def examples(self) -> Sequence[object]:
        return (True, None)

    def to_python(self, value: Any) -> bool | None:
        return TRUTHS.get(value)

    def validate(self, value: Any) -> None:
        """Nothing is as good an answer as another."""
