"""A pass with which an operator may choose a side by `Strangler-Force`. Pure.

The console gives it to who may use it, as a cookie for the whole site; it ends after two hours, and
tells nothing of whose it is.
"""

from legacy_bridge.django.secrecy import same_text
from legacy_bridge.signatures import signature
from proxy.wire.cookies import cookie, set_cookie

COOKIE = "strangler_operator"
SECONDS = 2 * 3600


def pass_line(key: bytes, now: float, *, secure: bool) -> bytes:
    """The field line that gives it. `now` in seconds since 1970."""
    return set_cookie(COOKIE, _pass(key, int(now) + SECONDS), secure=secure, seconds=SECONDS)


def may_force(fields: bytes, key: bytes, now: float) -> bool:
    """Whether the request with these field lines brings a pass that is not over."""
    given = cookie(fields, COOKIE) if key else None
    if given is None:
        return False
    ends = given.partition(".")[0]
    if not (ends.isascii() and ends.isdigit() and len(ends) <= 12):
        return False
    return same_text(given, _pass(key, int(ends))) and now < int(ends)


def _pass(key: bytes, ends: int) -> str:
    return f"{ends}.{signature(key, 'operator', str(ends))}"
