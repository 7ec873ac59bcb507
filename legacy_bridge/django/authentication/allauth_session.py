"""What allauth keeps in the session beside Django's login."""

from typing import Any, Final

from legacy_bridge.django.authentication.session import ReadSession
from legacy_bridge.django.authentication.sign_in import Credentials
from legacy_bridge.django.identifiers import to_base36

METHODS: Final = "account_authentication_methods"
"""How the visitor proved who they are, oldest first; asked for before delicate changes."""
PENDING: Final = "account_login"
"""A login that waits for an address to be confirmed. Removed by the login and by log-out."""
RESET_KEY: Final = "_password_reset_key"
"""The reset token, so that it leaves the address bar. Removed by log-out."""
GONE_AT_LOG_OUT: Final = (PENDING, "account_password_reset_verification", RESET_KEY)
PENDING_SECONDS: Final = 15 * 60
RECENT_SECONDS: Final = 300


def proved_by_password(session: ReadSession, given: Credentials, now: float) -> dict[str, Any]:
    """To be set before the login, which may flush it, as with allauth. `now`: since 1970."""
    record: dict[str, Any] = {"method": "password", "at": now}
    if given.email:
        record["email"] = given.email
    if given.username:
        record["username"] = given.username
    return {METHODS: [*_records(session), record]}


def proved_again(session: ReadSession, now: float) -> dict[str, Any]:
    """The password was asked for once more."""
    record = {"method": "password", "at": now, "reauthenticated": True}
    return {METHODS: [*_records(session), record]}


def is_proof_recent(session: ReadSession, now: float) -> bool:
    """Whether the last proof is fresh enough for a delicate change."""
    records = _records(session)
    last = records[-1] if records else None
    at = last.get("at") if isinstance(last, dict) else None
    return isinstance(at, int | float) and now - at < RECENT_SECONDS


def pending_login(
    user_id: int | None,
    email: str | None,
    now: float,
    *,
    next_url: str | None,
    signup: bool = False,
) -> dict[str, Any]:
    """What allauth stores while the mail is on its way, for either side to read.

    `user_id` is None where a sign-up only pretends, because the address is known already.
    """
    login = {
        "user_pk": None if user_id is None else to_base36(user_id),
        "email_verification": "mandatory",
        "signup": signup,
        "redirect_url": next_url,
        "email": email,
        "phone": None,
        "signal_kwargs": {} if signup and user_id is not None else None,
        "state": {
            "stages": {
                "login_by_code": {"data": {}, "handled": True},
                "verify_phone": {"data": {}, "handled": True},
                "verify_email": {"data": {}},
                "current": "verify_email",
            }
        },
        "initiated_at": now,
    }
    return {PENDING: login}


def _records(session: ReadSession) -> list[Any]:
    records = session.get(METHODS)
    return records if isinstance(records, list) else []
