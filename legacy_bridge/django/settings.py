"""What the legacy project's settings say about sessions and messages; defaults are Django's.

In brackets the Django setting where its name is another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from legacy_bridge.django.cookies import CookieAttributes
from legacy_bridge.django.csrf import CsrfRules

TWO_WEEKS: Final = 1_209_600
YEAR: Final = 31_449_600
"""Seconds in 52 weeks."""
SESSION_COOKIE: Final = CookieAttributes(httponly=True, samesite="Lax")
CSRF_COOKIE: Final = CookieAttributes(samesite="Lax")
DEBUG, INFO, SUCCESS, WARNING, ERROR = 10, 20, 25, 30, 40
DEFAULT_TAGS: Final[Mapping[int, str]] = MappingProxyType(
    {DEBUG: "debug", INFO: "info", SUCCESS: "success", WARNING: "warning", ERROR: "error"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """SECRET_KEY and SECRET_KEY_FALLBACKS; never shown."""

    key: str | bytes = field(repr=False)
    fallbacks: tuple[str | bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """SESSION_…; ages in seconds."""

    cookie_name: str = "sessionid"
    cookie_age: int = TWO_WEEKS
    cookie: CookieAttributes = SESSION_COOKIE
    save_every_request: bool = False
    expire_at_browser_close: bool = False
    salt: str = "django.contrib.sessions.SessionStore"
    """Django takes it from the name of the store's class; a project's own class has its own."""
    time_zone: ZoneInfo | None = None
    """Where `USE_TZ = False`, the zone that naive times are in (TIME_ZONE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """An entry of CACHES. Cached sessions are in that of SESSION_CACHE_ALIAS."""

    key_prefix: str = ""
    version: int = 1
    serializer: Literal["pickle", "json"] = "pickle"
    """What the `OPTIONS["serializer"]` of a RedisCache writes. Both are read."""
    max_entries: int = 300
    cull_frequency: int = 3
    """A table with more than `max_entries` loses one entry in so many; 0 is all of them."""

    def name(self, key: str) -> str:
        """What an entry is called, unless the project has a KEY_FUNCTION of its own."""
        return f"{self.key_prefix}:{self.version}:{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettings:
    """MESSAGE_LEVEL, MESSAGE_TAGS, and what CookieStorage has as class attributes."""

    level: int = INFO
    tags: Mapping[int, str] = field(default_factory=lambda: DEFAULT_TAGS)
    """The whole table: the defaults with the project's own over them."""
    cookie_name: str = "messages"
    cookie: CookieAttributes = SESSION_COOKIE
    """Django takes domain, Secure, HttpOnly and SameSite of the session's cookie, path `/`."""
    max_cookie_size: int = 2048
    """Octets of the quoted value; 0 is without limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrfSettings:
    """CSRF_…; `cookie_age` in seconds, None for the browser's end."""

    cookie_name: str = "csrftoken"
    cookie_age: int | None = YEAR
    cookie: CookieAttributes = CSRF_COOKIE
    header: str = "x-csrftoken"
    """CSRF_HEADER_NAME as it comes over the wire, in small letters."""
    in_session: bool = False
    """CSRF_USE_SESSIONS."""
    rules: CsrfRules = field(default_factory=CsrfRules)
