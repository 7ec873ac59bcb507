"""What the four stores have in common: their four verbs, and the keys of sessions."""

import re
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

Values = dict[str, Any]
"""A session's values, as JSON has them."""

_LETTERS: Final = string.ascii_lowercase + string.digits
_LOOKED_UP = re.compile("[^\0\ud800-\udfff]{8,40}").fullmatch


class SessionError(Exception):
    """Something about a session that its visitor is not to blame for."""


class SessionInterruptedError(SessionError):
    """The session was deleted by another request, a log-out perhaps, while this one ran.

    Django answers 400.
    """


class UnreadableSessionError(SessionError):
    """The cache holds what only the legacy project can read; the message names it.

    Such a session must be served by the legacy site: to write it would lose a part of it.
    """


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a store is to keep a session that is saved now."""

    seconds: float
    """May be negative: then it is over."""
    ends: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store found."""

    values: Values
    key: str | None
    """None if there is no such session."""
    modified: bool = False
    """Whether it must be saved even if nobody touches it."""

    @classmethod
    def nothing(cls) -> Self:
        return cls({}, None)  # each with values of its own: the session goes on with them


class SessionStore(Protocol):
    """Where sessions are. What cannot be reached raises the driver's own errors."""

    async def load(self, key: str) -> Loaded:
        """The session of that key, which comes from a visitor: any text of 8 characters or more."""

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        """Store a new session: its key."""

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> str | None:
        """Store these values instead: the key that the cookie must get now, if it is another.

        `SessionInterruptedError` if there is no session of that key any more.
        """

    async def delete(self, key: str) -> None:
        """Remove the session; none of that key is no fault."""


def new_key() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(32))


def may_exist(key: str) -> bool:
    """Whether a key is worth a question to a server, and harmless in it."""
    return _LOOKED_UP(key) is not None
