"""The text of a session in the table `django_session`: JSON, deflated, signed with the time.

Django before 3.1 wrote another form and, with PickleSerializer, pickles. Neither is read: the
first not by Django itself any more, the second because to unpickle is to run code.
"""

import logging

from legacy_bridge.django.sessions.store import Values
from legacy_bridge.django.settings import Secrets
from legacy_bridge.django.signing import BadSignatureError, TimestampSigner

log = logging.getLogger(__name__)


class SessionCodec:
    """Values to text and back. JSON keeps order, so what is not touched comes out as it went in."""

    def __init__(self, secrets: Secrets, salt: str) -> None:
        self._signer = TimestampSigner(secrets.key, fallback_keys=secrets.fallbacks, salt=salt)

    def encode(self, values: Values) -> str:
        """`TypeError` where a value is not JSON, as with Django."""
        return self._signer.sign_object(values, compress=True)

    def decode(self, text: str) -> Values:
        """The values; none where the text is not ours or cannot be read, as with Django."""
        try:
            values = self._signer.unsign_object(text)
        except BadSignatureError as fault:
            log.warning("a stored session is taken for empty: %s", fault)
            return {}
        return values if isinstance(values, dict) else {}
