"""The same visit on both sides: same cookie, same Vary, same stored session, for each engine."""

import time
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from legacy_bridge.django.sessions.store import SessionInterruptedError
from tests.legacy_bridge.django.django_side import DjangoSide, RefusedError
from tests.legacy_bridge.django.sessions.native_side import ENGINES, NativeSide
from tests.legacy_bridge.django.vectors import fewer, json_values, sessions

keys = st.sampled_from(["a", "b", "_auth_user_id"])
verbs = st.one_of(
    st.tuples(st.sampled_from(["clear", "flush", "cycle_key", "save", "items", "is_empty"])),
    st.tuples(st.sampled_from(["get", "delete", "pop"]), keys),
    st.tuples(st.sampled_from(["get", "pop", "set", "setdefault"]), keys, json_values),
    st.tuples(st.just("update"), sessions),
    st.tuples(st.just("set_expiry"), st.sampled_from([None, 0, 1, 300, 1.5, -5, 10**7])),
)


@dataclass(frozen=True)
class Visit:
    """What comes in, but for the key of the session."""

    steps: list[tuple[Any, ...]]
    cookie: str
    before: dict[str, Any]
    status: int
    settings: dict[str, Any]


visits = st.builds(
    Visit,
    steps=st.lists(verbs, max_size=5),
    cookie=st.sampled_from(
        ["own", "own", "own", "none", "unknown", "short", "over", "long", "bare"]
    ),
    before=sessions,
    status=st.sampled_from([200, 200, 404, 500, 503]),
    settings=st.fixed_dictionaries(
        {},
        optional={
            "SESSION_SAVE_EVERY_REQUEST": st.booleans(),
            "SESSION_EXPIRE_AT_BROWSER_CLOSE": st.booleans(),
            "SESSION_COOKIE_PATH": st.sampled_from(["/", "/a"]),
            "SESSION_COOKIE_DOMAIN": st.sampled_from([None, "example.org"]),
            "SESSION_COOKIE_SECURE": st.booleans(),
            "SESSION_COOKIE_HTTPONLY": st.booleans(),
            "SESSION_COOKIE_SAMESITE": st.sampled_from([None, "Lax", "None"]),
        },
    ),
)


@pytest.mark.parametrize("engine", ENGINES)
@fewer
@given(visit=visits)
async def test_same_visit(
    django: DjangoSide, native: NativeSide, engine: str, visit: Visit
) -> None:
    """Except that Django forgets to replace a forged cookie where `pop` is the first to look:
    `is_empty` does not look."""
    forged = engine == "signed_cookies" and visit.cookie != "own"
    looks = [step[0] for step in visit.steps if step[0] != "is_empty"]
    assume(not (forged and looks and looks[0] == "pop"))
    now = int(time.time())
    theirs = django_visit(django, engine, visit, now)
    if theirs.get("set_cookie") and django.ask("version") < [5, 2]:
        theirs["vary"] = "Cookie"  # Django 4.2 forgets it where the view did not look
    ours = await native_visit(django, native, engine, visit, now)
    assert ours == theirs


def django_visit(django: DjangoSide, engine: str, visit: Visit, now: int) -> dict[str, Any]:
    key = key_before(django, engine, visit, now)
    try:
        answer = django.ask("visit", engine=engine, now=now, **question(visit, key))
    except RefusedError as error:
        return {"interrupted": str(error) in ("SessionInterrupted", "UpdateError")}
    return outcome(django, engine, key, answer)


async def native_visit(
    django: DjangoSide, native: NativeSide, engine: str, visit: Visit, now: int
) -> dict[str, Any]:
    key = key_before(django, engine, visit, now)
    try:
        with mock.patch("time.time", return_value=now):
            answer = await native.visit(engine, **question(visit, key))
    except SessionInterruptedError:
        return {"interrupted": True}
    return outcome(django, engine, key, answer)


def key_before(django: DjangoSide, engine: str, visit: Visit, now: int) -> str:
    """A session that Django wrote for this visit alone, or a key of none."""
    match visit.cookie:
        case "own":
            return str(
                django.ask("seed", engine=engine, values=visit.before, seconds=1000, now=now)
            )
        case "over":
            at = now - 10**7
            return str(django.ask("seed", engine=engine, values=visit.before, seconds=-5, now=at))
        case "unknown":
            return "0123456789abcdefghijklmnopqrstuv"
        case "short":
            return "abcdefg"
        case "long":
            return "x" * 3000
    return ""


def question(visit: Visit, key: str) -> dict[str, Any]:
    return {
        "cookie": "" if visit.cookie == "none" else f"other=1; sessionid={key}",
        "steps": [list(step) for step in visit.steps],
        "status": visit.status,
        "settings": visit.settings,
    }


def outcome(
    django: DjangoSide, engine: str, key_before: str, answer: dict[str, Any]
) -> dict[str, Any]:
    """The answer with keys made comparable, and what Django finds under them afterwards."""
    stores = ["cached_db", "db"] if engine == "cached_db" else [engine]
    kept = [django.ask("stored", engine=store, key=key_before) for store in stores]
    lines, after = [], []
    for line in answer["set_cookie"]:
        name_and_value, _, attributes = line.partition("; ")
        key = name_and_value.removeprefix("sessionid=").strip('"')
        after += [django.ask("stored", engine=store, key=key) for store in stores]
        if engine != "signed_cookies":
            key = "the same" if key == key_before else "another" if len(key) == 32 else key
        lines.append((key, attributes))
    return {**answer, "set_cookie": lines, "kept": kept, "after": after}
