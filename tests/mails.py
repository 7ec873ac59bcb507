"""Mails of the bundled legacy site, as its file backend leaves them in a folder."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_END = b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    sender: str
    subject: str
    text: str

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://\S+", self.text)


def mails_to(folder: Path, address: str) -> list[Mail]:
    """Oldest first; none where the folder was never made."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    written = [part for file in files for part in file.read_bytes().split(_END) if part.strip()]
    return [mail for mail in map(_read, written) if mail.to == address]


def _read(written: bytes) -> Mail:
    message = message_from_bytes(written, EmailMessage, policy=policy.default)
    return Mail(
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        text=message.get_content(),
    )
