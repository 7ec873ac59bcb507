"""The account pages as the legacy project's manifest has them, and what of it they cannot do.

What cannot be done is said before a visitor comes: the domain then stays with the legacy site.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from legacy_bridge.django.rate_limits import Rates, rates_of
from legacy_bridge.manifest.model import Manifest
from ported_domains.users.accounts.settings import AccountSettings

TABLE: Final = "users_user"
"""With the columns of python.org's users (behaviour/users.md)."""
SIGNUP_FIELDS: Final = ("email", "username", "password1", "password2")
DONE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "ADAPTER": "allauth.account.adapter.DefaultAccountAdapter",
        "AUTHENTICATED_LOGIN_REDIRECTS": True,
        "CHANGE_EMAIL": False,
        "CONFIRM_EMAIL_ON_GET": False,
        "EMAIL_CONFIRMATION_HMAC": True,
        "EMAIL_NOTIFICATIONS": False,
        "EMAIL_REQUIRED": True,
        "EMAIL_UNKNOWN_ACCOUNTS": True,
        "EMAIL_VERIFICATION": "mandatory",
        "EMAIL_VERIFICATION_BY_CODE_ENABLED": False,
        "FORMS": {},
        "LOGIN_BY_CODE_ENABLED": False,
        "LOGIN_ON_EMAIL_CONFIRMATION": False,
        "LOGIN_ON_PASSWORD_RESET": False,
        "LOGOUT_ON_GET": False,
        "LOGOUT_ON_PASSWORD_CHANGE": False,
        "MAX_EMAIL_ADDRESSES": None,
        "PASSWORD_RESET_BY_CODE_ENABLED": False,
        "PRESERVE_USERNAME_CASING": True,
        "PREVENT_ENUMERATION": True,
        "REAUTHENTICATION_REQUIRED": False,
        "SIGNUP_FORM_CLASS": None,
        "SIGNUP_FORM_HONEYPOT_FIELD": None,
        "UNIQUE_EMAIL": True,
        "USERNAME_BLACKLIST": [],
        "USERNAME_REQUIRED": True,
    }
)
"""The one value of each ACCOUNT_… setting that the pages can do, of those that change what they do
rather than a number or a place."""


def misfits(manifest: Manifest) -> Iterator[str]:
    """What the project wants of its account pages that the native ones cannot do."""
    if manifest.allauth is None:
        yield "django-allauth is not installed there, and the native account pages do as it does"
        return
    for name, value in DONE.items():
        told = manifest.allauth.get(name, value)
        if told != value:
            yield f"ACCOUNT_{name} is {told!r}, and the native account pages can only do {value!r}"
    fields = tuple(manifest.allauth.get("SIGNUP_FIELDS", SIGNUP_FIELDS))
    if fields != SIGNUP_FIELDS:
        yield f"ACCOUNT_SIGNUP_FIELDS has {', '.join(fields)}, not {', '.join(SIGNUP_FIELDS)}"
    model = manifest.settings.get("AUTH_USER_MODEL", "auth.User")
    user = manifest.model(model)
    if user is None or user.table != TABLE:
        yield f"AUTH_USER_MODEL is {model}, and the native account pages write the table {TABLE}"
    if manifest.settings.get("AUTH_PASSWORD_VALIDATORS"):
        yield "AUTH_PASSWORD_VALIDATORS is not empty, and no validator is known natively"


def account_settings(manifest: Manifest | None, from_address: str | None) -> AccountSettings:
    """`from_address` is this installation's own word (STRANGLER_MAIL_FROM), if it has one."""
    if manifest is None:
        return AccountSettings(from_address=from_address or AccountSettings().from_address)
    told, allauth, paths = manifest.settings, manifest.allauth or {}, manifest.paths
    home = paths.get("LOGIN_REDIRECT_URL") or "/accounts/profile/"
    default = AccountSettings()
    return AccountSettings(
        site_id=told.get("SITE_ID") or default.site_id,
        login_url=paths.get("LOGIN_URL") or default.login_url,
        login_redirect_url=paths.get("ACCOUNT_LOGIN_REDIRECT_URL") or home,
        signup_redirect_url=paths.get("ACCOUNT_SIGNUP_REDIRECT_URL") or home,
        logout_redirect_url=paths.get("ACCOUNT_LOGOUT_REDIRECT_URL") or "/",
        subject_prefix=allauth.get("EMAIL_SUBJECT_PREFIX"),
        from_address=from_address or told.get("DEFAULT_FROM_EMAIL", default.from_address),
        confirmation_valid=timedelta(days=allauth.get("EMAIL_CONFIRMATION_EXPIRE_DAYS", 3)),
        username_min_length=allauth.get("USERNAME_MIN_LENGTH", default.username_min_length),
        remember=allauth.get("SESSION_REMEMBER"),
        remembered_seconds=allauth.get("SESSION_COOKIE_AGE", default.remembered_seconds),
    )


def rates(manifest: Manifest | None) -> Rates:
    """ACCOUNT_RATE_LIMITS as they are in force."""
    told = (manifest.allauth if manifest else None) or {}
    return rates_of({f"ACCOUNT_{name}": value for name, value in told.items()})
