"""What pages send their mail with."""

import asyncio
import socket
import time
from email.utils import make_msgid
from typing import Protocol

from ported_domains.shared.mail.addresses import mailbox
from ported_domains.shared.mail.mail import Mail
from ported_domains.shared.mail.message import Message, compose


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hand it over, or raise `MailError`."""


class Delivery(Protocol):
    """Where messages go."""

    async def deliver(self, message: Message, host: str) -> None:
        """`host` is this machine's name. `MailError` if it cannot be handed over."""


class PostOffice:
    """A mailer: dates a mail, numbers it and has it delivered."""

    def __init__(self, delivery: Delivery, default_from: str) -> None:
        """`ValueError` if `default_from` is no address."""
        mailbox(default_from)
        self._delivery = delivery
        self._default_from = default_from
        self._host: str | None = None

    async def send(self, mail: Mail) -> None:
        if not mail.to:
            return
        host = await self._own_name()
        message = compose(
            mail,
            default_from=self._default_from,
            moment=time.time(),
            message_id=make_msgid(domain=host),
        )
        await self._delivery.deliver(message, host)

    async def _own_name(self) -> str:
        """Asked for once: a name server may take seconds."""
        if self._host is None:
            name = await asyncio.to_thread(socket.getfqdn)
            self._host = name.encode("idna").decode("ascii")
        return self._host
