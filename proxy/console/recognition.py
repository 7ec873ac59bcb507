"""Who is asking: a token in the Authorization field, the console's cookie, Django's session.

The first that is there decides. What cannot be found out is said, and lets nobody in.
"""

import logging
import math
import time
from collections.abc import Iterable

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from legacy_bridge.django.authentication.user import ANONYMOUS, Visitor
from legacy_bridge.django.cookies import CookieAttributes, delete_cookie, set_cookie
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.store import SessionError
from ported_domains.shared.database import DatabaseDownError
from ported_domains.shared.visitors.contracts import Contracts
from proxy.console.asked import PREFIX, Asked, RefusedError
from proxy.console.attempts import Attempts
from proxy.console.permission import Operator, Operators, Token
from proxy.console.tickets import LIFETIME_SECONDS, Tickets

COOKIE = "strangler_console"
UNREACHABLE = (SQLAlchemyError, DatabaseDownError, RedisError, OSError, TimeoutError)

log = logging.getLogger(__name__)


class AnonymousError(Exception):
    """Nobody has said yet who it is."""


class ForbiddenError(Exception):
    """Somebody is logged in on the site and is no operator. `name` is shown to that person."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Recognition:
    """`contracts`: how sessions of the legacy site are read; None where the settings do not say."""

    def __init__(
        self, operators: Operators, contracts: Contracts | None, secrets: Iterable[str]
    ) -> None:
        self.operators = operators
        self.contracts = contracts
        self.tickets = Tickets(secrets)
        self._attempts = Attempts()

    @property
    def login_url(self) -> str | None:
        """Where users of the legacy site log in; None where that helps nobody."""
        if self.contracts is None or not self.operators.knows_users:
            return None
        return f"{self.contracts.login_url}?next={PREFIX}"

    async def operator(self, asked: Asked) -> Operator:
        """Raises `AnonymousError`, `ForbiddenError` or `RefusedError`."""
        if "authorization" in asked.headers:
            return self._bearer(asked)
        cookie = asked.cookies.get(COOKIE)
        if cookie is not None:
            found = self.tickets.token_id(cookie, time.time())
            token = None if found is None else self.operators.token_of(found)
            if token is not None:
                return Operator(f"token {token.name}", cookie)
        return await self._user(asked)

    def enter(self, asked: Asked, given: str) -> str:
        """The Set-Cookie value for who gives a token. Raises `RefusedError`."""
        token = self._tried(asked, given)
        log.info("console: %s logs in as token %s", asked.address, token.name)
        ticket = self.tickets.issue(token.id, time.time())
        return set_cookie(
            COOKIE, ticket, cookie_attributes(asked), max_age=LIFETIME_SECONDS
        ).decode("latin-1")

    def leave(self, asked: Asked) -> str:
        """The Set-Cookie value that forgets the cookie."""
        return delete_cookie(COOKIE, cookie_attributes(asked)).decode("latin-1")

    def _bearer(self, asked: Asked) -> Operator:
        scheme, _, given = asked.headers["authorization"].partition(" ")
        if scheme.lower() != "bearer":
            raise RefusedError(
                401, "Only Authorization: Bearer TOKEN is known here.", ("www-authenticate", BEARER)
            )
        return Operator(f"token {self._tried(asked, given.strip()).name}", None)

    def _tried(self, asked: Asked, given: str) -> Token:
        """Neither the token nor how near it came is told to anybody."""
        now = time.monotonic()
        wait = self._attempts.wait(asked.address, now)
        if wait > 0:
            seconds = str(math.ceil(wait))
            raise RefusedError(
                429, f"Too many wrong tokens: wait {seconds} s.", ("retry-after", seconds)
            )
        token = self.operators.token(given)
        if token is None:
            self._attempts.failed(asked.address, now)
            log.warning("console: a wrong token from %s", asked.address)
            raise RefusedError(
                401, "This token is not one of STRANGLER_OPERATORS.", ("www-authenticate", BEARER)
            )
        return token

    async def _user(self, asked: Asked) -> Operator:
        contracts = self.contracts
        if contracts is None or not self.operators.knows_users:
            raise AnonymousError
        settings = contracts.session_settings
        session = Session(contracts.sessions, settings, asked.cookies.get(settings.cookie_name))
        if session.key is None:
            raise AnonymousError
        try:
            visitor: Visitor = await contracts.recognition.recognise(session)
        except SessionError:
            visitor = ANONYMOUS
        except UNREACHABLE:
            raise RefusedError(
                503,
                "The legacy database does not say who you are. An operator with a token gets in.",
                ("retry-after", "5"),
            ) from None
        if not visitor.is_authenticated or session.key is None:
            raise AnonymousError
        if not self.operators.admits(visitor):
            raise ForbiddenError(visitor.get_username())
        return Operator(visitor.get_username(), session.key)


BEARER = 'Bearer realm="strangler"'


def cookie_attributes(asked: Asked) -> CookieAttributes:
    return CookieAttributes(path=PREFIX, secure=asked.secure, httponly=True, samesite="Strict")
