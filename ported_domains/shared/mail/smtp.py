"""Delivery to a mail server: one connection a mail, as Django has it."""

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponse,
    SMTPResponseException,
)

from ported_domains.shared.mail.mail import MailError
from ported_domains.shared.mail.message import Message

SECONDS: Final = 30.0
GOODBYE_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`starttls` begins in the clear and must go on in TLS; `tls` begins in it."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = SECONDS
    """For the whole delivery."""


class SmtpDelivery:
    """`tls` says whom to trust; None is what Python trusts (SSL_CERT_FILE adds to it)."""

    def __init__(self, server: MailServer, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls

    async def deliver(self, message: Message, host: str) -> None:
        client = self._client(host)
        try:
            async with asyncio.timeout(self._server.seconds):
                await client.connect()
                refused, _ = await client.sendmail(
                    message.sender, list(message.recipients), message.octets
                )
        except TimeoutError as error:
            raise self._failed(f"no answer within {self._server.seconds:g} s") from error
        except (SMTPException, OSError, ValueError) as error:
            raise self._failed(_reason(error)) from error
        else:
            _tell(refused)
            with suppress(SMTPException, OSError):  # it has the mail: how we part is all the same
                await client.quit(timeout=GOODBYE_SECONDS)
        finally:
            client.close()

    def _client(self, host: str) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=host,
            timeout=server.seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls,
        )

    def _failed(self, reason: str) -> MailError:
        return MailError(f"the mail server {self._server.host}:{self._server.port}: {reason}")


def _reason(error: Exception) -> str:
    match error:
        case SMTPRecipientsRefused():
            answers = {f"{each.code} {each.message}" for each in error.recipients}
            return f"all recipients refused: {'; '.join(sorted(answers))}"
        case SMTPResponseException():
            return f"{error.code} {error.message}"
        case _:
            return str(error) or type(error).__name__


def _tell(refused: dict[str, SMTPResponse]) -> None:
    """The others have the mail, which is why this is no error; with Django neither."""
    for answer in refused.values():
        log.warning("a recipient of a mail was refused: %s %s", answer.code, answer.message)
