"""Signed texts, beside Django's own: what one side signs the other reads, octet for octet."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django import base62, signing
from legacy_bridge.django.signing import (
    BadSignatureError,
    SignatureExpiredError,
    Signer,
    TimestampSigner,
)
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, DjangoSide, RefusedError
from tests.legacy_bridge.django.vectors import NOW, any_text, json_values, many, wire_text

TIMED = TimestampSigner.default_salt
SALTS = st.sampled_from(["", "django.contrib.messages", "é:x"])


def signer(*, timed: bool, salt: str = "", **rest: Any) -> Signer:
    return (TimestampSigner if timed else Signer)(
        SECRET, fallback_keys=[OLD_SECRET], salt=salt, **rest
    )


@many
@given(timed=st.booleans(), value=wire_text, salt=SALTS, sha1=st.booleans())
def test_signs_the_same(
    django_side: DjangoSide, timed: bool, value: str, salt: str, sha1: bool
) -> None:
    algorithm = {"algorithm": "sha1"} if sha1 else {}
    with mock.patch("time.time", return_value=NOW):
        signed = signer(timed=timed, salt=salt, **algorithm).sign(value)
    assert signed == django_side.ask(
        "sign", timed=timed, value=value, salt=salt or None, now=NOW, **algorithm
    )
    assert signer(timed=timed, salt=salt, **algorithm).unsign(signed) == value


@many
@given(timed=st.booleans(), value=json_values, compress=st.booleans())
def test_signs_objects_the_same(
    django_side: DjangoSide, timed: bool, value: Any, compress: bool
) -> None:
    with mock.patch("time.time", return_value=NOW):
        signed = signer(timed=timed).sign_object(value, compress=compress)
    theirs = django_side.ask("sign_object", timed=timed, value=value, compress=compress, now=NOW)
    assert signed == theirs
    assert signer(timed=timed).unsign_object(theirs) == value


@many
@given(value=json_values, compress=st.booleans(), salt=wire_text.filter(bool))
def test_dumps_and_loads(django_side: DjangoSide, value: Any, compress: bool, salt: str) -> None:
    ours = signing.dumps(value, SECRET, salt=salt, compress=compress)
    assert django_side.ask("loads", signed=ours, salt=salt) == value
    theirs = django_side.ask("dumps", value=value, salt=salt, compress=compress)
    assert signing.loads(theirs, SECRET, salt=salt) == value


def test_documented_vector() -> None:
    """Of Django's own documentation, as far as it names no key: the form of a compressed text."""
    text = signing.dumps(list(range(1, 20)), SECRET, compress=True)
    assert text.startswith(".eJwFwcERACAIwLCF-rCiILN47r-GyZVJsNgkxaFxoDgxcOHGxMKD_T7vhAml:")


def test_keys_that_were_replaced_are_read(django_side: DjangoSide) -> None:
    theirs = django_side.ask("dumps", value=[1], key=OLD_SECRET)
    assert signing.loads(theirs, SECRET, fallback_keys=[OLD_SECRET]) == [1]
    with pytest.raises(BadSignatureError):
        signing.loads(theirs, SECRET)
    assert django_side.ask("loads", signed=signing.dumps([1], OLD_SECRET)) == [1]


def test_octets_as_key(django_side: DjangoSide) -> None:
    assert signing.loads(django_side.ask("dumps", value=7), SECRET.encode()) == 7


@pytest.mark.parametrize("sep", ["", "a", "-_", "A=", "[^]"])
def test_separators_that_django_refuses(django_side: DjangoSide, sep: str) -> None:
    with pytest.raises(RefusedError, match="ValueError"):
        django_side.ask("sign", timed=False, value="x", sep=sep)
    with pytest.raises(ValueError, match="cannot separate"):
        signer(timed=False, sep=sep)


def test_another_separator(django_side: DjangoSide) -> None:
    assert signer(timed=False, sep="/").sign("x") == django_side.ask(
        "sign", timed=False, value="x", sep="/"
    )


def test_an_empty_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="empty key"):
        Signer("")


@pytest.mark.parametrize("age", [60, 60.5, timedelta(seconds=60)])
def test_age(django_side: DjangoSide, age: float | timedelta) -> None:
    """Exactly so old is not too old; seconds of signing are whole."""
    theirs = django_side.ask("sign", timed=True, value="x", now=1000)
    asked = TimestampSigner(SECRET)
    with mock.patch("time.time", return_value=1060):
        assert asked.unsign(theirs, age) == "x"
    with mock.patch("time.time", return_value=1061), pytest.raises(SignatureExpiredError):
        asked.unsign(theirs, age)
    with mock.patch("time.time", return_value=900):
        assert asked.unsign(theirs, age) == "x"


@pytest.mark.parametrize("number", [0, 1, 61, 62, 3843, 3844, 10**20, -1, -62])
def test_base62(number: int) -> None:
    assert base62.read(base62.written(number)) == number


@pytest.mark.parametrize("now", [0, 61, 62, 1_764_300_000, 10**12])
def test_times_are_written_the_same(django_side: DjangoSide, now: int) -> None:
    theirs = django_side.ask("sign", timed=True, value="", now=now)
    assert theirs.split(":")[1] == base62.written(now)


def forgeries(signed: str) -> list[str]:
    value, _, signature = signed.rpartition(":")
    return [
        signed[:-1],
        signed + "A",
        signed[1:],
        signed.swapcase(),
        f"{value}:",
        f":{signature}",
        value,
        "",
        ":",
        ":::",
        f"{value}é:{signature}",
        f"{value}:{signature}é",
        f"{value}\ud800:{signature}",
        f"{value}:{signature}\udfff",
        f"{value}\0:{signature}",
        f"{signed}\0",
        signed * 1000,
    ]


@pytest.mark.parametrize("number", range(17))
def test_forgeries(number: int) -> None:
    forged = forgeries(signing.dumps({"a": 1}, SECRET))[number]
    with pytest.raises(BadSignatureError):
        signing.loads(forged, SECRET, fallback_keys=[OLD_SECRET])


@many
@given(text=any_text, timed=st.booleans())
def test_nothing_unsigned_is_read(text: str, timed: bool) -> None:
    for each in (text, f"{text}:{text}", f"{text}:{text}:{text}"):
        with pytest.raises(BadSignatureError):
            signer(timed=timed).unsign_object(each)


@pytest.mark.parametrize("salt", ["", "django.core.signing.Signer", "other"])
def test_wrong_salt(salt: str) -> None:
    with pytest.raises(BadSignatureError):
        signing.loads(signing.dumps(1, SECRET), SECRET, salt=salt)


@pytest.mark.parametrize(
    "signed",
    [
        "no time in it",
        "a:",
        "a:!",
        "a:é",
        "%%%:1",
        "a:1",
        ".YWJj:1",
        "YWJj:1",
        "_w:1",
        "é:1",
        "W1tbW1tbW1tb:1",
    ],
)
def test_signed_but_not_by_us(signed: str) -> None:
    """A page may sign anything for a visitor with the same salt; it is refused all the same."""
    with pytest.raises(BadSignatureError):
        TimestampSigner(SECRET).unsign_object(Signer(SECRET, salt=TIMED).sign(signed))


def test_deep_json_is_refused() -> None:
    signed = Signer(SECRET).sign_bytes(b"[" * 100_000)
    with pytest.raises(BadSignatureError):
        Signer(SECRET).unsign_object(signed)


def test_what_is_no_json_cannot_be_signed() -> None:
    with pytest.raises(TypeError):
        signing.dumps({1, 2}, SECRET)
