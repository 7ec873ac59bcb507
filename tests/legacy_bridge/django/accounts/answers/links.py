"""Tokens in mails, and keys of rows in links."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from datetime import datetime
from typing import Any
from unittest import mock

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.models import EmailAddress, EmailConfirmation, EmailConfirmationHMAC
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.test.utils import override_settings
from django.utils import http, timezone

from tests.legacy_bridge.django.accounts.answers.rows import make_user, remove_rows
from tests.legacy_bridge.django.accounts.answers.users.models import User


def reset_token(moment: str, secret: str | None = None, **user: Any) -> str:
    generator, subject = _generator(moment, **user)
    if secret is not None:
        generator.secret = secret
    return generator.make_token(subject)


def check_reset_token(moment: str, token: str, timeout: int, **user: Any) -> bool:
    generator, subject = _generator(moment, **user)
    with override_settings(PASSWORD_RESET_TIMEOUT=timeout):
        return generator.check_token(subject, token)


def _generator(moment: str, addresses: list[str] | None = None, **user: Any) -> tuple[Any, User]:
    """Addresses are stored with the user; without any the tokens are plain Django's."""
    last_login = user.pop("last_login")
    subject = User(
        **user, last_login=last_login and datetime.fromisoformat(last_login), username="of a token"
    )
    generator = PasswordResetTokenGenerator()
    if addresses is not None:
        remove_rows()
        subject.save(force_insert=True)
        for email in addresses:
            EmailAddress.objects.create(user=subject, email=email)
        generator = EmailAwarePasswordResetTokenGenerator()
    generator._now = lambda: datetime.fromisoformat(moment)
    return generator, subject


def confirmation_key(pk: int) -> str:
    return EmailConfirmationHMAC(EmailAddress(pk=pk)).key


def confirmed_address(key: str) -> int | None:
    """The row it is about, if there is one that is not verified."""
    remove_rows()
    user = make_user([], username="of a key")
    EmailAddress.objects.create(pk=7, user=user, email="a@example.org")
    EmailAddress.objects.create(pk=8, user=user, email="b@example.org", verified=True)
    confirmation = EmailConfirmationHMAC.from_key(key)
    return None if confirmation is None else confirmation.email_address.pk


def confirm_stored(sent: str, moment: str, verified: bool) -> bool:
    """Whether a stored key of that age would confirm its address."""
    remove_rows()
    user = make_user([], username="of a key")
    address = EmailAddress.objects.create(user=user, email="a@example.org", verified=verified)
    EmailConfirmation.objects.create(
        email_address=address, key="abc", sent=datetime.fromisoformat(sent)
    )
    with mock.patch.object(timezone, "now", return_value=datetime.fromisoformat(moment)):
        found = EmailConfirmation.from_key("ABC")
        return found is not None and not found.key_expired()


def to_base36(number: int) -> str:
    return http.int_to_base36(number)


def from_base36(text: str) -> int:
    return http.base36_to_int(text)


def to_base64(octets: str) -> str:
    return http.urlsafe_base64_encode(octets.encode("latin-1"))


def from_base64(text: str) -> str:
    return http.urlsafe_base64_decode(text).decode("latin-1")


def loads_pk(key: str) -> int:
    return signing.loads(key, salt="account")
