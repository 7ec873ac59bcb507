"""Forms of logging in, signing up and proving once more who one is. What only the database or a
hash can tell their handlers add."""

from typing import Final

from pydantic import SecretStr

from legacy_bridge.django.authentication.sign_in import Methods
from ported_domains.shared.forms import (
    BooleanField,
    CharField,
    Cleaned,
    Form,
    TextInput,
    ValidationError,
)
from ported_domains.shared.forms.fields import Field
from ported_domains.shared.forms.validators import validate_email
from ported_domains.shared.forms.values import Values
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.fields import (
    EmailField,
    PasswordField,
    StorableEmail,
    check_length,
)
from ported_domains.users.accounts.settings import AccountSettings

WRONG_NAME: Final = "The username and/or password you specified are not correct."
WRONG_ADDRESS: Final = "The email address and/or password you specified are not correct."
TOO_MANY_ATTEMPTS: Final = "Too many failed login attempts. Try again later."
NAME_TAKEN: Final = "A user with that username already exists."
INCORRECT_PASSWORD: Final = "Incorrect password."  # noqa: S105 - a message
_FORGOTTEN: Final = f'<a href="{paths.RESET_PASSWORD}">Forgot your password?</a>'


class Login(Cleaned):
    login: str
    password: SecretStr
    remember: bool = False


class LoginForm(Form[Login]):
    login = CharField(
        label="Login",
        widget=TextInput({"placeholder": "Username or email", "autocomplete": "email"}),
    )
    password = PasswordField(
        label="Password", autocomplete="current-password", help_text=_FORGOTTEN
    )
    remember = BooleanField(label="Remember Me", required=False)

    def __init__(self, data: Values | None, methods: Methods, settings: AccountSettings) -> None:
        """What may be typed as `login` depends on the site, and whether it asks to `remember`."""
        super().__init__(data)
        if not (methods.username and methods.email):
            self.fields["login"] = EmailField() if methods.email else _username(settings)
        if settings.remember is not None:
            self.remove("remember")


def _username(settings: AccountSettings) -> Field:
    return CharField(
        label="Username",
        max_length=settings.username_max_length,
        widget=TextInput({"placeholder": "Username", "autocomplete": "username"}),
    )


class SignUp(Cleaned):
    email: StorableEmail
    username: str
    password1: SecretStr
    password2: SecretStr


class SignUpForm(Form[SignUp]):
    email = EmailField()
    username = CharField(
        label="Username",
        widget=TextInput({"placeholder": "Username", "autocomplete": "username"}),
    )
    password1 = PasswordField(label="Password", autocomplete="new-password")
    password2 = PasswordField(label="Password (again)", autocomplete="new-password")

    def __init__(
        self, data: Values | None, settings: AccountSettings, email: str | None = None
    ) -> None:
        """`email` is proposed in a form that is to be filled in."""
        super().__init__(data, initial={} if email is None else {"email": email})
        self._settings = settings
        self.change(
            "username",
            min_length=settings.username_min_length,
            max_length=settings.username_max_length,
        )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if self._settings.username_pattern.fullmatch(username) is None:
            raise ValidationError(self._settings.username_fault)
        return username

    def clean(self) -> None:
        if password := self.cleaned_data.get("password1"):
            try:
                check_length(password, self._settings.password_min_length)
            except ValidationError as error:
                self.add_error("password1", error)
        first, second = (self.cleaned_data.get(name) for name in ("password1", "password2"))
        if first and second and first != second:
            self.add_error("password2", "You must type the same password each time.")


class Password(Cleaned):
    password: SecretStr


class ReauthenticateForm(Form[Password]):
    password = PasswordField(label="Password", autocomplete="current-password")


def proposed_email(query: Values) -> str | None:
    """The address that a link to the sign-up page brings along, if it is one."""
    email = query.get("email")
    if not email:
        return None
    try:
        validate_email(email)
    except ValidationError:
        return None
    return email
