"""Fields: what a submitted value has to be, what it becomes, and which widget shows it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from ported_domains.shared.forms.errors import Fault, ValidationError
from ported_domains.shared.forms.html import Attribute
from ported_domains.shared.forms.validators import (
    MaxLength,
    MinLength,
    Validator,
    prohibit_null_characters,
    validate_email,
    validate_slug,
    validate_url,
)
from ported_domains.shared.forms.widgets import (
    CheckboxInput,
    EmailInput,
    TextInput,
    URLInput,
    Widget,
)

EMPTY: Sequence[object] = (None, "", [], (), {})
"""Not given: `required` refuses these, validators do not see them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Field(ABC):
    """Immutable; one form's own variant is made with `Form.change`."""

    required: bool = True
    label: str | None = None
    """None: made of the field's name. Empty: no label."""
    label_suffix: str | None = None
    """None: the form's."""
    initial: Any = None
    """Shown in a form that is not bound; or a function without arguments that returns it."""
    help_text: str = ""
    """HTML."""
    disabled: bool = False
    """Shown, but what is submitted is ignored in favour of the initial value."""
    validators: Sequence[Validator] = ()
    error_messages: Mapping[str, str] = field(default_factory=dict)
    """Instead of the usual messages, by code (`required`, `invalid`, `max_length`, …)."""
    widget: Widget = field(default_factory=TextInput)

    default_messages: ClassVar[Mapping[str, str]] = {"required": "This field is required."}
    example: ClassVar[object] = None
    """A value as `clean` returns it; None: what its type is cannot be told."""

    def examples(self) -> Sequence[object]:
        """Values as `clean` returns them, one of each type, as far as that can be told."""
        if self.example is None:
            return ()
        return (self.example,) if self.required else (self.example, self.to_python(None))

    def clean(self, value: Any) -> Any:
        """The value as its type. Raises ValidationError."""
        value = self.to_python(value)
        self.validate(value)
        self._run_validators(value)
        return value

    @abstractmethod
    def to_python(self, value: Any) -> Any:
        """The value as its type, and nothing (see EMPTY) as the field's. Raises ValidationError."""

    def validate(self, value: Any) -> None:
        if self.required and value in EMPTY:
            raise self.refusal("required")

    def _run_validators(self, value: Any) -> None:
        """Every one of them has its say."""
        if value in EMPTY:
            return
        refusals = []
        for validator in self.every_validator:
            try:
                validator(value)
            except ValidationError as error:
                refusals.append(self.own_words(error))
        if refusals:
            raise ValidationError(refusals)

    def own_words(self, error: ValidationError) -> ValidationError:
        """With the field's messages for its codes."""
        return ValidationError([self._own_words(fault) for fault in error.faults])

    def _own_words(self, fault: Fault) -> ValidationError:
        message = self.messages.get(fault.code, fault.message)
        return ValidationError(message, fault.code, fault.params)

    @cached_property
    def every_validator(self) -> Sequence[Validator]:
        return (*self.own_validators(), *self.validators)

    def own_validators(self) -> Sequence[Validator]:
        return ()

    @cached_property
    def messages(self) -> Mapping[str, str]:
        classes = reversed(type(self).__mro__)
        defaults = [vars(each).get("default_messages", {}) for each in classes]
        return {
            code: text for each in (*defaults, self.error_messages) for code, text in each.items()
        }

    def refusal(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.messages[code], code, params)

    def prepare_value(self, value: Any) -> Any:
        """As the widget shows it."""
        return value

    @cached_property
    def dressed_widget(self) -> Widget:
        """The widget with what the field adds to its HTML."""
        return self.widget.dressed(self.html_attrs(), required=self.required)

    def html_attrs(self) -> Mapping[str, Attribute]:
        return {}


@dataclass(frozen=True, kw_only=True, eq=False)
class CharField(Field):
    max_length: int | None = None
    min_length: int | None = None
    strip: bool = True
    empty_value: str | None = ""
    """What nothing becomes; None for a nullable column."""

    example: ClassVar[object] = "text"

    def to_python(self, value: Any) -> str | None:
        if value in EMPTY:
            return self.empty_value
        text = str(value).strip() if self.strip else str(value)
        return text or self.empty_value

    @cached_property
    def every_validator(self) -> Sequence[Validator]:
        checks = [*super().every_validator]
        if self.min_length is not None:
            checks.append(MinLength(self.min_length))
        if self.max_length is not None:
            checks.append(MaxLength(self.max_length))
        return (*checks, prohibit_null_characters)

    def html_attrs(self) -> Mapping[str, Attribute]:
        limits = {"maxlength": self.max_length, "minlength": self.min_length}
        if self.widget.is_hidden:
            return {}
        return {name: str(limit) for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True, kw_only=True, eq=False)
class EmailField(CharField):
    max_length: int | None = 320
    widget: Widget = field(default_factory=EmailInput)

    def own_validators(self) -> Sequence[Validator]:
        return (validate_email,)


@dataclass(frozen=True, kw_only=True, eq=False)
class SlugField(CharField):
    def own_validators(self) -> Sequence[Validator]:
        return (validate_slug,)


@dataclass(frozen=True, kw_only=True, eq=False)
class URLField(CharField):
    assume_scheme: str = "http"
    """For what comes without one. Django 5.2's; it will be `https` from 6.0 on."""
    widget: Widget = field(default_factory=URLInput)

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a valid URL."}

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if not text or _has_scheme(text):
            return text
        return f"{self.assume_scheme}:{'' if text.startswith('//') else '//'}{text}"

    def own_validators(self) -> Sequence[Validator]:
        return (validate_url,)


def _has_scheme(text: str) -> bool:
    """Of `example.org:80/path` too the part before the colon counts as one."""
    scheme, colon, _ = text.partition(":")
    return bool(colon) and "/" not in scheme and scheme[:1].isascii() and scheme[:1].isalpha()


@dataclass(frozen=True, kw_only=True, eq=False)
class BooleanField(Field):
    """`required`: has to be ticked."""

    widget: Widget = field(default_factory=CheckboxInput)

    example: ClassVar[object] = True

    def to_python(self, value: Any) -> bool:
        return bool(value) and not (isinstance(value, str) and value.lower() in ("false", "0"))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise self.refusal("required")
