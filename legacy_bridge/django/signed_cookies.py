"""Values of cookies that are signed for their name: `set_signed_cookie`, `get_signed_cookie`.

Newer releases (5.2.19 is one) put the length of the caller's salt before it, so that the name `ab`
with the salt `c` and the name `a` with `bc` no longer share signatures. They read the older form as
well (SIGNED_COOKIE_LEGACY_SALT_FALLBACK); older ones read nothing else.
"""

from legacy_bridge.django.settings import Secrets
from legacy_bridge.django.signing import (
    BadSignatureError,
    MaxAge,
    SignatureExpiredError,
    TimestampSigner,
    cookie_signer,
)


def sign_cookie(
    name: str, value: str, secrets: Secrets, *, salt: str = "", older_form: bool
) -> str:
    """The value to set, in the form that the legacy project's Django writes."""
    return _signer(name, secrets, salt, older_form=older_form).sign(value)


def unsign_cookie(
    name: str, signed: str, secrets: Secrets, *, salt: str = "", max_age: MaxAge = None
) -> str:
    """The value that was signed, in either form; `BadSignatureError` otherwise."""
    try:
        return _signer(name, secrets, salt, older_form=False).unsign(signed, max_age)
    except SignatureExpiredError:
        raise
    except BadSignatureError:
        return _signer(name, secrets, salt, older_form=True).unsign(signed, max_age)


def _signer(name: str, secrets: Secrets, salt: str, *, older_form: bool) -> TimestampSigner:
    whole = name + salt if older_form else f"django.http.cookies.v2:{len(salt)}:{salt}{name}"
    return cookie_signer(secrets.key, fallback_keys=secrets.fallbacks, salt=whole)
