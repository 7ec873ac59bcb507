"""Cookies as Django sends and reads them: its `set_cookie`, `delete_cookie` and `parse_cookie`.

Django leaves the form to Python's `http.cookies`, so that values are quoted as RFC 2109 had it:
octets that stand for themselves, or double quotes with `\\"`, `\\\\` and `\\ooo` inside. Written
anew because Python's own reading takes a time that grows with the square of what a visitor sent.
"""

import re
import string
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final

_PLAIN: Final = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~:"
_is_plain = re.compile(f"[{re.escape(_PLAIN)}]+").fullmatch
_IN_QUOTES: Final = {
    number: f"\\{number:03o}"
    for number in range(256)
    if chr(number) not in _PLAIN + " ()/<=>?@[]{}"
} | {ord('"'): '\\"', ord("\\"): "\\\\"}
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")

_RESERVED: Final = frozenset(
    ("expires", "path", "comment", "domain", "max-age", "secure", "httponly", "version", "samesite")
)
_LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"


class CookieError(ValueError):
    """A name, value or attribute that Django would refuse to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieAttributes:
    """The attributes of one cookie; defaults are those of Django's `set_cookie`."""

    path: str | None = "/"
    domain: str | None = None
    secure: bool = False
    httponly: bool = False
    samesite: str | None = None

    def __post_init__(self) -> None:
        if self.samesite and self.samesite.lower() not in ("lax", "none", "strict"):
            raise CookieError(f'samesite must be "lax", "none" or "strict", not {self.samesite!r}')
        for value in (self.path, self.domain):
            if value and not re.fullmatch(r"[ -:<-~]+", value):
                raise CookieError(f"{value!r} cannot be the path or domain of a cookie")


def set_cookie(
    name: str,
    value: str,
    attributes: CookieAttributes,
    *,
    max_age: float | None = None,
    now: float | None = None,
) -> bytes:
    """The value of a Set-Cookie field. Without `max_age` (seconds) the browser's end is its end.

    `now` is in seconds since 1970; `CookieError` for what no header can carry.
    """
    if max_age is None:
        return _line(name, value, attributes, "", None)
    begins = time.time() if now is None else now
    return _line(name, value, attributes, formatdate(begins + max_age, usegmt=True), int(max_age))


def delete_cookie(name: str, attributes: CookieAttributes) -> bytes:
    """The value of the Set-Cookie field that removes a cookie of that path and domain."""
    samesite = attributes.samesite
    kept = CookieAttributes(
        path=attributes.path,
        domain=attributes.domain,
        samesite=samesite,
        # Browsers ignore such names and such a samesite without it, and would keep the cookie.
        secure=name.startswith(("__Secure-", "__Host-")) or (samesite or "").lower() == "none",
    )
    return _line(name, "", kept, _LONG_AGO, 0)


def parse_cookies(field: bytes) -> dict[str, str]:
    """The cookies of a Cookie field, by name; of two with one name the last.

    Octets that are no UTF-8 become U+FFFD, so that no lone surrogate comes in this way.
    """
    cookies = {}
    for piece in field.decode(errors="replace").split(";"):
        name, equals, value = piece.partition("=")
        if not equals:  # a value without a name, as browsers have it
            name, value = "", piece
        name, value = name.strip(), value.strip()
        if name or value:
            cookies[name] = unquote(value)
    return cookies


def quote(value: str) -> str:
    """The value as it stands in a header."""
    return value if _is_plain(value) else f'"{value.translate(_IN_QUOTES)}"'


def unquote(value: str) -> str:
    """What a value of a header stands for; what is not quoted stands for itself."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = value[1:-1]
    return _ESCAPED.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(found: re.Match[str]) -> str:
    octal = found[1]
    return chr(int(octal, 8)) if octal else found[2]


def _line(
    name: str, value: str, attributes: CookieAttributes, expires: str, max_age: int | None
) -> bytes:
    """Attributes come in the order of their names, as `http.cookies` has it."""
    if not _is_plain(name) or name.lower() in _RESERVED:
        raise CookieError(f"{name!r} cannot be the name of a cookie")
    parts = [f"{name}={quote(value)}"]
    if attributes.domain:
        parts.append(f"Domain={attributes.domain}")
    if expires:
        parts.append(f"expires={expires}")
    if attributes.httponly:
        parts.append("HttpOnly")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if attributes.path:
        parts.append(f"Path={attributes.path}")
    if attributes.samesite:
        parts.append(f"SameSite={attributes.samesite}")
    if attributes.secure:
        parts.append("Secure")
    try:
        return "; ".join(parts).encode("latin-1")
    except UnicodeEncodeError:
        raise CookieError("a cookie carries U+0000 to U+00FF only") from None
