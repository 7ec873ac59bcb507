"""How long a session lasts: Django's `_session_expiry`, in it or not.

Absent or None: SESSION_COOKIE_AGE. 0: as long as the browser runs. Another number: so many seconds
after each change. A text: that moment, in ISO 8601.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from legacy_bridge.django.sessions.store import Lifetime, Values
from legacy_bridge.django.settings import SessionSettings

EXPIRY: Final = "_session_expiry"

Expiry = float | datetime | timedelta | None


def lifetime(values: Values, settings: SessionSettings, now: datetime) -> Lifetime:
    """How long the store keeps it if it is saved now; the browser's length counts as the age."""
    expiry = _expiry(values, settings)
    if isinstance(expiry, datetime):
        return Lifetime(whole_seconds(expiry - now), expiry)
    seconds = expiry or settings.cookie_age
    return Lifetime(seconds, now + timedelta(seconds=seconds))


def ends_with_browser(values: Values, settings: SessionSettings) -> bool:
    expiry = values.get(EXPIRY)
    return settings.expire_at_browser_close if expiry is None else bool(expiry == 0)


def set_expiry(values: Values, expiry: Expiry, settings: SessionSettings, now: datetime) -> bool:
    """Write it into `values`; whether that changed them."""
    if expiry is None:
        return values.pop(EXPIRY, values) is not values
    if isinstance(expiry, timedelta):
        expiry = now + expiry
    if isinstance(expiry, datetime):
        values[EXPIRY] = _written(expiry, settings)
    else:
        values[EXPIRY] = expiry
    return True


def whole_seconds(length: timedelta) -> int:
    """Rounded down, also where it is negative."""
    return length.days * 86400 + length.seconds


def _expiry(values: Values, settings: SessionSettings) -> float | datetime | None:
    """What cannot be read is no expiry of its own."""
    expiry = values.get(EXPIRY)
    if isinstance(expiry, int | float):
        return expiry
    if not isinstance(expiry, str):
        return None
    try:
        moment = datetime.fromisoformat(expiry)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.time_zone or UTC)


def _written(moment: datetime, settings: SessionSettings) -> str:
    """With `USE_TZ = False` Django compares with naive times and would fail on others."""
    if settings.time_zone:
        return moment.astimezone(settings.time_zone).replace(tzinfo=None).isoformat()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
