"""Cookies of our own in the octets of a head: one that came, one that is to be set."""

import re
from functools import lru_cache


def cookie(fields: bytes, name: str) -> str | None:
    """The value of the first cookie of this name. `fields` are lines with their ends."""
    found = _pattern(name).search(fields)
    return found[1].decode("latin-1") if found else None


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[bytes]:
    quoted = re.escape(name.encode("ascii"))
    return re.compile(
        rb"(?im:^cookie):(?:[^\r\n]*?;)??[ \t]*" + quoted + rb"=([^;\r\n]*?)[ \t]*(?=[;\r\n])"
    )


def set_cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> bytes:
    """The field line that sets it, for the whole site and out of scripts' reach; without `seconds`
    until the browser is closed."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    safe = "; Secure" if secure else ""
    line = f"Set-Cookie: {name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{safe}\r\n"
    return line.encode("ascii")
