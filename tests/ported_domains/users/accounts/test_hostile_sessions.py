"""Session cookies and stored sessions that are not what Django or we write."""

import base64
import json
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from legacy_bridge.django.authentication.session import BACKEND, HASH, USER_ID, session_hash
from legacy_bridge.django.authentication.sign_in import MODEL_BACKEND
from legacy_bridge.django.sessions.store import new_key
from legacy_bridge.django.settings import SessionSettings
from legacy_bridge.django.signing import Signer, TimestampSigner
from proxy.demo.parts import SECRET_KEY
from tests.ported_domains.users.accounts import sides
from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import Answer, Browser, Person, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

EMAIL = "/accounts/email/"
TO_LOGIN = (302, "/accounts/login/?next=/accounts/email/")
SALT = SessionSettings().salt
INSIDE, NOBODY, ENDED = "inside", "nobody", "ended"
"""What becomes of a session: it is the user's, is left alone, or is deleted."""
FAILS = "fails"
"""The legacy site answers with 500; no visitor can make such a session without the key."""

Make = Callable[[Person], str]


def signer(key: str = SECRET_KEY, salt: str = SALT) -> TimestampSigner:
    return TimestampSigner(key, salt=salt)


def login_of(person: Person, **changes: Any) -> dict[str, Any]:
    """The values of a login; None leaves one out."""
    values = {
        USER_ID: str(person.id),
        BACKEND: MODEL_BACKEND,
        HASH: session_hash(sides.HASH, SECRET_KEY),
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def changed(**changes: Any) -> Make:
    return lambda person: signer().sign_object(login_of(person, **changes), compress=True)


def signed(octets: bytes) -> Make:
    return lambda _: signer().sign_bytes(octets, compress=True)


good = changed()

TEXTS: Mapping[str, tuple[Make, str, str]] = MappingProxyType(
    {
        "good": (good, INSIDE, INSIDE),
        "another key": (
            lambda person: signer("another").sign_object(login_of(person)),
            NOBODY,
            NOBODY,
        ),
        "another salt": (
            lambda person: signer(salt="another").sign_object(login_of(person)),
            NOBODY,
            NOBODY,
        ),
        "without a time": (
            lambda person: Signer(SECRET_KEY, salt=SALT).sign_object(login_of(person)),
            NOBODY,
            NOBODY,
        ),
        "last letter gone": (lambda person: good(person)[:-1], NOBODY, NOBODY),
        "first letter gone": (lambda person: good(person)[1:], NOBODY, NOBODY),
        "padded": (lambda person: good(person) + "=", NOBODY, NOBODY),
        "other case": (lambda person: good(person).swapcase(), NOBODY, NOBODY),
        "empty": (lambda _: "", NOBODY, NOBODY),
        "colons": (lambda _: ":::", NOBODY, NOBODY),
        "pickle": (
            lambda person: base64.b64encode(pickle.dumps(login_of(person))).decode(),
            NOBODY,
            NOBODY,
        ),
        "signed pickle": (
            lambda person: signer().sign_bytes(pickle.dumps(login_of(person))),
            NOBODY,
            NOBODY,
        ),
        "signed, not deflated": (lambda _: signer().sign(".xxxx"), NOBODY, NOBODY),
        "signed, not base64": (lambda _: signer().sign("x"), NOBODY, NOBODY),
        "nested": (signed(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), NOBODY, NOBODY),
        "without end": (signed(b"[" * 100_000), NOBODY, NOBODY),
        "bomb": (signed(b" " * 20_000_000 + b"{}"), NOBODY, NOBODY),
        "list": (signed(b"[1,2]"), FAILS, NOBODY),
        "text": (signed(b'"text"'), FAILS, NOBODY),
        "null": (signed(b"null"), FAILS, NOBODY),
        "number": (signed(b"5"), FAILS, NOBODY),
    }
)
"""What stands in the table; what becomes of it on the legacy site, and natively."""
HASHES: Mapping[str, tuple[Any, str, str]] = MappingProxyType(
    {
        "of another password": (session_hash("another", SECRET_KEY), ENDED, ENDED),
        "of another key": (session_hash(sides.HASH, "another"), ENDED, ENDED),
        "absent": (None, ENDED, ENDED),
        "empty": ("", ENDED, ENDED),
        "shorter": (session_hash(sides.HASH, SECRET_KEY)[:-1], ENDED, ENDED),
        "capitals": (session_hash(sides.HASH, SECRET_KEY).upper(), ENDED, ENDED),
        "true": (True, ENDED, ENDED),
        "number": (5, ENDED, ENDED),
        "list": (["x"], ENDED, ENDED),
        "half a character": ("\ud800", FAILS, ENDED),
    }
)
BACKENDS = (None, "", "x", "os.system", 5, ["x"], {"x": 1}, "ü", MODEL_BACKEND.upper())
IDS: Mapping[str, tuple[Any, str, str]] = MappingProxyType(
    {
        "absent": (None, NOBODY, NOBODY),
        "nobody's": ("2147483647", NOBODY, NOBODY),
        "beyond 32 bits": (str(2**31), NOBODY, NOBODY),
        "beyond 64 bits": (str(2**63), NOBODY, NOBODY),
        "beyond all": (10**30, NOBODY, NOBODY),
        "negative": ("-1", NOBODY, NOBODY),
        "zero": (0, NOBODY, NOBODY),
        "false": (False, NOBODY, NOBODY),
        "text": ("text", FAILS, NOBODY),
        "empty": ("", FAILS, NOBODY),
        "NUL": ("\0", FAILS, NOBODY),
        "exponent": ("1e3", FAILS, NOBODY),
        "digits without end": ("9" * 5000, FAILS, NOBODY),
        "list": ([1], FAILS, NOBODY),
        "object": ({"a": 1}, FAILS, NOBODY),
        "infinite": (float("inf"), FAILS, NOBODY),
    }
)
KEYS: Mapping[str, int] = MappingProxyType(
    {
        "unknown-but-well-made-0123456789": 302,
        "short": 302,
        "a" * 41: 302,
        "a" * 7900: 302,
        '"quoted and unknown"': 302,
        '"\\303\\244\\303\\244\\303\\244\\303\\244"': 302,
        "' OR true --": 302,
        "../../../etc/passwd": 302,
        '"\\000bcdefghijk"': 500,
    }
)
"""Values of the cookie, and the status of the legacy site."""


async def visited(side: Side, person: Person, text: str, ends: timedelta) -> tuple[str, Answer]:
    """What became of a session with that text, asked with its key; and the answer."""
    key, moment = new_key(), datetime.now(UTC) + ends
    await side.rows("INSERT INTO django_session VALUES (%s, %s, %s)", key, text, moment)
    browser = side.browser()
    browser.cookies["sessionid"] = key
    answer = await browser.get(EMAIL)
    if answer.status == 500:
        return FAILS, answer
    if answer.status == 200:
        assert person.email in answer.text
        return INSIDE, answer
    assert sent(answer) == TO_LOGIN
    kept = await side.rows("SELECT session_key FROM django_session WHERE session_key = %s", key)
    deleted = answer.cookies["sessionid"]["max-age"] if "sessionid" in answer.cookies else None
    assert (len(kept), deleted) in {(1, None), (0, "0")}
    return (NOBODY if kept else ENDED), answer


async def fate(side: Side, make: Make) -> str:
    person = await newcomer(side)
    return (await visited(side, person, make(person), timedelta(days=1)))[0]


async def fates(both: tuple[Side, Side], make: Make) -> tuple[str, str]:
    legacy, native = [await fate(side, make) for side in both]
    return legacy, native


@pytest.mark.parametrize("name", TEXTS)
async def test_stored_texts(both: tuple[Side, Side], name: str) -> None:
    make, *expected = TEXTS[name]
    assert await fates(both, make) == tuple(expected)


@pytest.mark.parametrize("name", HASHES)
async def test_hashes(both: tuple[Side, Side], name: str) -> None:
    given, *expected = HASHES[name]
    assert await fates(both, changed(**{HASH: given})) == tuple(expected)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_backends(both: tuple[Side, Side], backend: object) -> None:
    assert await fates(both, changed(**{BACKEND: backend})) == (NOBODY, NOBODY)


@pytest.mark.parametrize("name", IDS)
async def test_ids(both: tuple[Side, Side], name: str) -> None:
    given, *expected = IDS[name]
    assert await fates(both, changed(**{USER_ID: given})) == tuple(expected)


async def test_the_hash_of_somebody_else(side: Side) -> None:
    """Which is one of another password."""
    other = await side.add_user(password="another")
    person = await newcomer(side)
    text = changed(**{USER_ID: str(other.id)})(person)
    assert (await visited(side, person, text, timedelta(days=1)))[0] == ENDED


async def test_a_session_that_is_over(side: Side) -> None:
    """Its row is for `clearsessions` to remove."""
    person = await newcomer(side)
    key = new_key()
    past = datetime.now(UTC) - timedelta(seconds=1)
    await side.rows("INSERT INTO django_session VALUES (%s, %s, %s)", key, good(person), past)
    browser = side.browser()
    browser.cookies["sessionid"] = key
    answer = await browser.get(EMAIL)
    assert sent(answer) == TO_LOGIN
    assert answer.cookies["sessionid"]["max-age"] == "0"


@pytest.mark.parametrize(
    ("change", "deleted"),
    [
        ("UPDATE users_user SET is_active = false WHERE id = %s", False),
        ("UPDATE users_user SET password = 'new' WHERE id = %s", True),
        ("UPDATE users_user SET password = '!' WHERE id = %s", True),
    ],
)
async def test_a_session_ends_with_what_it_stands_for(
    side: Side, change: str, deleted: bool
) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    assert (await browser.get(EMAIL)).status == 200
    await side.rows(change, person.id)
    answer = await browser.get(EMAIL)
    assert sent(answer) == TO_LOGIN
    assert ("sessionid" in answer.cookies) is deleted


async def test_of_a_user_who_is_gone(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    await browser.get(EMAIL)
    await side.rows("DELETE FROM account_emailaddress WHERE user_id = %s", person.id)
    await side.rows("DELETE FROM users_user WHERE id = %s", person.id)
    assert sent(await browser.get(EMAIL)) == TO_LOGIN
    assert (await browser.get("/accounts/login/")).status == 200


@pytest.mark.parametrize("key", KEYS)
async def test_keys(both: tuple[Side, Side], key: str) -> None:
    for side in both:
        browser = side.browser()
        browser.cookies["sessionid"] = key
        answer = await browser.get(EMAIL)
        assert answer.status == (302 if side.is_native else KEYS[key])
        if answer.status == 302:
            assert answer.location == TO_LOGIN[1]
            assert answer.cookies["sessionid"]["max-age"] == "0"


async def test_a_planted_key_is_not_taken(side: Side) -> None:
    """Who logs in with an unknown key gets one of the site's own."""
    person = await newcomer(side)
    browser = side.browser()
    planted = "planted-by-somebody-0123456789ab"
    browser.cookies["sessionid"] = planted
    browser = await logged_in(browser, person)
    assert browser.cookies["sessionid"] != planted
    row = "SELECT count(*) FROM django_session WHERE session_key = %s"
    assert (await side.row(row, planted))["count"] == 0


async def logged_in(browser: Browser, person: Person) -> Browser:
    assert sent(await browser.log_in(person.name)) == (302, "/")
    return browser


@pytest.mark.parametrize(
    "pending",
    ["x", 5, [], None, {}, {"initiated_at": "x"}, {"initiated_at": None}, {"initiated_at": 1e400}],
)
async def test_what_waits_in_it_may_be_anything(native_accounts: Side, pending: object) -> None:
    """The legacy site fails for some of them."""
    values = {"account_login": pending, "account_authentication_methods": pending}
    text = signer().sign_bytes(json.dumps(values | {"_password_reset_key": pending}).encode())
    key, ends = new_key(), datetime.now(UTC) + timedelta(days=1)
    await native_accounts.rows("INSERT INTO django_session VALUES (%s, %s, %s)", key, text, ends)
    browser = native_accounts.browser()
    browser.cookies["sessionid"] = key
    assert (await browser.get("/accounts/login/")).status == 200
    assert (await browser.get("/accounts/password/reset/key/1-set-password/")).status == 200
    assert sent(await browser.log_in((await newcomer(native_accounts)).name)) == (302, "/")


@pytest.mark.parametrize("expiry", [0, -5, "x", [], "2020-01-01", True, 3.5])
async def test_its_end_may_be_anything(native_accounts: Side, expiry: object) -> None:
    """A session that is changed is given an end, whatever it says of it."""
    person = await newcomer(native_accounts)
    text = changed(_session_expiry=expiry)(person)
    fate, _ = await visited(native_accounts, person, text, timedelta(days=1))
    assert fate == INSIDE
    key, ends = new_key(), datetime.now(UTC) + timedelta(days=1)
    await native_accounts.rows("INSERT INTO django_session VALUES (%s, %s, %s)", key, text, ends)
    browser = native_accounts.browser()
    await browser.get("/accounts/login/")
    browser.cookies["sessionid"] = key
    answer = await browser.post("/accounts/reauthenticate/", {"password": sides.PASSWORD})
    assert sent(answer) == (302, "/")
