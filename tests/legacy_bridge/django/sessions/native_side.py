"""Our side of a visit: what `django_answers/visits.py` does with Django."""

import json
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.cookies import CookieAttributes, parse_cookies
from legacy_bridge.django.sessions.cache import CacheStore
from legacy_bridge.django.sessions.cached_database import CachedDatabaseStore
from legacy_bridge.django.sessions.closing import close
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.sessions.store import SessionStore
from legacy_bridge.django.settings import TWO_WEEKS, CacheSettings, Secrets, SessionSettings
from legacy_bridge.django.vary import vary_on
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET

SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))
ENGINES = ("db", "cached_db", "cache", "signed_cookies")


class NativeSide:
    """The four stores on the servers that Django has too."""

    def __init__(self, url: str, legacy: AsyncEngine, redis: Redis) -> None:
        self.url = url
        self.engine = legacy
        self.redis = redis
        codec = SessionCodec(SECRETS, SessionSettings().salt)
        database = DatabaseStore(legacy, codec)
        self.cache = RedisCache(redis, CacheSettings())
        self.stores: dict[str, SessionStore] = {
            "db": database,
            "cached_db": CachedDatabaseStore(database, self.cache, codec),
            "cache": CacheStore(self.cache),
            "signed_cookies": SignedCookieStore(SECRETS, TWO_WEEKS),
        }

    def session(
        self, engine: str, key: str | None, settings: SessionSettings | None = None
    ) -> Session:
        return Session(self.stores[engine], settings or SessionSettings(), key)

    async def visit(
        self,
        engine: str,
        cookie: str,
        steps: Sequence[Sequence[Any]],
        status: int,
        settings: dict[str, Any],
    ) -> dict[str, Any]:
        """The same question and answer as Django's; `settings` have Django's names."""
        ours = session_settings(settings)
        cookies = parse_cookies(cookie.encode())
        session = self.session(engine, cookies.get(ours.cookie_name), ours)
        seen = [await done(session, *step) for step in steps]
        fields = await close(session, ours, cookie_sent=ours.cookie_name in cookies, status=status)
        return {
            "seen": json.loads(json.dumps(seen)),
            "set_cookie": [fields.set_cookie.decode("latin-1")] if fields.set_cookie else [],
            "vary": vary_on(None, "Cookie") if fields.vary else None,
        }


def session_settings(told: dict[str, Any]) -> SessionSettings:
    return SessionSettings(
        cookie=CookieAttributes(
            path=told.get("SESSION_COOKIE_PATH", "/"),
            domain=told.get("SESSION_COOKIE_DOMAIN"),
            secure=told.get("SESSION_COOKIE_SECURE", False),
            httponly=told.get("SESSION_COOKIE_HTTPONLY", True),
            samesite=told.get("SESSION_COOKIE_SAMESITE", "Lax"),
        ),
        save_every_request=told.get("SESSION_SAVE_EVERY_REQUEST", False),
        expire_at_browser_close=told.get("SESSION_EXPIRE_AT_BROWSER_CLOSE", False),
    )


async def done(session: Session, verb: str, *arguments: Any) -> Any:
    if verb in ("flush", "cycle_key", "save"):
        return await getattr(session, verb)()
    if verb == "is_empty":
        return session.is_empty
    if verb != "clear":
        await session.load()
    try:
        match verb:
            case "set":
                session[arguments[0]] = arguments[1]
            case "delete":
                del session[arguments[0]]
            case "items":
                return list(session.items())
            case _:
                return getattr(session, verb)(*arguments)
    except KeyError:
        return "KeyError"
    return None
