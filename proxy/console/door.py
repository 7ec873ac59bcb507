"""Whether there is a console: without STRANGLER_OPERATORS nobody may use it, and it says so."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from proxy.server.asgi import Application, Receive, Scope, Send

SHUT = (
    b"The console is closed: nobody may use it.\n"
    b"Set STRANGLER_OPERATORS to who may, such as permission:app_label.codename, superusers or\n"
    b"token:NAME:SHA256 (docs/console.md), and start the proxy anew.\n"
)
NOTHING = b"There is no such page of the proxy.\n"
_PAGES = frozenset({"", "login", "logout", "changes", "domains", "events", "api"})


@dataclass(frozen=True, slots=True)
class Opened:
    """`beside` is to run as long as the worker does."""

    application: Application
    beside: Callable[[], Coroutine[object, object, None]]


async def _shut(scope: Scope, receive: Receive, send: Send) -> None:
    page = scope["path"].removeprefix("/__strangler__/").partition("/")[0]
    status, body = (403, SHUT) if page in _PAGES else (404, NOTHING)
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _nothing() -> None:
    return


CLOSED = Opened(_shut, _nothing)
