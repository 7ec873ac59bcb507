"""Signed texts of the console: the cookie of who came with a token, and the tokens of its forms.

    cookie   1.TOKEN-ID.EXPIRES.NONCE.SIGNATURE      the token itself is nowhere in it
    form     HMAC of what the browser sends by itself: that cookie, or the key of Django's session

The key is made of secrets that all replicas have been told, so that each knows the others' cookies.
"""

import hmac
from collections.abc import Iterable
from secrets import token_urlsafe

from legacy_bridge.django.secrecy import octets, same_text

VERSION = "1"
LIFETIME_SECONDS = 2 * 3600
_PARTS = 5


class Tickets:
    """`secrets` are texts that nobody outside knows, equal in every worker and replica."""

    def __init__(self, secrets: Iterable[str]) -> None:
        material = octets("\0".join(secrets))
        self._key = hmac.digest(b"strangler console", material, "sha256")

    def issue(self, token_id: str, now: float) -> str:
        """For two hours from `now`, in seconds since 1970."""
        text = f"{VERSION}.{token_id}.{int(now) + LIFETIME_SECONDS}.{token_urlsafe(16)}"
        return f"{text}.{self._signature('cookie', text)}"

    def token_id(self, cookie: str, now: float) -> str | None:
        """Whose cookie it is; None for one that is not ours, or over."""
        text, _, signature = cookie.rpartition(".")
        if not same_text(signature, self._signature("cookie", text)):
            return None
        parts = cookie.split(".")
        if len(parts) != _PARTS or parts[0] != VERSION or int(parts[2]) <= now:
            return None
        return parts[1]

    def form_token(self, binding: str) -> str:
        return self._signature("form", binding)

    def is_form_token(self, given: str, binding: str) -> bool:
        return same_text(given, self.form_token(binding))

    def _signature(self, purpose: str, text: str) -> str:
        return hmac.digest(self._key, octets(f"{purpose}\0{text}"), "sha256").hex()
