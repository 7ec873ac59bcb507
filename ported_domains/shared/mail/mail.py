"""What a page wants to say, and to whom. A mail that exists can be sent."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ported_domains.shared.mail.addresses import mailbox

OURS: Final = frozenset(
    {
        "subject",
        "from",
        "to",
        "cc",
        "bcc",
        "reply-to",
        "content-type",
        "mime-version",
        "content-transfer-encoding",
    }
)
_SEPARATORS: Final = {"\u2028", "\u2029"}


class MailError(Exception):
    """A mail could not be handed over; the message says to whom and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Plain text. Addresses are like `a@example.com` or `Name <a@example.com>`.

    `ValueError` for what is none, and for line breaks where a header would be two.
    """

    subject: str
    body: str = field(repr=False)
    to: tuple[str, ...]
    """To nobody, it is not sent, as with Django."""
    from_: str | None = None
    """None: the site's own address."""
    reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further ones. `Date` and `Message-ID` replace those that a mail gets."""

    def __post_init__(self) -> None:
        for address in self.to if self.from_ is None else (*self.to, self.from_):
            mailbox(address)
        _refuse_breaks("the subject", self.subject)
        for each in self.reply_to:
            _refuse_breaks("Reply-To", each)
        if not all(map(str.isascii, self.reply_to)):  # otherwise nobody has to take it apart
            for each in self.reply_to:
                mailbox(each)
        for name, value in self.headers.items():
            if name.lower() in OURS or not _is_field_name(name):
                raise ValueError(f"{name!r} is no header that can be given to a mail")
            _refuse_breaks(name, value)
        self.body.encode()  # half a character has no octets: UnicodeError is a ValueError


def _refuse_breaks(what: str, text: str) -> None:
    """Python's folding of headers takes more than CR and LF for an end of line."""
    for character in text:
        is_control = unicodedata.category(character) in ("Cc", "Cs") and character != "\t"
        if is_control or character in _SEPARATORS:
            raise ValueError(f"{what} has a line break or a control character: {text!r}")


def _is_field_name(name: str) -> bool:
    """RFC 5322 2.2: printable US-ASCII without the colon."""
    return bool(name) and all("!" <= character <= "~" and character != ":" for character in name)
