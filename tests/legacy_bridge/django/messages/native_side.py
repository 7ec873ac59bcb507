"""Our side of a visit with messages: what `django_answers/visits.py` does with Django."""

import json
from typing import Any

from markupsafe import Markup

from legacy_bridge.django.cookies import CookieAttributes, parse_cookies
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.messages.storage import (
    CookieStorage,
    FallbackStorage,
    SessionStorage,
    Storage,
    message_signer,
)
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.settings import (
    DEFAULT_TAGS,
    TWO_WEEKS,
    MessageSettings,
    Secrets,
    SessionSettings,
)
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET

STORAGES = ("cookie", "session", "fallback")
SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))
SIGNER = message_signer(SECRETS)


async def native_visit(
    storage: str,
    cookie: str,
    session: dict[str, Any],
    steps: list[list[Any]],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The same question and answer."""
    ours = empty_session()
    ours.update(session)
    told = message_settings(settings)
    sent = parse_cookies(cookie.encode()).get(told.cookie_name)
    messages = Messages(storage_of(storage, sent, ours, told), told)
    seen = [await done(messages, *step) for step in steps]
    lines: list[bytes] = []
    await messages.store(lines)
    return {
        "seen": json.loads(json.dumps(seen)),
        "set_cookie": [line.decode("latin-1") for line in lines],
        "session": dict(ours.items()),
    }


def empty_session() -> Session:
    return Session(SignedCookieStore(SECRETS, TWO_WEEKS), SessionSettings(), None)


def storage_of(name: str, sent: str | None, session: Session, settings: MessageSettings) -> Storage:
    cookie = CookieStorage(SIGNER, settings, sent)
    in_session = SessionStorage(session, settings)
    storages: dict[str, Storage] = {
        "cookie": cookie,
        "session": in_session,
        "fallback": FallbackStorage(cookie, in_session),
    }
    return storages[name]


def message_settings(told: dict[str, Any]) -> MessageSettings:
    return MessageSettings(
        level=told.get("MESSAGE_LEVEL", 20),
        tags={**DEFAULT_TAGS, **told.get("MESSAGE_TAGS", {})},
        cookie=CookieAttributes(
            domain=told.get("SESSION_COOKIE_DOMAIN"),
            secure=told.get("SESSION_COOKIE_SECURE", False),
            httponly=told.get("SESSION_COOKIE_HTTPONLY", True),
            samesite=told.get("SESSION_COOKIE_SAMESITE", "Lax"),
        ),
    )


async def done(messages: Messages, verb: str, *arguments: Any) -> Any:
    match verb:
        case "add":
            level, text, extra_tags, safe = arguments
            messages.add(level, Markup(text) if safe else text, extra_tags)
        case "level":
            messages.level = arguments[0]
        case "len":
            await messages.load()
            return len(messages)
        case "show":
            await messages.load()
            return [
                [m.level, str(m), hasattr(m.message, "__html__"), m.tags, m.level_tag]
                for m in messages
            ]
    return None
