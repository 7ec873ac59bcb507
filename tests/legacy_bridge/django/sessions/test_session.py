"""A session without a server: when it is read, what marks it, what it does to its store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from legacy_bridge.django.sessions.closing import SessionFields, close
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    Values,
)
from legacy_bridge.django.settings import SessionSettings

SETTINGS = SessionSettings()
KEY = "k" * 32


class MemoryStore:
    """Remembers what it was asked."""

    def __init__(self, sessions: dict[str, Values]) -> None:
        self.sessions = sessions
        self.asked: list[str] = []

    async def load(self, key: str) -> Loaded:
        self.asked.append("load")
        values = self.sessions.get(key)
        return Loaded.nothing() if values is None else Loaded(dict(values), key)

    async def create(self, values: Values, lifetime: Lifetime) -> str:
        self.asked.append("create")
        key = f"created{len(self.sessions)}"
        self.sessions[key] = dict(values)
        return key

    async def update(self, key: str, values: Values, lifetime: Lifetime) -> None:
        self.asked.append("update")
        if key not in self.sessions:
            raise SessionInterruptedError
        self.sessions[key] = dict(values)

    async def delete(self, key: str) -> None:
        self.asked.append("delete")
        self.sessions.pop(key, None)


def opened(key: str | None = KEY, values: Values | None = None) -> tuple[Session, MemoryStore]:
    """A session of that key, and the store, where the one of KEY has these values."""
    store = MemoryStore({} if values is None else {KEY: values})
    return Session(store, SETTINGS, key), store


async def test_who_does_not_look_asks_nothing() -> None:
    session, store = opened()
    fields = await close(session, SETTINGS, cookie_sent=True, status=200)
    assert (store.asked, fields) == ([], SessionFields(None, vary=False))


@pytest.mark.parametrize("key", [None, "", "short"])
async def test_no_key_asks_nothing(key: str | None) -> None:
    session, store = opened(key)
    await session.load()
    assert (store.asked, session.key, dict(session.items())) == ([], None, {})


async def test_no_key_needs_no_load() -> None:
    session, _ = opened(None)
    assert session.get("a") is None
    assert session.accessed


async def test_is_read_once() -> None:
    session, store = opened(values={"a": 1})
    await session.load()
    await session.load()
    assert store.asked == ["load"]
    assert (session["a"], session.modified) == (1, False)


async def test_looking_before_reading_is_a_mistake() -> None:
    session, _ = opened()
    with pytest.raises(RuntimeError, match="comes first"):
        session.get("a")


async def test_visitors_without_a_session_share_nothing() -> None:
    one, _ = opened()
    other, _ = opened()
    await one.load()
    one["a"] = 1
    await other.load()
    assert not other.keys()


CHANGES: list[tuple[str, tuple[Any, ...], bool, Values]] = [
    ("get", ("a",), False, {"a": 1}),
    ("__contains__", ("a",), False, {"a": 1}),
    ("keys", (), False, {"a": 1}),
    ("values", (), False, {"a": 1}),
    ("__iter__", (), False, {"a": 1}),
    ("__setitem__", ("a", 1), True, {"a": 1}),
    ("__delitem__", ("a",), True, {}),
    ("pop", ("a",), True, {}),
    ("pop", ("b", None), False, {"a": 1}),
    ("setdefault", ("a", 2), False, {"a": 1}),
    ("setdefault", ("b", 2), True, {"a": 1, "b": 2}),
    ("update", ({},), True, {"a": 1}),
    ("clear", (), True, {}),
    ("set_expiry", (None,), False, {"a": 1}),
    ("set_expiry", (5,), True, {"a": 1, "_session_expiry": 5}),
]


@pytest.mark.parametrize(("method", "arguments", "modified", "after"), CHANGES)
async def test_what_marks_it(
    method: str, arguments: tuple[Any, ...], modified: bool, after: Values
) -> None:
    session, _ = opened(values={"a": 1})
    await session.load()
    getattr(session, method)(*arguments)
    assert (session.modified, dict(session.items())) == (modified, after)


async def test_a_change_inside_a_value_does_not() -> None:
    session, store = opened(values={"cart": [1]})
    await session.load()
    session["cart"].append(2)
    await close(session, SETTINGS, cookie_sent=True, status=200)
    assert store.asked == ["load"]


@pytest.mark.parametrize("method", ["__getitem__", "__delitem__", "pop"])
async def test_missing_keys(method: str) -> None:
    session, _ = opened(None)
    with pytest.raises(KeyError):
        getattr(session, method)("a")
    assert not session.modified


async def test_log_in_cycles_the_key() -> None:
    """The session from before keeps its values and loses its key."""
    session, store = opened(values={"cart": [1]})
    await session.cycle_key()
    session["_auth_user_id"] = "1"
    fields = await close(session, SETTINGS, cookie_sent=True, status=302)
    assert store.asked == ["load", "create", "delete", "update"]
    assert store.sessions == {"created1": {"cart": [1], "_auth_user_id": "1"}}
    assert fields.set_cookie
    assert fields.set_cookie.startswith(b"sessionid=created1; expires=")


async def test_log_out_forgets_without_reading() -> None:
    session, store = opened(values={"a": 1})
    await session.flush()
    fields = await close(session, SETTINGS, cookie_sent=True, status=302)
    assert store.asked == ["delete"]
    assert fields.set_cookie
    assert fields.set_cookie.startswith(b'sessionid=""; expires=Thu, 01 Jan 1970')


async def test_logged_out_meanwhile() -> None:
    session, store = opened(values={"a": 1})
    await session.load()
    session["b"] = 1
    store.sessions.clear()
    with pytest.raises(SessionInterruptedError):
        await close(session, SETTINGS, cookie_sent=True, status=200)
    assert store.sessions == {}


async def test_saving_what_is_nobodys() -> None:
    session, store = opened()
    with pytest.raises(SessionInterruptedError):
        await session.save()
    assert store.asked == ["load"]


async def test_a_row_read_in_a_query_of_ones_own() -> None:
    session, store = opened()
    session.take(Loaded({"a": 1}, KEY))
    assert (session["a"], session.key, store.asked) == (1, KEY, [])


async def test_moments() -> None:
    session, _ = opened(None)
    session.set_expiry(timedelta(hours=1))
    assert 3598 <= session.lifetime.seconds <= 3600
    assert abs(session.lifetime.ends - datetime.now(UTC) - timedelta(hours=1)) < timedelta(
        seconds=5
    )
    assert not session.ends_with_browser
