"""What the legacy project says about its accounts: django-allauth's settings, and some of Django's.

Defaults are those in force on python.org (behaviour/accounts.md).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

THREE_DAYS: Final = timedelta(days=3)
USERNAME: Final = re.compile(r"[a-zA-Z0-9@.+_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """In brackets the setting's name where it is another than the field's."""

    site_id: int = 1
    login_redirect_url: str = "/"
    logout_redirect_url: str = "/"
    signup_redirect_url: str = "/"
    password_change_redirect_url: str = "/users/edit/"  # noqa: S105 - a path
    password_set_redirect_url: str = "/accounts/password/change/"  # noqa: S105 - a path
    login_url: str = "/accounts/login/"
    subject_prefix: str | None = None
    """ACCOUNT_EMAIL_SUBJECT_PREFIX; None is `[<name of the site>] `."""
    from_address: str = "webmaster@localhost"
    """DEFAULT_FROM_EMAIL."""
    confirmation_valid: timedelta = THREE_DAYS
    """ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS."""
    username_min_length: int = 1
    username_max_length: int = 150
    username_pattern: re.Pattern[str] = USERNAME
    username_fault: str = (
        "Enter a valid username. This value may contain only unaccented lowercase a-z and "
        "uppercase A-Z letters, numbers, and @/./+/-/_ characters."
    )
    password_min_length: int = 6
    remember: bool | None = None
    """ACCOUNT_SESSION_REMEMBER: None asks, on log-in."""
    remembered_seconds: int = 1_209_600
    """How long a login lasts that is remembered (SESSION_COOKIE_AGE)."""
    protocol: str | None = None
    """ACCOUNT_DEFAULT_HTTP_PROTOCOL; None is the request's own."""
