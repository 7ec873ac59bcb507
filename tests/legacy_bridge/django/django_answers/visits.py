"""Whole requests through Django's middleware for sessions and messages."""

import io
import pickle
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import override_settings
from django.utils.safestring import mark_safe

BACKENDS = "django.contrib.sessions.backends"
STORAGES = "django.contrib.messages.storage"
OPEN: dict[str, Any] = {}


def create_tables() -> None:
    from django.contrib.sessions.models import Session

    with connection.schema_editor() as editor:
        editor.create_model(Session)


def seed(engine: str, values: dict[str, Any], seconds: float) -> Any:
    """A new session that lasts so long: its key."""
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.{engine}", SESSION_COOKIE_AGE=seconds):
        session = import_module(f"{BACKENDS}.{engine}").SessionStore()
        session.update(values)
        session.save()
        return session.session_key


def stored(engine: str, key: str) -> dict[str, Any] | None:
    """What Django finds under a key now."""
    session = import_module(f"{BACKENDS}.{engine}").SessionStore(key)
    values = dict(session.items())
    return None if session.session_key is None else values


def open_session(name: str, engine: str, key: str) -> None:
    """Load it and keep it for `save_open`."""
    OPEN[name] = import_module(f"{BACKENDS}.{engine}").SessionStore(key)
    OPEN[name].items()


def save_open(name: str, values: dict[str, Any]) -> None:
    session = OPEN.pop(name)
    session.update(values)
    session.save()


def lasts(engine: str, key: str) -> Any:
    """Seconds that a stored session has, and whether they end with the browser."""
    session = import_module(f"{BACKENDS}.{engine}").SessionStore(key)
    return [session.get_expiry_age(), session.get_expire_at_browser_close()]


def set_end(engine: str, key: str, seconds: float) -> None:
    """A moment, so many seconds from now."""
    session = import_module(f"{BACKENDS}.{engine}").SessionStore(key)
    session.set_expiry(timedelta(seconds=seconds))
    session.save()


def delete(engine: str, key: str) -> None:
    import_module(f"{BACKENDS}.{engine}").SessionStore(key).delete()


def put_in_cache(key: str, code: str) -> None:
    """Any Python value, as Django's own pickling stores it."""
    from collections import OrderedDict

    names = {"OrderedDict": OrderedDict, "moment": datetime.now(UTC), "mark_safe": mark_safe}
    cache.set(key, eval(code, names))


def cached_octets(key: str) -> str | None:
    """What Redis has under the key that Django makes of this one."""
    octets = cache._cache.get_client().get(cache.make_key(key))
    return None if octets is None else octets.decode("latin-1")


def dumps_pickle(values: Any) -> str:
    return pickle.dumps(values, pickle.HIGHEST_PROTOCOL).decode("latin-1")


def visit(
    engine: str, cookie: str, steps: list[list[Any]], status: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """One request: what its view did with the session, and what the answer got."""
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.{engine}", **settings):

        def view(request: WSGIRequest) -> HttpResponse:
            request.seen = [_done(request.session, *step) for step in steps]
            return HttpResponse(status=status)

        request = _request(cookie)
        response = SessionMiddleware(view)(request)
        return {
            "seen": request.seen,
            "set_cookie": _cookie_lines(response),
            "vary": response.get("Vary"),
        }


def _done(session: Any, verb: str, *arguments: Any) -> Any:
    try:
        match verb:
            case "get":
                return session.get(*arguments)
            case "set":
                session[arguments[0]] = arguments[1]
            case "delete":
                del session[arguments[0]]
            case "pop" | "setdefault":
                return getattr(session, verb)(*arguments)
            case "update" | "clear" | "flush" | "cycle_key" | "set_expiry" | "save":
                getattr(session, verb)(*arguments)
            case "items":
                return list(session.items())
            case "is_empty":
                return session.is_empty()
    except KeyError:
        return "KeyError"
    return None


def messages_visit(
    storage: str,
    cookie: str,
    session: dict[str, Any],
    steps: list[list[Any]],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The same for messages; the session is a dictionary that nothing stores."""

    def view(request: WSGIRequest) -> HttpResponse:
        request.seen = [_told(request._messages, *step) for step in steps]
        return HttpResponse()

    if tags := settings.get("MESSAGE_TAGS"):
        settings["MESSAGE_TAGS"] = {int(level): tag for level, tag in tags.items()}
    where = {"cookie": "cookie.Cookie", "session": "session.Session"}
    name = where.get(storage, "fallback.Fallback")
    with override_settings(MESSAGE_STORAGE=f"{STORAGES}.{name}Storage", **settings):
        request = _request(cookie)
        request.session = session
        response = MessageMiddleware(view)(request)
    return {"seen": request.seen, "set_cookie": _cookie_lines(response), "session": session}


def _told(messages: Any, verb: str, *arguments: Any) -> Any:
    match verb:
        case "add":
            level, text, extra_tags, safe = arguments
            messages.add(level, mark_safe(text) if safe else text, extra_tags=extra_tags)
        case "len":
            return len(messages)
        case "level":
            messages.level = arguments[0]
        case "show":
            return [
                [m.level, str(m), hasattr(m.message, "__html__"), m.tags, m.level_tag]
                for m in messages
            ]
    return None


def _cookie_lines(response: HttpResponse) -> list[str]:
    return [each.output(header="").removeprefix(" ") for each in response.cookies.values()]


def _request(cookie: str) -> WSGIRequest:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}
    return WSGIRequest({**environ, "HTTP_COOKIE": cookie})
