"""Fields that several account forms have, named as allauth's are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

import pydantic

from ported_domains.shared import forms
from ported_domains.shared.forms import CharField, PasswordInput, TextInput, ValidationError
from ported_domains.shared.forms.html import Attribute
from ported_domains.shared.forms.widgets import Widget
from ported_domains.shared.mail.addresses import mailbox
from ported_domains.users.accounts.addresses import LONGEST

StorableEmail: TypeAlias = Annotated[str, pydantic.Field(max_length=LONGEST)]
"""Django lets longer ones through to the database, and fails there."""


def _email_input() -> TextInput:
    return TextInput({"type": "email", "autocomplete": "email", "placeholder": "Email address"})


@dataclass(frozen=True, kw_only=True, eq=False)
class EmailField(forms.EmailField):
    """An address that mail can be sent to, in small letters."""

    label: str | None = "Email"
    widget: Widget = field(default_factory=_email_input)

    def clean(self, value: Any) -> str:
        email = str(super().clean(value)).lower()
        try:
            mailbox(email)
        except ValueError:  # such as a domain that is too long once it is in ASCII
            raise ValidationError("Enter a valid email address.", code="invalid") from None
        return email


@dataclass(frozen=True, kw_only=True, eq=False)
class PasswordField(CharField):
    """White space around a password is no part of it, as with allauth."""

    autocomplete: str = ""
    """What the browser may fill in: HTML's `current-password` or `new-password`."""
    widget: Widget = field(default_factory=PasswordInput)

    def html_attrs(self) -> Mapping[str, Attribute]:
        own: dict[str, Attribute] = {"placeholder": self.label or ""}
        if self.autocomplete:
            own["autocomplete"] = self.autocomplete
        return {**own, **super().html_attrs()}


@dataclass(frozen=True, kw_only=True, eq=False)
class SetPasswordField(PasswordField):
    """A new password; `least` are the characters that it must have."""

    autocomplete: str = "new-password"
    least: int = 6

    def clean(self, value: Any) -> str:
        password = str(super().clean(value))
        check_length(password, self.least)
        return password


def check_length(password: str, least: int) -> None:
    """Raises ValidationError for a password that is too short."""
    if len(password) < least:
        unit = "character" if least == 1 else "characters"
        raise ValidationError(
            f"This password is too short. It must contain at least {least} {unit}.",
            code="password_too_short",
        )
