"""What a session does to the answer: Django's SessionMiddleware, decided purely and then done."""

import time
from dataclasses import dataclass
from enum import Enum
from typing import Final

from legacy_bridge.django.cookies import delete_cookie, set_cookie
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.settings import SessionSettings

FIRST_FAULT: Final = 500
"""From this status on nothing is saved: the handler failed half-way."""


class Deed(Enum):
    """What becomes of the session and of its cookie."""

    LEAVE = "leave both"
    FORGET = "delete the cookie"
    SAVE = "save the session, set the cookie"


@dataclass(frozen=True, slots=True)
class Closing:
    """The deed, and whether the answer depends on the visitor's cookies (`Vary: Cookie`)."""

    deed: Deed
    vary: bool


@dataclass(frozen=True, slots=True)
class SessionFields:
    """What to add to the answer's head."""

    set_cookie: bytes | None
    vary: bool


def closing(
    *,
    accessed: bool,
    modified: bool,
    empty: bool,
    cookie_sent: bool,
    status: int,
    save_every_request: bool,
) -> Closing:
    """The decision, from the session's state, the request and the answer's status."""
    if cookie_sent and empty:
        return Closing(Deed.FORGET, vary=True)
    if (modified or save_every_request) and not empty and status < FIRST_FAULT:
        return Closing(Deed.SAVE, vary=True)
    return Closing(Deed.LEAVE, vary=accessed)


async def close(
    session: Session, settings: SessionSettings, *, cookie_sent: bool, status: int
) -> SessionFields:
    """Decide, save what is to be saved, and say what the head gets.

    `cookie_sent` is whether the request had the session's cookie, whatever its value.
    `SessionInterruptedError` if another request deleted the session meanwhile.
    """
    decided = closing(
        accessed=session.accessed,
        modified=session.modified,
        empty=session.is_empty,
        cookie_sent=cookie_sent,
        status=status,
        save_every_request=settings.save_every_request,
    )
    match decided.deed:
        case Deed.LEAVE:
            line = None
        case Deed.FORGET:
            line = delete_cookie(settings.cookie_name, settings.cookie)
        case Deed.SAVE:
            line = await _saved(session, settings)
    return SessionFields(line, decided.vary)


async def _saved(session: Session, settings: SessionSettings) -> bytes:
    await session.load()
    age = None if session.ends_with_browser else session.lifetime.seconds
    now = time.time()
    await session.save()
    return set_cookie(
        settings.cookie_name, session.key or "", settings.cookie, max_age=age, now=now
    )
