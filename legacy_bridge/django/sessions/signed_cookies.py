"""Sessions that are wholly in the visitor's cookie: the engine `signed_cookies`.

The key is the session. There is nothing to delete and nothing to be interrupted by.
"""

from typing import Final

from legacy_bridge.django.sessions.store import Lifetime, Loaded, Values
from legacy_bridge.django.settings import Secrets
from legacy_bridge.django.signing import BadSignatureError, TimestampSigner

SALT: Final = "django.contrib.sessions.backends.signed_cookies"


class SignedCookieStore:
    """`cookie_age`, in seconds, is how old a cookie may be, whatever expiry the session has."""

    def __init__(self, secrets: Secrets, cookie_age: int) -> None:
        self._signer = TimestampSigner(secrets.key, fallback_keys=secrets.fallbacks, salt=SALT)
        self._cookie_age = cookie_age

    async def load(self, key: str) -> Loaded:
        """A cookie that is forged or too old is replaced by that of an empty session."""
        try:
            values = self._signer.unsign_object(key, self._cookie_age)
        except BadSignatureError:
            return Loaded({}, key, modified=True)
        return Loaded(values, key) if isinstance(values, dict) else Loaded({}, key, modified=True)

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        return self._signer.sign_object(values, compress=True)

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> str:
        return await self.create(values, lifetime)

    async def delete(self, key: str) -> None:
        pass
