"""The token in a mail that lets its reader set a new password, as Django and allauth make it.

It is not stored: it is an HMAC over what changes when it is used. So it ends with use, login,
change of password or address, and age.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from legacy_bridge.django.identifiers import from_base36, to_base36
from legacy_bridge.django.secrecy import salted_hmac, same_text
from legacy_bridge.django.settings import Secrets

SALT = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
THREE_DAYS = 3 * 24 * 60 * 60
"""Seconds: Django's PASSWORD_RESET_TIMEOUT where the site sets none."""
_BEGINNING = datetime(2001, 1, 1)  # noqa: DTZ001 - of the wall clock, as Django counts


@dataclass(frozen=True, slots=True)
class Resetter:
    """Whose password is to be reset: columns of the user's row, as they are stored.

    `addresses` are all of allauth's rows of the user; None for a site that has Django's own tokens.
    """

    id: int
    password: str = field(repr=False)
    last_login: datetime | None
    email: str
    addresses: Collection[str] | None = None


class ResetTokens:
    """Makes and checks them.

    `timeout` is in seconds. Django counts time by the wall clock of TIME_ZONE, which `zone` is.
    """

    __slots__ = ("_secrets", "_timeout", "_zone")

    def __init__(self, secrets: Secrets, timeout: int = THREE_DAYS, zone: tzinfo = UTC) -> None:
        self._secrets = secrets
        self._timeout = timeout
        self._zone = zone

    def make(self, resetter: Resetter, now: datetime) -> str:
        """Six digits of time or more, a dash, 32 digits."""
        return _token(resetter, self._seconds(now), self._secrets.key)

    def is_good(self, token: str, resetter: Resetter, now: datetime) -> bool:
        """Whether it was made for this user as the user is now, and not too long ago."""
        stamp, dash, rest = token.partition("-")
        if not dash or "-" in rest:
            return False
        try:
            made = from_base36(stamp)
        except ValueError:
            return False
        keys = (self._secrets.key, *self._secrets.fallbacks)
        if not any(same_text(_token(resetter, made, key), token) for key in keys):
            return False
        return self._seconds(now) - made <= self._timeout

    def _seconds(self, now: datetime) -> int:
        return int((now.astimezone(self._zone).replace(tzinfo=None) - _BEGINNING).total_seconds())


def _token(resetter: Resetter, made: int, key: str | bytes) -> str:
    # Every other digit, for a shorter link.
    return f"{to_base36(made)}-{salted_hmac(SALT, _state(resetter, made), key)[::2]}"


def _state(resetter: Resetter, made: int) -> str:
    """What the token vouches for. Whole seconds, since not every database keeps more."""
    login = resetter.last_login
    seen = "" if login is None else f"{_in_utc(login).replace(microsecond=0)}"
    state = f"{resetter.id}{resetter.password}{seen}{made}{resetter.email}"
    if resetter.addresses is None:
        return state
    known = {*resetter.addresses, resetter.email.lower()} - {""}
    return state + "|".join(sorted(known))


def _in_utc(moment: datetime) -> datetime:
    """Without its zone. A naive one stays as it is: a site with USE_TZ off has no others."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
