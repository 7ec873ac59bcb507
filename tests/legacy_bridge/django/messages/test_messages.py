"""Messages: their forms, what has no room, and what is refused."""

import random
from typing import Any
from unittest import mock

import pytest
from markupsafe import Markup

from legacy_bridge.django.messages.message import (
    Message,
    compact,
    read,
    spaced,
)
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.messages.storage import (
    CookieStorage,
    FallbackStorage,
    SessionStorage,
)
from legacy_bridge.django.settings import DEFAULT_TAGS, ERROR, INFO, MessageSettings
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.messages.native_side import (
    SIGNER,
    STORAGES,
    empty_session,
    native_visit,
)
from tests.legacy_bridge.django.vectors import NOW

SETTINGS = MessageSettings()


def long_text(number: int) -> str:
    """About 830 octets of a cookie each: random, and so not to be deflated."""
    return random.Random(number).randbytes(600).hex()


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("count", range(1, 8))
async def test_what_has_no_room(django_side: DjangoSide, storage: str, count: int) -> None:
    """With the cookie alone the oldest are lost; otherwise the newest go to the session."""
    told: dict[str, Any] = {
        "steps": [["add", INFO, long_text(number), "", False] for number in range(count)],
        "cookie": "",
        "session": {},
        "settings": {},
    }
    theirs = django_side.ask("messages_visit", storage=storage, now=NOW, **told)
    with mock.patch("time.time", return_value=NOW):
        assert await native_visit(storage, **told) == theirs
    if storage != "session":
        assert len(theirs["set_cookie"][0].split(";")[0]) <= len("messages=") + 2048
    assert ("_messages" in theirs["session"]) == (
        storage == "session" or (storage, count > 2) == ("fallback", True)
    )
    shown = [[INFO, text, False, "info", "info"] for text in map(long_text, range(count))]
    told |= {"steps": [["show"]], "session": theirs["session"]}
    told["cookie"] = "".join(theirs["set_cookie"]).split(";")[0]
    again = await native_visit(storage, **told)
    assert again["seen"] == [shown[-2:] if storage == "cookie" else shown]
    assert again == django_side.ask("messages_visit", storage=storage, **told)
    assert again["session"] == {}


async def test_one_that_never_fits(django_side: DjangoSide) -> None:
    text = "".join(map(long_text, range(4)))
    told: dict[str, Any] = {"cookie": "", "session": {}, "settings": {}}
    told["steps"] = [["add", INFO, text, "", False]]
    for storage in STORAGES:
        theirs = django_side.ask("messages_visit", storage=storage, now=NOW, **told)
        with mock.patch("time.time", return_value=NOW):
            assert await native_visit(storage, **told) == theirs


@pytest.mark.parametrize(
    ("message", "in_a_cookie", "in_a_session"),
    [
        (
            Message(20, "a"),
            '["__json_message",0,20,"a",""]',
            '[["__json_message", 0, 20, "a", ""]]',
        ),
        (Message(20, "a", None), '["__json_message",0,20,"a"]', '[["__json_message", 0, 20, "a"]]'),
        (
            Message(5, Markup("<b>é</b>"), "x y"),
            '["__json_message",1,5,"<b>\\u00e9</b>","x y"]',
            '[["__json_message", 1, 5, "<b>\\u00e9</b>", "x y"]]',
        ),
    ],
)
def test_forms(message: Message, in_a_cookie: str, in_a_session: str) -> None:
    assert compact(message) == in_a_cookie
    assert spaced([message]) == in_a_session
    (again,), complete = read(in_a_session, DEFAULT_TAGS)
    assert (again, again.extra_tags, complete) == (message, message.extra_tags, True)
    assert hasattr(again.message, "__html__") == hasattr(message.message, "__html__")


def test_for_templates() -> None:
    plain = Message(ERROR, "<", "extra", "error")
    assert (str(plain), plain.__html__(), plain.tags) == ("<", "&lt;", "extra error")
    safe = Message(99, Markup("<br>"), None)
    assert (str(safe), safe.__html__(), safe.tags) == ("<br>", "<br>", "")


async def test_a_lazy_text_and_an_empty_one() -> None:
    class Lazy:
        def __str__(self) -> str:
            return "later"

    messages = Messages(CookieStorage(SIGNER, SETTINGS, None), SETTINGS)
    messages.add(INFO, Lazy())
    messages.add(INFO, "")
    messages.add(10, "of too low a level")
    await messages.load()
    assert [str(message) for message in messages] == ["later"]
    assert Message(INFO, "later") in messages


async def test_looking_before_reading_is_a_mistake() -> None:
    messages = Messages(CookieStorage(SIGNER, SETTINGS, None), SETTINGS)
    with pytest.raises(RuntimeError, match="comes first"):
        len(messages)


async def test_no_cookie_leaves_the_session_alone() -> None:
    """So that a page without messages does not depend on the visitor."""
    session = empty_session()
    storage = FallbackStorage(
        CookieStorage(SIGNER, SETTINGS, None), SessionStorage(session, SETTINGS)
    )
    messages = Messages(storage, SETTINGS)
    await messages.load()
    assert list(messages) == []
    lines: list[bytes] = []
    await messages.store(lines)
    assert (session.accessed, lines) == (False, [])


async def test_unlimited_cookies() -> None:
    storage = CookieStorage(SIGNER, MessageSettings(max_cookie_size=0), None)
    lines: list[bytes] = []
    messages = [Message(INFO, long_text(number)) for number in range(20)]
    assert await storage.store(messages, lines) == ()
    assert len(lines[0]) > 20 * 800
