"""Mails as Django makes and sends them."""

from email.utils import parseaddr
from typing import Any
from unittest import mock

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address


def mail(message_id: str, **told: Any) -> dict[str, Any]:
    """What goes over the wire; `now` is its date."""
    message = EmailMessage(**told)
    with mock.patch("django.core.mail.message.make_msgid", return_value=message_id):
        octets = message.message().as_bytes(linesep="\r\n")
    return {
        "sender": _spec(message.from_email),
        "recipients": [_spec(address) for address in message.recipients()],
        "octets": octets.decode("latin-1"),
    }


def send_mail(host: str, port: int, login: list[str], **told: Any) -> Any:
    username, password = login or ("", "")
    backend = EmailBackend(host, port, username, password, timeout=10)
    return EmailMessage(connection=backend, **told).send()


def _spec(address: str) -> str:
    """As smtplib has it from what Django gives it."""
    return parseaddr(sanitize_address(address, "utf-8"))[1]
