"""The console as an ASGI application: which page, who asks, and what every answer carries."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Any

import structlog

from proxy.console.api import Api
from proxy.console.asked import (
    Answer,
    Asked,
    RefusedError,
    as_json,
    read_form,
    see_other,
)
from proxy.console.entrance import Entrance
from proxy.console.events import Viewers, events
from proxy.console.forms import Forms
from proxy.console.pages import Pages, Visit, page, window_of
from proxy.console.permission import Operator
from proxy.console.recognition import (
    BEARER,
    AnonymousError,
    ForbiddenError,
    Recognition,
)
from proxy.console.rendering import ASSETS, asset
from proxy.forcing import pass_line
from proxy.server.asgi import Receive, Scope, Send

log = structlog.get_logger("console")
Handler = Callable[..., Awaitable[Answer]]
_SAFE = ("GET", "HEAD")
_GIVE_PASS = ("", "api/overview")
_DOMAIN = r"domains/([a-z][a-z0-9_]{0,62})"
_CONFLICT = r"conflicts/((?:legacy|native)-[0-9]{1,18})"


@dataclass(frozen=True, slots=True)
class Route:
    """`get` and `post` are called with the `Visit` and what the pattern has found."""

    pattern: re.Pattern[str]
    get: Handler | None = None
    post: Handler | None = None

    @property
    def allowed(self) -> str:
        methods = (("GET, HEAD", self.get), ("POST", self.post))
        return ", ".join(name for name, handler in methods if handler)


def _route(pattern: str, get: Handler | None = None, post: Handler | None = None) -> Route:
    return Route(re.compile(pattern, re.ASCII), get, post)


class Console:
    """`viewers` are those of the stream of events; `key` signs the pass for Strangler-Force."""

    def __init__(
        self,
        recognition: Recognition,
        pages: Pages,
        forms: Forms,
        api: Api,
        viewers: Viewers,
        key: bytes,
    ) -> None:
        self._recognition = recognition
        self._key = key
        self._entrance = Entrance(recognition)
        self._pages = pages
        self._viewers = viewers
        self._routes = (
            _route("", pages.overview),
            _route("changes", pages.changes),
            _route(_DOMAIN, pages.domain),
            _route(f"{_DOMAIN}/change", forms.review_change, forms.change),
            _route(f"{_DOMAIN}/rollback", forms.review_rollback, forms.roll_back),
            _route(f"{_DOMAIN}/{_CONFLICT}", forms.review_conflict, forms.settle_conflict),
            _route(f"{_DOMAIN}/repair", forms.review_repair, forms.repair),
            _route(f"{_DOMAIN}/strays", forms.review_strays, forms.set_strays),
            _route("logout", None, self._log_out),
            _route("api/overview", api.overview),
            _route(f"api/{_DOMAIN}", api.domain),
            _route("api/changes", api.changes),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = None
        try:
            asked = Asked.of(scope)
            if asked.path == "events" and asked.method in _SAFE:
                await self._stream(asked, send)
                return
            answer = await self._answer(asked, receive)
        except RefusedError as error:
            answer = _refused(asked, error)
        await _send(send, answer)

    async def _answer(self, asked: Asked, receive: Receive) -> Answer:
        if asked.path in ASSETS:
            return _asset(asked)
        if asked.path == "login":
            return await self._login(asked, receive)
        route, found = self._routed(asked.path)
        if asked.method in _SAFE and route.get is not None:
            handler = route.get
        elif asked.method == "POST" and route.post is not None:
            handler = route.post
        else:
            raise RefusedError(405, f"Only {route.allowed}.", ("allow", route.allowed))
        try:
            operator = await self._recognition.operator(asked)
        except AnonymousError:
            return self._ask_who(asked)
        except ForbiddenError as error:
            return self._forbidden(asked, error)
        if asked.method == "POST":
            asked = await self._admit(asked, operator, receive)
        answer: Answer = await handler(self._visit(asked, operator), *found)
        return self._with_pass(asked, answer) if asked.path in _GIVE_PASS else answer

    def _with_pass(self, asked: Asked, answer: Answer) -> Answer:
        """Operators may choose a side (forcing.py)."""
        line = pass_line(self._key, time(), secure=asked.secure).decode("ascii")
        value = line.removeprefix("Set-Cookie: ").strip()
        return replace(answer, headers=(*answer.headers, ("set-cookie", value)))

    def _visit(self, asked: Asked, operator: Operator) -> Visit:
        binding = operator.binding
        tickets = self._recognition.tickets
        return Visit(asked, operator, tickets.form_token(binding) if binding else "")

    async def _admit(self, asked: Asked, operator: Operator, receive: Receive) -> Asked:
        """A form: of a page of ours, that this very browser was shown."""
        binding = operator.binding
        if binding is not None and not asked.comes_from_here:
            raise RefusedError(403, "This form was not sent from the console's own page.")
        form = await read_form(asked, receive)
        given = form.get("form_token", "")
        if binding is not None and not self._recognition.tickets.is_form_token(given, binding):
            raise RefusedError(
                403, "This form is of another login: go back, load the page anew, and try again."
            )
        return asked.with_form(form)

    def _routed(self, path: str) -> tuple[Route, tuple[str, ...]]:
        for route in self._routes:
            if match := route.pattern.fullmatch(path):
                return route, match.groups()
        raise RefusedError(404, "There is no such page of the proxy.")

    async def _login(self, asked: Asked, receive: Receive) -> Answer:
        if asked.method in _SAFE:
            return await self._entrance.login(asked, self._known(asked.query.get("next", "")))
        if asked.method != "POST":
            raise RefusedError(405, "Only GET, HEAD, POST.", ("allow", "GET, HEAD, POST"))
        asked = asked.with_form(await read_form(asked, receive))
        return await self._entrance.log_in(asked, self._known(asked.form.get("next", "")))

    def _known(self, path: str) -> str:
        """Only pages of the console are led back to."""
        known = any(route.get and route.pattern.fullmatch(path) for route in self._routes)
        return path if known else ""

    def _ask_who(self, asked: Asked) -> Answer:
        if _is_api(asked):
            fault = {"error": "send Authorization: Bearer TOKEN"}
            return as_json(401, fault, ("www-authenticate", BEARER))
        target = asked.path if asked.method in _SAFE else ""
        return see_other(f"login?next={target}" if target else "login")

    def _forbidden(self, asked: Asked, error: ForbiddenError) -> Answer:
        if _is_api(asked):
            return as_json(403, {"error": f"{error.name} is no operator"})
        operators = self._recognition.operators
        return page("forbidden.html", 403, name=error.name, operators=operators)

    async def _log_out(self, visit: Visit) -> Answer:
        return await self._entrance.log_out(visit.asked)

    async def _stream(self, asked: Asked, send: Send) -> None:
        try:
            await self._recognition.operator(asked)
        except AnonymousError:
            raise RefusedError(401, "Log in first.", ("www-authenticate", BEARER)) from None
        except ForbiddenError:
            raise RefusedError(403, "You are no operator.") from None
        if self._viewers.full:
            raise RefusedError(503, "Too many are looking on.", ("retry-after", "30"))
        window, name = window_of(asked), asked.query.get("domain")
        await self._pages.look(name, window)  # a domain that there is not is told before the head
        start = _start(200, "text/event-stream", (), None)
        await send(start)
        if asked.method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        stream = events(self._viewers, lambda: self._pages.look(name, window))
        try:
            async for piece in stream:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await stream.aclose()


def _is_api(asked: Asked) -> bool:
    return asked.path.startswith("api/")


def _asset(asked: Asked) -> Answer:
    """Named with their hash, so that a browser may keep them; nothing in them is a secret."""
    if asked.method not in _SAFE:
        raise RefusedError(405, "Only GET, HEAD.", ("allow", "GET, HEAD"))
    keep = (("cache-control", "public, max-age=31536000, immutable"),)
    return Answer(200, asset(asked.path), ASSETS[asked.path], keep)


def _refused(asked: Asked | None, error: RefusedError) -> Answer:
    if asked is not None and (_is_api(asked) or "authorization" in asked.headers):
        return as_json(error.status, {"error": error.reason}, *error.headers)
    return page("refused.html", error.status, *error.headers, error=error)


def _policy(nonce: str | None) -> str:
    """Scripts and styles of the site, which is on the same origin, are none of ours."""
    own = f"'nonce-{nonce}'" if nonce else "'none'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; "
        "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _start(
    status: int, content_type: str, headers: tuple[tuple[str, str], ...], nonce: str | None
) -> dict[str, Any]:
    fields: Mapping[str, str] = {
        "content-type": content_type,
        "cache-control": "no-store",
        "content-security-policy": _policy(nonce),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        # Not no-referrer: with that browsers do not say where a form comes from.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    own = {name for name, _ in headers}
    lines = [(name, value) for name, value in fields.items() if name not in own] + list(headers)
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines],
    }


async def _send(send: Send, answer: Answer) -> None:
    await send(_start(answer.status, answer.content_type, answer.headers, answer.nonce))
    await send({"type": "http.response.body", "body": answer.body})
