"""One mailbox of RFC 5322 (`a@example.com`, `Name <a@example.com>`), and nothing around it."""

import re
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from typing import Final

_SPECIALS: Final = r'\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff()<>\[\]:;@\\,"'
_QUOTED: Final = r'"(?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"\\]|\\[ -~])*"'
_SPEC: Final = (
    rf"(?P<local>[^\s{_SPECIALS}]+|{_QUOTED})@(?P<domain>[^\s{_SPECIALS}]+|\[[0-9A-Za-z.:]+\])"
)
_BARE: Final = re.compile(_SPEC)
_NAMED: Final = re.compile(rf"(?P<name>[^{_SPECIALS}]*|{_QUOTED}) *<{_SPEC}>")
_DOMAIN: Final = re.compile(r"[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*|\[[0-9A-Za-z.:]+\]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    name: str
    """May be empty."""
    spec: str
    """In ASCII: what the server is told."""

    def in_ascii(self) -> str:
        """For a header."""
        return formataddr((_words(self.name), self.spec))


def mailbox(text: str) -> Mailbox:
    """`ValueError` for anything but one mailbox."""
    found = _BARE.fullmatch(text.strip(" ")) or _NAMED.fullmatch(text.strip(" "))
    if found is None:
        raise ValueError(f"{text!r} is no address such as a@example.com or Name <a@example.com>")
    parts = found.groupdict()
    return Mailbox(_unquoted(parts.get("name") or ""), f"{_local(parts)}@{_domain(parts)}")


def _local(parts: dict[str, str]) -> str:
    """Encoded as a word where it is not ASCII: no server needs SMTPUTF8, as with Django."""
    return _words(parts["local"])


def _domain(parts: dict[str, str]) -> str:
    """What IDNA makes of other scripts is looked at again: it turns U+FF1E into `>`, too."""
    domain = parts["domain"]
    try:
        in_ascii = domain.encode("idna").decode("ascii")
    except UnicodeError:
        in_ascii = ""
    if not _DOMAIN.fullmatch(in_ascii):
        raise ValueError(f"{domain!r} is no domain")
    return in_ascii


def _words(text: str) -> str:
    """RFC 2047, where the text is not ASCII."""
    return Header(text, None if text.isascii() else "utf-8").encode()


def _unquoted(name: str) -> str:
    if not name.startswith('"'):
        return name.strip(" ")
    return re.sub(r"\\(.)", r"\1", name[1:-1])
