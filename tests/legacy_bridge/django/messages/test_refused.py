"""Messages that nobody wrote: forged cookies, and what is signed and no message."""

from typing import Any

import pytest
from hypothesis import given

from legacy_bridge.django import signing
from legacy_bridge.django.messages.message import Message, UnreadableMessagesError, read
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.messages.storage import SALT, CookieStorage, SessionStorage, Waiting
from legacy_bridge.django.settings import DEFAULT_TAGS, INFO, MessageSettings
from legacy_bridge.django.signing import cookie_signer
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, DjangoSide
from tests.legacy_bridge.django.messages.native_side import (
    SIGNER,
    STORAGES,
    empty_session,
    native_visit,
)
from tests.legacy_bridge.django.vectors import any_text, many

SETTINGS = MessageSettings()
DELETED = b'messages=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'


def cookie_of(data: bytes, *, key: str = SECRET, salt: str = SALT) -> str:
    return cookie_signer(key, salt=salt).sign_bytes(data)


GOOD = b'[["__json_message",0,20,"a",""]]'
FORGED = {
    "truncated": cookie_of(GOOD)[:-1],
    "other key": cookie_of(GOOD, key="other"),
    "other salt": cookie_of(GOOD, salt="django.contrib.sessions"),
    "signed, but for no cookie": signing.TimestampSigner(SECRET, salt=SALT).sign_bytes(GOOD),
    "text": "hello",
    "NUL": cookie_of(GOOD) + "\0",
    "lone surrogate": "\ud800" + cookie_of(GOOD),
    "huge": cookie_of(GOOD) * 10_000,
    "no JSON": cookie_of(b"["),
    "no list": cookie_of(b'{"a":1}'),
    "a number": cookie_of(b"1"),
    "deep": cookie_of(b"[" * 100_000),
    "no messages": cookie_of(b"[1]"),
    "nested": cookie_of(b'[[["__json_message",0,20,"a",""]]]'),
    "too short": cookie_of(b'[["__json_message",0,20]]'),
    "too long": cookie_of(b'[["__json_message",0,20,"a","",1]]'),
    "another mark": cookie_of(b'[["x",0,20,"a",""]]'),
    "a level of text": cookie_of(b'[["__json_message",0,"20","a",""]]'),
    "no text": cookie_of(b'[["__json_message",0,20,null,""]]'),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_refused(kind: str) -> None:
    storage = CookieStorage(SIGNER, SETTINGS, FORGED[kind])
    assert await storage.retrieve() == Waiting(None, spoiled=True)
    messages = Messages(storage, SETTINGS)
    await messages.load()
    assert list(messages) == []
    lines: list[bytes] = []
    await messages.store(lines)
    assert lines == [DELETED]


@pytest.mark.parametrize("kind", ["truncated", "other key", "other salt", "text", "no JSON"])
async def test_refused_as_by_django(django_side: DjangoSide, kind: str) -> None:
    told: dict[str, Any] = {"cookie": f"messages={FORGED[kind]}", "session": {}, "settings": {}}
    told["steps"] = [["show"]]
    for storage in STORAGES:
        theirs = django_side.ask("messages_visit", storage=storage, **told)
        assert await native_visit(storage, **told) == theirs


@pytest.mark.parametrize("text", ["[", "1", "[1]"])
async def test_a_spoiled_session(text: str) -> None:
    session = empty_session()
    session["_messages"] = text
    assert await SessionStorage(session, SETTINGS).retrieve() == Waiting(None, spoiled=True)


async def test_keys_that_were_replaced_are_read() -> None:
    storage = CookieStorage(SIGNER, SETTINGS, cookie_of(GOOD, key=OLD_SECRET))
    assert await storage.retrieve() == Waiting([Message(INFO, "a")])


@many
@given(text=any_text)
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableMessagesError):
        read(f"[{text!r}x]", DEFAULT_TAGS)
