"""The key in a mail that lets its reader confirm an address, as allauth makes it.

Since 0.25 it is the signed key of the row in `account_emailaddress`. Sites with
ACCOUNT_EMAIL_CONFIRMATION_HMAC off store random keys in `account_emailconfirmation` instead.
"""

from datetime import datetime, timedelta

from legacy_bridge.django import signing
from legacy_bridge.django.settings import Secrets

SALT = "account"
VALID = timedelta(days=3)
"""ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS where the site sets none."""


def confirmation_key(address_id: int, secrets: Secrets) -> str:
    return signing.dumps(address_id, secrets.key, salt=SALT)


def address_to_confirm(key: str, secrets: Secrets, valid: timedelta = VALID) -> int | None:
    """The row that the key is about; it may be confirmed only while it is not verified."""
    try:
        found = signing.loads(
            key, secrets.key, salt=SALT, max_age=valid, fallback_keys=secrets.fallbacks
        )
    except signing.BadSignatureError:
        return None
    return found if type(found) is int else None


def stored_key(key: str) -> str:
    """How a stored key is looked up."""
    return key.lower()


def is_stored_key_valid(
    sent: datetime | None, now: datetime, *, verified: bool, valid: timedelta = VALID
) -> bool:
    """Whether a stored key may still be used. One that was never sent could not be confirmed."""
    return not verified and sent is not None and sent + valid > now
