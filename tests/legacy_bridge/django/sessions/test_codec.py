"""The text of a stored session, both ways, and what is refused."""

import json
import logging
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from hypothesis import given

from legacy_bridge.django import signing
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import Secrets, SessionSettings
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, DjangoSide
from tests.legacy_bridge.django.vectors import NOW, any_text, json_values, many, sessions

SALT = SessionSettings().salt
CODEC = SessionCodec(Secrets(key=SECRET, fallbacks=(OLD_SECRET,)), SALT)


@many
@given(values=sessions)
def test_same_text(django_side: DjangoSide, values: dict[str, Any]) -> None:
    with mock.patch("time.time", return_value=NOW):
        ours = CODEC.encode(values)
    theirs = django_side.ask("encode_session", values=values, now=NOW)
    assert ours == theirs
    assert CODEC.decode(theirs) == django_side.ask("decode_session", text=ours) == values


@many
@given(values=sessions, value=json_values)
def test_other_keys_stay_octet_for_octet(
    django_side: DjangoSide, values: dict[str, Any], value: Any
) -> None:
    """Compared as JSON text: order, spelling of numbers, escapes."""
    theirs = django_side.ask("encode_session", values=values)
    read = CODEC.decode(theirs)
    read["\0 ours"] = value
    before = django_side.ask("session_json", text=theirs)
    after = django_side.ask("session_json", text=CODEC.encode(read))
    ours = f'"\\u0000 ours":{json.dumps(value, separators=(",", ":"))}}}'
    assert after == before[:-1] + ("," if values else "") + ours


def test_keys_of_settings_that_were_replaced() -> None:
    assert CODEC.decode(signing.dumps({"a": 1}, OLD_SECRET, salt=SALT)) == {"a": 1}


def good() -> str:
    return CODEC.encode({"_auth_user_id": "1"})


REFUSED: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "truncated": lambda: good()[:-1],
    "cut in front": lambda: good()[1:],
    "other key": lambda: signing.dumps({"a": 1}, "other", salt=SALT),
    "other salt": lambda: signing.dumps({"a": 1}, SECRET, salt="django.contrib.messages"),
    "no timestamp": lambda: signing.Signer(SECRET, salt=SALT).sign_object({"a": 1}),
    "a list": lambda: signing.dumps([1], SECRET, salt=SALT),
    "before Django 3.1": lambda: "MDVhNzg4OTp7Il9hdXRoX3VzZXJfaWQiOiIxIn0=",
    "NUL": lambda: good() + "\0",
    "lone surrogate": lambda: "\udc80" + good(),
    "huge": lambda: good() * 20_000,
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert CODEC.decode(REFUSED[kind]()) == {}
    assert len(caplog.records) == (kind != "a list")


def test_pickled_sessions_are_refused_as_by_django(django_side: DjangoSide) -> None:
    theirs = django_side.ask("pickled", salt=SALT)
    assert django_side.ask("decode_session", text=theirs) == {}
    assert CODEC.decode(theirs) == {}


@many
@given(text=any_text)
def test_any_text_is_refused(text: str) -> None:
    assert CODEC.decode(text) == {}


def test_a_class_of_ones_own_has_its_own_salt() -> None:
    own = SessionCodec(Secrets(key=SECRET), "django.contrib.sessions.OurStore")
    assert own.decode(own.encode({"a": 1})) == {"a": 1}
    assert own.decode(good()) == {}


def test_what_is_no_json_cannot_be_stored() -> None:
    with pytest.raises(TypeError):
        CODEC.encode({"a": {1, 2}})


def test_secrets_do_not_show() -> None:
    assert repr(Secrets(key=SECRET, fallbacks=(OLD_SECRET,))) == "Secrets()"
