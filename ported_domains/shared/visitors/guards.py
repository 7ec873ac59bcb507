"""Who may pass: Litestar guards with Django's refusals (behaviour/site.md §8, §15).

    path("password/change/", change, guards=(no_robots, login_required), methods=("GET", "POST"))

They are asked in their order, before anything else that the handler depends on.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from legacy_bridge.django.redirects import location, login_location
from ported_domains.shared.manners import HTML, PER_VISITOR, Answer
from ported_domains.shared.visitors.state import VisitorState

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

VISITOR_KEY: Final = "strangler.visitor_state"
"""In the scope: the `VisitorState` of this request."""


class RefusedError(Exception):
    """A guard's own answer, instead of the handler's."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"answered with {answer.status}")


class RobotError(Exception):
    """The honeypot's field is not as a person leaves it. `field` is its name."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"the field {field} was filled in")


class ContractsMissingError(Exception):
    """The route needs the legacy site's sessions, and the settings for them are not there."""


def visitor_of(connection: Connection) -> VisitorState:
    visitor: VisitorState | None = connection.scope.get(VISITOR_KEY)  # type: ignore[assignment]
    if visitor is None:
        raise ContractsMissingError(
            "STRANGLER_LEGACY_SECRET_KEY and STRANGLER_LEGACY_DATABASE_URL are needed for sessions"
        )
    return visitor


async def no_robots(connection: Connection, _: BaseRouteHandler) -> None:
    """400 for a POST without the honeypot's field, before anyone asks who it is."""
    visitor = visitor_of(connection)
    honeypot = visitor.contracts.honeypot
    caught = None if honeypot is None else honeypot.caught(visitor.visit.method, visitor.form)
    if caught is not None:
        raise RobotError(caught)


async def login_required(connection: Connection, _: BaseRouteHandler) -> None:
    """Anonymous visitors are sent to log in, and come back after it."""
    visitor = visitor_of(connection)
    await visitor.load()
    if not visitor.user.is_authenticated:
        raise _to_login(visitor)


async def staff_required(connection: Connection, _: BaseRouteHandler) -> None:
    """Staff that is active; others are sent to log in."""
    visitor = visitor_of(connection)
    await visitor.load()
    if not (visitor.user.is_active and visitor.user.is_staff):
        raise _to_login(visitor)


def permission_required(*permissions: str) -> Guard:
    """All of them, as `app.codename`. Anonymous visitors are sent to log in, others get 403."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        visitor = await _signed_in(connection)
        if not visitor.user.has_perms(permissions):
            raise PermissionDeniedException

    return guard


def group_required(*names: str) -> Guard:
    """Any of the groups; superusers are in all. Refused as by `permission_required`."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        visitor = await _signed_in(connection)
        if not visitor.user.is_in_group(*names):
            raise PermissionDeniedException

    return guard


def flag_required(name: str) -> Guard:
    """404 where the feature is off for this visitor."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if not await visitor_of(connection).flag_is_on(name):
            raise NotFoundException

    return guard


async def _signed_in(connection: Connection) -> VisitorState:
    visitor = visitor_of(connection)
    await visitor.load()
    if not visitor.user.is_authenticated:
        raise _to_login(visitor)
    return visitor


def _here(visitor: VisitorState) -> str:
    """This page, as the login page names it: whole, where that is another site's."""
    visit, login = visitor.visit, urlsplit(visitor.contracts.login_url)
    same_site = login.scheme in ("", visit.scheme) and login.netloc in ("", visit.host)
    return visit.full_path if same_site else visitor.absolute(visit.full_path)


def _to_login(visitor: VisitorState) -> RefusedError:
    to = location(login_location(_here(visitor), visitor.contracts.login_url))
    return RefusedError(Answer(302, (HTML, PER_VISITOR, ("location", to))))
