"""Cookies beside Django's own: what is sent, octet for octet, and what is read."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.cookies import (
    CookieAttributes,
    CookieError,
    delete_cookie,
    parse_cookies,
    quote,
    set_cookie,
    unquote,
)
from legacy_bridge.django.settings import Secrets
from legacy_bridge.django.signed_cookies import sign_cookie, unsign_cookie
from legacy_bridge.django.signing import BadSignatureError, SignatureExpiredError
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, DjangoSide, RefusedError
from tests.legacy_bridge.django.vectors import NOW, many

SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))

names = st.text("abcXYZ019!#$%&'*+-.^_`|~:", min_size=1, max_size=10)
latin = st.text(st.characters(max_codepoint=0xFF), max_size=30)
attributes: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "path": st.sampled_from(["/", "/a b/", "", None]),
        "domain": st.sampled_from([None, "", ".example.org"]),
        "samesite": st.sampled_from([None, "", "Lax", "strict", "NONE"]),
    }
)
flags: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"secure": st.booleans(), "httponly": st.booleans()}
)
ages = st.none() | st.integers(-(10**6), 10**8) | st.floats(0, 10**8)


@many
@given(name=names, value=latin, where=attributes, flags=flags, age=ages)
def test_sets_as_django_does(
    django_side: DjangoSide,
    name: str,
    value: str,
    where: dict[str, Any],
    flags: dict[str, Any],
    age: float | None,
) -> None:
    ours = set_cookie(name, value, CookieAttributes(**where, **flags), max_age=age, now=NOW)
    theirs = django_side.ask(
        "set_cookie", name=name, value=value, max_age=age, now=NOW, **where, **flags
    )
    assert ours.decode("latin-1") == theirs
    sent = ours.split(b";")[0]
    assert (
        parse_cookies(sent) == {name: value} == django_side.ask("parse_cookie", field=sent.decode())
    )


@many
@given(
    name=names | st.sampled_from(["__Secure-a", "__Host-a", "__host-a"]),
    where=attributes,
    flags=flags,
)
def test_deletes_as_django_does(
    django_side: DjangoSide, name: str, where: dict[str, Any], flags: dict[str, Any]
) -> None:
    ours = delete_cookie(name, CookieAttributes(**where, **flags))
    assert ours.decode() == django_side.ask("delete_cookie", name=name, **where)


@pytest.mark.parametrize("attributes", [CookieAttributes(httponly=True, samesite="Lax")])
def test_a_session_cookie(attributes: CookieAttributes) -> None:
    assert set_cookie("sessionid", "abc", attributes, max_age=1209600, now=0) == (
        b"sessionid=abc; expires=Thu, 15 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=1209600; "
        b"Path=/; SameSite=Lax"
    )
    assert delete_cookie("sessionid", attributes) == (
        b'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'
    )


@many
@given(
    field=st.binary(max_size=60) | st.text('ab=;"\\0123 \t,é\x1c\xa0', max_size=40).map(str.encode)
)
def test_reads_as_django_does(django_side: DjangoSide, field: bytes) -> None:
    assert parse_cookies(field) == django_side.ask("parse_cookie", field=field.decode("latin-1"))


@pytest.mark.parametrize(
    ("field", "cookies"),
    [
        (b"", {}),
        (b";;=; =", {}),
        (b"a=1; b=2;a=3", {"a": "3", "b": "2"}),
        (b"alone", {"": "alone"}),
        (b'a="x\\073\\"\\\\\\054"', {"a": 'x;"\\,'}),
        (b'a="', {"a": '"'}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=\xff\xfe", {"a": "��"}),
        (b"a=\xed\xa0\x80", {"a": "���"}),
    ],
)
def test_reads(field: bytes, cookies: dict[str, str]) -> None:
    assert parse_cookies(field) == cookies


@many
@given(value=latin)
def test_quoting_is_undone(value: str) -> None:
    quoted = quote(value)
    assert unquote(quoted) == value
    assert not set(quoted) & set("\r\n\0;,")


def test_a_hostile_value_takes_linear_time() -> None:
    """Python's own reading takes minutes for it."""
    assert parse_cookies(b'a="' + b"\\x" * 30_000 + b'"') == {"a": "x" * 30_000}


@pytest.mark.parametrize("name", ["", "a b", "a;", "a=b", "é", "a\r\n", "Path", "max-age", "\0"])
def test_names_that_django_refuses(django_side: DjangoSide, name: str) -> None:
    with pytest.raises(RefusedError, match="CookieError"):
        django_side.ask("set_cookie", name=name, value="")
    with pytest.raises(CookieError):
        set_cookie(name, "", CookieAttributes())


def test_values_that_no_header_carries(django_side: DjangoSide) -> None:
    with pytest.raises(RefusedError, match="UnicodeEncodeError"):
        django_side.ask("set_cookie", name="a", value="€")
    with pytest.raises(CookieError):
        set_cookie("a", "€", CookieAttributes())


@pytest.mark.parametrize(
    "attributes", [{"samesite": "loose"}, {"path": "/; HttpOnly"}, {"domain": "a\r\nb"}]
)
def test_attributes_that_are_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(CookieError):
        CookieAttributes(**attributes)  # type: ignore[arg-type]


@many
@given(name=names, value=st.text(max_size=30), salt=st.text(max_size=5))
def test_signed_cookies(django_side: DjangoSide, name: str, value: str, salt: str) -> None:
    """Django 4.2 reads the older form alone, and then it is the one that it writes."""
    theirs = django_side.ask("set_signed_cookie", name=name, value=value, salt=salt, now=NOW)
    assert unsign_cookie(name, theirs, SECRETS, salt=salt) == value
    with mock.patch("time.time", return_value=NOW):
        older, newer = (
            sign_cookie(name, value, SECRETS, salt=salt, older_form=form) for form in (True, False)
        )
    assert theirs in (older, newer)
    for ours in {older, theirs}:
        read = django_side.ask("get_signed_cookie", name=name, signed=ours, salt=salt)
        assert read == value == unsign_cookie(name, ours, SECRETS, salt=salt)


def test_signed_cookies_that_are_refused(django_side: DjangoSide) -> None:
    old = django_side.ask("sign", timed=True, value="x", now=0, key="other")
    for forged in (old, "x", "", "x:1:y", "\0"):
        with pytest.raises(BadSignatureError):
            unsign_cookie("a", forged, SECRETS)
    for older in (False, True):
        signed = sign_cookie("a", "x", SECRETS, older_form=older)
        with pytest.raises(SignatureExpiredError):
            unsign_cookie("a", signed, SECRETS, max_age=-1)
        with pytest.raises(BadSignatureError):
            unsign_cookie("b", signed, SECRETS)
