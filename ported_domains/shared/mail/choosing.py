"""Where mails go, from the setting STRANGLER_MAIL_URL.

    smtp://user:password@host:587?starttls=1    TLS after STARTTLS, or not at all
    smtps://user:password@host                  TLS from the first octet
    smtp://host                                 in the clear
    file:///folder                              a file for each mail
    console:                                    standard output

`timeout=10` is the seconds for a delivery. What is special in a URL is written `%40` there.
"""

from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ported_domains.shared.mail.folder import ConsoleDelivery, FolderDelivery
from ported_domains.shared.mail.mail import Mail, MailError
from ported_domains.shared.mail.mailer import Delivery, Mailer, PostOffice
from ported_domains.shared.mail.smtp import SECONDS, MailServer, SmtpDelivery

FORMS: Final = (
    "smtp://user:password@host:587?starttls=1, smtps://user:password@host, file:///folder "
    "or console:"
)
DEFAULT_FROM: Final = "webmaster@localhost"
"""Django's DEFAULT_FROM_EMAIL where a project sets none."""
_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}
_SWITCH: Final = {"1": True, "true": True, "0": False, "false": False}


class NoMailer:
    """Nobody said where mails go."""

    async def send(self, mail: Mail) -> None:
        raise MailError(f"STRANGLER_MAIL_URL is not set; it must look like {FORMS}")


def mailer_of(url: str | None, default_from: str = DEFAULT_FROM) -> Mailer:
    """`ValueError` for a URL or an address that means nothing; it shows no part of the URL."""
    return NoMailer() if url is None else PostOffice(delivery_of(url), default_from)


def delivery_of(url: str) -> Delivery:
    parts = _split(url)
    match parts.scheme:
        case "console" if url == "console:":
            return ConsoleDelivery()
        case "file" if not parts.netloc and parts.path.strip("/") and not parts.query:
            return FolderDelivery(Path(unquote(parts.path)))
        case "smtp" | "smtps":
            return SmtpDelivery(server_of(url))
    raise ValueError(f"must look like {FORMS}")


def server_of(url: str) -> MailServer:
    """Of an `smtp:` or `smtps:` URL."""
    parts = _split(url)
    if not parts.hostname or parts.path.strip("/"):
        raise ValueError(f"must look like {FORMS}; a / in a password is written %2F")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls, seconds = options.pop("starttls", "0"), options.pop("timeout", str(SECONDS))
    if options:
        raise ValueError("takes starttls and timeout after the ?; a ? in a password is %3F")
    security = _security(parts.scheme, starttls)
    return MailServer(
        host=parts.hostname,
        port=_PORTS[security] if parts.port is None else parts.port,
        security=security,
        username=None if not parts.username else unquote(parts.username),
        password=None if not parts.username else unquote(parts.password or ""),
        seconds=_seconds(seconds),
    )


def _split(url: str) -> SplitResult:
    """Python's own messages have the password in them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"must look like {FORMS}; the port is a number")
    if parts.fragment:
        raise ValueError("has a # in it, which is written %23 in a password or a folder")
    return parts


def _security(scheme: str, starttls: str) -> Literal["none", "starttls", "tls"]:
    wanted = _SWITCH.get(starttls.lower())
    if wanted is None:
        raise ValueError("takes starttls=1 or starttls=0")
    if scheme == "smtps":
        if wanted:
            raise ValueError("starttls=1 belongs to smtp://; smtps:// is TLS from the start")
        return "tls"
    return "starttls" if wanted else "none"


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise ValueError("takes timeout=SECONDS, more than 0 and at most 3600")
    return seconds
