"""Mails as files, for demonstrations and tests, and on the terminal, for development."""

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ported_domains.shared.mail.mail import MailError
from ported_domains.shared.mail.message import Message

RULE: Final = "-" * 79


class FolderDelivery:
    """One `.eml` file a mail; their names sort by time. Nobody sees half of one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, message: Message, host: str) -> None:
        try:
            await asyncio.to_thread(self._write, message.octets)
        except OSError as error:
            raise MailError(f"the folder for mails {self._folder}: {error}") from error

    def _write(self, octets: bytes) -> None:
        """Readable by nobody else: a mail may let its reader into an account."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}.eml"
        unfinished = self._folder / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
        unfinished.rename(self._folder / name)


class ConsoleDelivery:
    """On standard output, a line below each."""

    async def deliver(self, message: Message, host: str) -> None:
        text = message.octets.decode().replace("\r\n", "\n")
        try:
            print(f"{text}\n{RULE}", flush=True)
        except (OSError, ValueError) as error:
            raise MailError(f"standard output: {error}") from error
