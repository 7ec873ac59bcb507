"""What changes from one answer to the next is taken for equal, by named rules; nothing else is."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.signing import dumps
from proxy.parity.compare import compare
from proxy.parity.moments import without_now
from proxy.parity.rules import RULES
from tests.proxy.parity.sides import AT, QUICK, asked, fields, found, outcome, pages

A, B = "aB3" * 21 + "x", "Zy9" * 21 + "k"
SIGNATURE, OTHER = "s" * 43, "t" * 43
PAYLOAD = "eyJhIjogMX0"  # {"a": 1}

VOLATILE = [
    (
        "csrf-token",
        f"<input name='csrfmiddlewaretoken' value='{A}'>",
        f"<input name='csrfmiddlewaretoken' value='{B}'>",
    ),
    (
        "csrf-token",
        f"<meta name='csrf-token' content='{A}'>",
        f"<meta name='csrf-token' content='{B}'>",
    ),
    (
        "csrf-token-in-script",
        f"<script>window.csrfToken = '{A}';</script>",
        f"<script>window.csrfToken = '{B}';</script>",
    ),
    (
        "csrf-token-in-script",
        f"""<p hx-headers='{{"X-CSRFToken": "{A}"}}'>""",
        f"""<p hx-headers='{{"X-CSRFToken": "{B}"}}'>""",
    ),
    ("nonce", "<script nonce='abcdefgh1=='></script>", "<script nonce='ijklmnop2=='></script>"),
    (
        "signed-value",
        f"<input value='{PAYLOAD}:1tXyZa:{SIGNATURE}'>",
        f"<input value='{PAYLOAD}:1tXyZb:{OTHER}'>",
    ),
    (
        "reset-token",
        f"<a href='/reset/Mg/abc123-{'0f' * 16}/'>",
        f"<a href='/reset/Mg/abc124-{'1e' * 16}/'>",
    ),
    ("now", "<p>at 12:00, 2026-11-20T12:00:01Z</p>", "<p>at 12:00, 2026-11-20T11:59:59Z</p>"),
    ("now", "<time>Nov. 20, 2026, noon</time>", "<time>Nov. 20, 2026, 11:59 a.m.</time>"),
    ("debug-toolbar", f"<div data-store-id='{'0a' * 16}'>", f"<div data-store-id='{'1b' * 16}'>"),
    ("random-id", "<p id='f-0a1b2c3d4e5f'>", "<p id='f-1a1b2c3d4e5f'>"),
    ("random-id-in-link", "<a href='#f-0a1b2c3d4e5f'>", "<a href='#f-1a1b2c3d4e5f'>"),
    (
        "cache-busting-query",
        "<script src='/s/a.js?v=1'></script>",
        "<script src='/s/a.js?v=2'></script>",
    ),
    (
        "cache-busting-name",
        "<img src='/s/a.0123456789ab.png'>",
        "<img src='/s/a.ba9876543210.png'>",
    ),
]


@pytest.mark.parametrize(("rule", "control", "candidate"), VOLATILE)
def test_a_rule_holds_and_is_named(rule: str, control: str, candidate: str) -> None:
    result = pages(control, candidate)
    assert found(result) == []
    assert result.rules == {rule}
    assert pages(control, control).rules == set()


@pytest.mark.parametrize(("rule", "control", "candidate"), VOLATILE)
def test_without_the_rule_it_differs(rule: str, control: str, candidate: str) -> None:
    assert len(found(pages(control, candidate, without=frozenset({rule})))) == 1


def test_every_rule_of_pages_was_tried() -> None:
    others = {"nonce-in-policy", "session-id", "session-in-cookie"}
    assert {rule.name for rule in RULES} == {rule for rule, *_ in VOLATILE} | others


FAULTS = [
    (
        f"<input name='csrfmiddlewaretoken' value='{A}'>",
        "<input name='csrfmiddlewaretoken' value=''>",
    ),
    (
        f"<input name='csrfmiddlewaretoken' value='{A}'>",
        f"<input name='csrfmiddlewaretoken' value='{A[:-1]}'>",
    ),
    (f"<input name='token' value='{A}'>", f"<input name='token' value='{B}'>"),
    ("<script nonce='abcdefgh1=='></script>", "<script></script>"),
    (
        f"<input value='{PAYLOAD}:1tXyZa:{SIGNATURE}'>",
        f"<input value='eyJhIjogMn0:1tXyZb:{OTHER}'>",
    ),
    ("<p>2026-11-20T12:00:01Z</p>", "<p>2026-11-20T12:10:00Z</p>"),
    ("<p>2026-11-20T12:00:01Z</p>", "<p>2026-11-20T12:00:01+01:00</p>"),
    ("<p>2026-11-20 12:00:01</p>", "<p>2026-11-20 13:00:01</p>"),
    ("<p>2026-11-20</p>", "<p>2026-11-19</p>"),
    ("<p id='a1'>", "<p id='a2'>"),
    ("<a href='/commit/0a1b2c3d4e5f/'>", "<a href='/commit/1a1b2c3d4e5f/'>"),
    ("<p data-sum='0a1b2c3d4e5f'>", "<p data-sum='1a1b2c3d4e5f'>"),
    ("<a href='/s/?v=1'>", "<a href='/s/?v=2'>"),
    ("<img src='/s/a.0123456789ab.png'>", "<img src='/s/b.ba9876543210.png'>"),
]


@pytest.mark.parametrize(("control", "candidate"), FAULTS)
def test_what_is_a_fault_stays_one(control: str, candidate: str) -> None:
    assert len(found(pages(control, candidate))) == 1


def test_a_message_in_a_cookie_is_compared_but_not_its_signature() -> None:
    """What the messages framework writes: a signed list, here in the plain form."""

    def cookie(text: str, signature: str) -> str:
        payload = base64.urlsafe_b64encode(f'[["__json_message",0,25,"{text}",""]]'.encode())
        return f"messages={payload.decode().rstrip('=')}:{signature}; HttpOnly; Path=/"

    def compared(one: str, other: str) -> list[tuple[str, str]]:
        return found(compare(asked(), fields(("Set-Cookie", one)), fields(("Set-Cookie", other))))

    assert compared(cookie("Saved.", SIGNATURE), cookie("Saved.", OTHER)) == []
    assert compared(cookie("Saved.", SIGNATURE), cookie("Gone.", OTHER)) == [
        ("cookie:messages:value", "differs")
    ]


NOW = datetime.fromtimestamp(AT, UTC)
FORMATS = [
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%d %H:%M:%S+00:00",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a, %d %b %Y %H:%M:%S +0000",
    "%d %B %Y %H:%M:%S",
    "%B %d, %Y, %I:%M %p",
]


@QUICK
@given(st.sampled_from(FORMATS), st.floats(-5, 5))
def test_now_is_known_in_each_format(form: str, off: float) -> None:
    moment = NOW + timedelta(seconds=off)
    text = moment.strftime(form).replace("AM", "a.m.").replace("PM", "p.m.")
    assert without_now(f"<{text}>", AT, 5) == "<{now}>"


@QUICK
@given(st.sampled_from(FORMATS), st.integers(75, 800) | st.integers(-800, -75))
def test_another_time_is_left_as_it_is(form: str, off: int) -> None:
    moment = NOW + timedelta(seconds=off)
    text = moment.strftime(form).replace("AM", "a.m.").replace("PM", "p.m.")
    assert without_now(text, AT, 5) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"{int(AT)}", "{now in s}"),
        (f"{int(AT) + 2}.123", "{now in s}"),
        (f"{int(AT)}123", "{now in ms}"),
        (f"{int(AT) - 60}", f"{int(AT) - 60}"),
        ("2026-11-20 14:00:01", "{now+2:00}"),
        ("2026-11-20 06:30:00", "{now-5:30}"),
        ("2026-11-20T14:00:01+02:00", "{now}"),
        ("2026-13-40 12:00:00", "2026-13-40 12:00:00"),
        ("12026-11-20 12:00:00", "12026-11-20 12:00:00"),
        ("Nov. 20, 2026, noon", "{now}"),
        ("Nov. 20, 2026", "Nov. 20, 2026"),
    ],
)
def test_forms_of_now(text: str, named: str) -> None:
    assert without_now(text, AT, 5) == named


def test_today_may_be_yesterday_only_at_midnight() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert without_now("2026-11-20", midnight + 2, 5) == "{today}"
    assert without_now("Nov. 21, 2026", midnight + 2, 5) == "{today}"
    assert without_now("2026-11-20", midnight + 60, 5) == "2026-11-20"


def test_a_volatile_value_in_a_long_script() -> None:
    long = "var x = 1;\n" * 5000
    sides = (f"<script>{long}csrfToken: '{token}',{long}</script>" for token in (A, B))
    assert found(pages(*sides)) == []


def test_a_csrf_token_in_json() -> None:
    kind = "application/json"
    assert outcome(f'{{"csrfToken": "{A}"}}', f'{{"csrfToken": "{B}"}}', kind).equal
    assert not outcome(f'{{"key": "{A}"}}', f'{{"key": "{B}"}}', kind).equal


@pytest.mark.parametrize("compress", [False, True])
def test_what_the_signer_makes_is_told_apart_by_its_payload(compress: bool) -> None:
    """Our signer is held against Django's (tests/matrix)."""

    def field(value: object, key: str) -> str:
        return f"<input value='{dumps(value, key, compress=compress)}'>"

    letters = ["a" * 200, "b"]
    assert found(pages(field(letters, "one key"), field(letters, "another"))) == []
    assert len(found(pages(field(letters, "one key"), field(["a" * 200, "c"], "one key")))) == 1
