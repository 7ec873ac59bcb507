"""A mail's octets: RFC 5322 in ASCII headers, the body in UTF-8 as it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import quoprimime
from email.header import Header
from email.policy import compat32
from email.utils import formatdate
from typing import Final

from ported_domains.shared.mail.addresses import mailbox
from ported_domains.shared.mail.mail import Mail

LONGEST_LINE: Final = 998
"""Octets, RFC 5322 2.1.1."""
_FOLDING: Final = compat32.clone(linesep="\r\n")
_OF_ADDRESSES: Final = frozenset({"from", "to", "reply-to", "sender"})


@dataclass(frozen=True, slots=True)
class Message:
    """`sender` and `recipients` are what the server is told; lines end with CRLF."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes


def compose(mail: Mail, *, default_from: str, moment: float, message_id: str) -> Message:
    """`moment` in seconds since 1970. `ValueError` for addresses in headers that are none."""
    from_ = mail.from_ or default_from
    encoding, body = _encoded(mail.body)
    headers = [
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("MIME-Version", "1.0"),
        ("Content-Transfer-Encoding", encoding),
        ("Subject", mail.subject),
        ("From", from_),
        *_lists(mail),
        *_stamps(mail, moment, message_id),
        *mail.headers.items(),
    ]
    return Message(
        mailbox(from_).spec,
        tuple(mailbox(address).spec for address in mail.to),
        b"".join(_line(name, value) for name, value in headers) + b"\r\n" + body,
    )


def _lists(mail: Mail) -> Iterator[tuple[str, str]]:
    for name, addresses in (("To", mail.to), ("Reply-To", mail.reply_to)):
        if addresses:
            ascii_only = all(map(str.isascii, addresses))
            yield name, ", ".join(addresses if ascii_only else _in_ascii(addresses))


def _in_ascii(addresses: Iterable[str]) -> Iterator[str]:
    return (mailbox(address).in_ascii() for address in addresses)


def _stamps(mail: Mail, moment: float, message_id: str) -> Iterator[tuple[str, str]]:
    given = {name.lower() for name in mail.headers}
    if "date" not in given:
        yield "Date", formatdate(moment)
    if "message-id" not in given:
        yield "Message-ID", message_id


def _line(name: str, value: str) -> bytes:
    """One header, folded. A long subject is folded twice, as Django and Python do together."""
    if name.lower() in _OF_ADDRESSES and not value.isascii():
        value = mailbox(value).in_ascii()
    elif name.lower() == "subject" or not value.isascii():
        value = Header(value, None if value.isascii() else "utf-8").encode()
    return _FOLDING.fold_binary(name, value)


def _encoded(body: str) -> tuple[str, bytes]:
    """Eight bits as they are: base64 draws the attention of spam filters."""
    encoding = "7bit" if body.isascii() else "8bit"
    if any(len(line.encode()) > LONGEST_LINE for line in body.splitlines()):
        encoding = "quoted-printable"
        body = quoprimime.body_encode(body.encode().decode("latin-1"))
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return encoding, "\r\n".join(lines).encode()
