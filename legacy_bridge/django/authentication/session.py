"""A login in the session: its three keys, and what login, log-out and a new password do to them.

Functions that decide read the session's values and return what is to change; `apply` does it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol

from legacy_bridge.django.authentication.user import ANONYMOUS, User, Visitor
from legacy_bridge.django.secrecy import salted_hmac, same_text
from legacy_bridge.django.settings import Secrets

USER_ID = "_auth_user_id"
BACKEND = "_auth_user_backend"
HASH = "_auth_user_hash"
HASH_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
_MOST = 2**63 - 1

Values = Mapping[str, Any]


class ReadSession(Protocol):
    """What the decisions need of a session; its values as a mapping do, too."""

    def __contains__(self, key: str, /) -> bool: ...
    def __getitem__(self, key: str, /) -> Any: ...
    def get(self, key: str, default: Any = None, /) -> Any: ...


class Key(Enum):
    """What becomes of the session itself before values are set."""

    KEPT = auto()
    CYCLED = auto()
    """The same values under a new key, so that who planted the old one gains nothing."""
    FLUSHED = auto()
    """Everything is forgotten."""


@dataclass(frozen=True, slots=True)
class SessionChange:
    key: Key = Key.KEPT
    values: Values = field(default_factory=dict)


NO_CHANGE = SessionChange()
LOG_OUT = SessionChange(Key.FLUSHED)


class OpenSession(Protocol):
    """What `apply` needs of a session."""

    def update(self, values: Values) -> None: ...
    async def cycle_key(self) -> None: ...
    async def flush(self) -> None: ...


async def apply(change: SessionChange, session: OpenSession) -> None:
    if change.key is Key.CYCLED:
        await session.cycle_key()
    elif change.key is Key.FLUSHED:
        await session.flush()
    if change.values:
        session.update(change.values)


def session_hash(password: str, key: str | bytes) -> str:
    """What ties a session to the stored password: with a new one, all other sessions end."""
    return salted_hmac(HASH_SALT, password, key)


def claimed_user(session: ReadSession, backends: Collection[str]) -> int | None:
    """The id to look up, if the session says so and by a backend that still counts."""
    backend = session.get(BACKEND)
    if not isinstance(backend, str) or backend not in backends:
        return None
    return _id(session.get(USER_ID))


def visitor_of(
    session: ReadSession, found: User | None, secrets: Secrets
) -> tuple[Visitor, SessionChange]:
    """Who the visitor is, if the claimed user was `found`, and what the session must become.

    A session of another password is flushed. One of an inactive or deleted user stays as it is:
    Django sees nobody in it, but leaves it.
    """
    if found is None or not found.is_active:
        return ANONYMOUS, NO_CHANGE
    given = session.get(HASH)
    if not given or not isinstance(given, str):
        return ANONYMOUS, LOG_OUT
    current = session_hash(found.password, secrets.key)
    if same_text(given, current):
        return found, NO_CHANGE
    if any(same_text(given, session_hash(found.password, key)) for key in secrets.fallbacks):
        return found, SessionChange(Key.CYCLED, {HASH: current})
    return ANONYMOUS, LOG_OUT


def log_in(session: ReadSession, user: User, backend: str, secrets: Secrets) -> SessionChange:
    """`user` with the password as it is stored now: an outdated one is made anew before.

    What an anonymous visitor had in the session stays. The CSRF secret is to be rotated too.
    """
    proof = session_hash(user.password, secrets.key)
    values = {USER_ID: str(user.id), BACKEND: backend, HASH: proof}
    if USER_ID not in session:
        return SessionChange(Key.CYCLED, values)
    given = session.get(HASH, "")
    same = _id(session[USER_ID]) == user.id and isinstance(given, str) and same_text(given, proof)
    return SessionChange(Key.KEPT if same else Key.FLUSHED, values)


def password_changed(visitor: Visitor, changed: User, secrets: Secrets) -> SessionChange:
    """Keeps the session in which the password of `changed` was set; all others of the user end."""
    if visitor.id != changed.id:
        return SessionChange(Key.CYCLED)
    return SessionChange(Key.CYCLED, {HASH: session_hash(changed.password, secrets.key)})


def _id(claimed: object) -> int | None:
    """Django writes the id as text. What no id can be is nobody's, where Django would fail."""
    try:
        number = int(claimed) if isinstance(claimed, str | int) else None
    except ValueError:
        return None
    return number if number is not None and abs(number) <= _MOST else None
