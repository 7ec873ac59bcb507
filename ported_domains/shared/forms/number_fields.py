"""Fields of numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, ClassVar

from ported_domains.shared.forms.fields import EMPTY, Field
from ported_domains.shared.forms.html import Attribute
from ported_domains.shared.forms.validators import DecimalDigits, MaxValue, MinValue, Validator
from ported_domains.shared.forms.widgets import NumberInput, Widget

_NO_FRACTION = re.compile(r"\.0*\s*\Z")
"""`3.00` is a whole number too."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _NumberField(Field):
    """None: nothing was submitted."""

    max_value: Any = None
    min_value: Any = None
    widget: Widget = field(default_factory=NumberInput)

    @cached_property
    def every_validator(self) -> Sequence[Validator]:
        checks = [*super().every_validator]
        if self.max_value is not None:
            checks.append(MaxValue(self.max_value))
        if self.min_value is not None:
            checks.append(MinValue(self.min_value))
        return checks

    def html_attrs(self) -> Mapping[str, Attribute]:
        limits = {"min": self.min_value, "max": self.max_value}
        if not isinstance(self.widget, NumberInput):
            return {}
        return {name: str(limit) for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True, kw_only=True, eq=False)
class IntegerField(_NumberField):
    max_value: int | None = None
    min_value: int | None = None

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a whole number."}
    example: ClassVar[object] = 1

    def to_python(self, value: Any) -> int | None:
        if value in EMPTY:
            return None
        try:
            return int(_NO_FRACTION.sub("", str(value)))
        except ValueError:
            raise self.refusal("invalid") from None


@dataclass(frozen=True, kw_only=True, eq=False)
class DecimalField(_NumberField):
    """As a column `numeric(max_digits, decimal_places)` takes it."""

    max_value: Decimal | int | None = None
    min_value: Decimal | int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a number."}
    example: ClassVar[object] = Decimal(1)

    def to_python(self, value: Any) -> Decimal | None:
        if value in EMPTY:
            return None
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise self.refusal("invalid") from None

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not value.is_finite():
            raise self.refusal("invalid", value=value)

    @cached_property
    def every_validator(self) -> Sequence[Validator]:
        return (*super().every_validator, DecimalDigits(self.max_digits, self.decimal_places))

    def html_attrs(self) -> Mapping[str, Attribute]:
        attrs = super().html_attrs()
        if not isinstance(self.widget, NumberInput) or "step" in self.widget.attrs:
            return attrs
        places = self.decimal_places
        # Small steps as `1e-7`: browsers take the zeros for 0
        step = "any" if places is None else str(Decimal(1).scaleb(-places)).lower()
        return {**attrs, "step": step}
