"""Forms about passwords. What only the database or a hash can tell their handlers add."""

from typing import ClassVar

from pydantic import SecretStr
from typing_extensions import TypeVar

from ported_domains.shared.forms import CharField, Cleaned, Form
from ported_domains.shared.forms.values import Values
from ported_domains.users.accounts.fields import EmailField, PasswordField, SetPasswordField

WRONG_PASSWORD = "Please type your current password."  # noqa: S105 - a message
BAD_TOKEN = "The password reset token was invalid."  # noqa: S105 - a message


class NewPassword(Cleaned):
    password1: SecretStr
    password2: SecretStr


class ChangePassword(NewPassword):
    oldpassword: SecretStr


class ResetPassword(Cleaned):
    email: str


class ResetLink(Cleaned):
    uidb36: str
    key: SecretStr


NewPassword_co = TypeVar("NewPassword_co", bound=NewPassword, covariant=True, default=NewPassword)


class NewPasswordForm(Form[NewPassword_co]):
    """Asks for a new password twice. Subclasses declare `password1` and `password2`."""

    again: ClassVar[str] = "You must type the same password each time."

    def __init__(self, data: Values | None = None, *, least: int) -> None:
        """`least`: characters of a password (ACCOUNT_PASSWORD_MIN_LENGTH)."""
        super().__init__(data)
        self.change("password1", least=least)

    def clean(self) -> None:
        first, second = (self.cleaned_data.get(name) for name in ("password1", "password2"))
        if first and second and first != second:
            self.add_error("password2", self.again)


class ChangePasswordForm(NewPasswordForm[ChangePassword]):
    oldpassword = PasswordField(label="Current Password", autocomplete="current-password")
    password1 = SetPasswordField(label="New Password")
    password2 = PasswordField(label="New Password (again)")


class SetPasswordForm(NewPasswordForm[NewPassword]):
    password1 = SetPasswordField(label="Password")
    password2 = PasswordField(label="Password (again)")


class ResetPasswordForm(Form[ResetPassword]):
    email = EmailField()


class ResetPasswordKeyForm(NewPasswordForm[NewPassword]):
    password1 = SetPasswordField(label="New Password")
    password2 = PasswordField(label="New Password (again)")


class TokenForm(Form[ResetLink]):
    """Stands for the link itself, where scripts are told what is wrong with it."""

    uidb36 = CharField()
    key = CharField()
