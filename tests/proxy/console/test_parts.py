"""The pure parts: who may, signed texts, attempts, figures, plots, what differs."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from legacy_bridge.django.authentication.user import ANONYMOUS, User
from proxy.console import shown
from proxy.console.attempts import Attempts
from proxy.console.highlighting import Piece, apart
from proxy.console.permission import Operators
from proxy.console.plots import Line, Plot, paths, rounded_up
from proxy.console.tickets import LIFETIME_SECONDS, Tickets
from proxy.settings import Settings, SettingsError

DIGEST = sha256(b"open").hexdigest()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def user(**more: object) -> User:
    values: dict[str, object] = {"id": 1, "username": "u", "password": "", "is_staff": True}
    return User(**values | more)  # type: ignore[arg-type]


GRANTED = frozenset({"sites.change_site"})


@pytest.mark.parametrize(
    ("entries", "visitor", "admitted"),
    [
        (["permission:sites.change_site"], user(user_permissions=GRANTED), True),
        (["permission:sites.change_site"], user(group_permissions=GRANTED), True),
        (["permission:sites.change_site"], user(is_superuser=True), True),
        (["permission:sites.change_site"], user(), False),
        (["permission:sites.add_site"], user(user_permissions=GRANTED), False),
        (["permission:sites.change_site"], user(user_permissions=GRANTED, is_staff=False), False),
        (["permission:sites.change_site"], user(user_permissions=GRANTED, is_active=False), False),
        (["superusers"], user(is_superuser=True), True),
        (["superusers"], user(is_superuser=True, is_active=False), False),
        (["superusers"], user(is_superuser=True, is_staff=False), False),
        (["superusers"], user(user_permissions=GRANTED), False),
        ([f"token:{DIGEST}"], user(is_superuser=True), False),
        (["superusers", "permission:sites.change_site"], ANONYMOUS, False),
    ],
)
def test_users(entries: list[str], visitor: User, admitted: bool) -> None:
    assert Operators.of(entries).admits(visitor) is admitted


def test_tokens_are_known_by_their_hash() -> None:
    operators = Operators.of([f"token:deploy:{DIGEST}", f"token:{'0' * 64}"])
    found = operators.token("open")
    assert found is not None
    assert found.name == "deploy"
    assert operators.tokens[1].name == "00000000"
    for wrong in ("Open", "", DIGEST, "op\ud800en", "open\0"):
        assert operators.token(wrong) is None
    assert operators.token_of(found.id) is found
    assert operators.token_of(DIGEST) is None
    assert not operators.knows_users


@pytest.mark.parametrize(
    ("written", "entries"),
    [
        ("", ()),
        ("superusers", ("superusers",)),
        (f" superusers,  token:a:{DIGEST}\n", ("superusers", f"token:a:{DIGEST}")),
        ("permission:a.b_c", ("permission:a.b_c",)),
    ],
)
def test_the_setting(
    monkeypatch: pytest.MonkeyPatch, written: str, entries: tuple[str, ...]
) -> None:
    monkeypatch.setenv("STRANGLER_OPERATORS", written)
    assert Settings.load().operators == entries


@pytest.mark.parametrize(
    "written",
    ["everybody", "token:the-token-itself", f"token:{DIGEST.upper()}", "permission:add_site"],
)
def test_a_wrong_setting_is_not_repeated(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("STRANGLER_OPERATORS", f"superusers {written}")
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert str(raised.value).startswith("STRANGLER_OPERATORS: entry 2 is none of superusers, ")
    assert written not in str(raised.value)


def test_tickets() -> None:
    tickets, others = Tickets(["a", "b"]), Tickets(["a", "c"])
    cookie = tickets.issue("abc", 1000.0)
    assert Tickets(["a", "b"]).token_id(cookie, 1000.0) == "abc"
    assert tickets.token_id(cookie, 1000.0 + LIFETIME_SECONDS - 1) == "abc"
    assert tickets.token_id(cookie, 1000.0 + LIFETIME_SECONDS) is None
    assert others.token_id(cookie, 1000.0) is None
    assert tickets.issue("abc", 1000.0) != cookie
    assert tickets.is_form_token(tickets.form_token("x"), "x")
    assert not tickets.is_form_token(tickets.form_token("x"), "y")
    assert not tickets.is_form_token("", "x")
    signature = cookie.rpartition(".")[2]
    assert not tickets.is_form_token(signature, cookie.rpartition(".")[0])


def test_wrong_tokens_are_counted_by_address() -> None:
    attempts = Attempts()
    for second in range(5):
        assert attempts.wait("one", second) == 0
        attempts.failed("one", second)
    assert attempts.wait("one", 5.0) == 55.0
    assert attempts.wait("other", 5.0) == 0
    assert attempts.wait("one", 60.0) == 0
    for number in range(20_000):
        attempts.failed(f"another {number}", 60.0)
    assert attempts.wait("new", 61.0) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0.00042, "0.4 ms"),
        (0.0094, "9.4 ms"),
        (0.0995, "100 ms"),
        (0.9994, "999 ms"),
        (1.26, "1.3 s"),
        (119, "119.0 s"),
        (120, "2 min"),
        (7300, "2 h"),
        (200_000, "2 days"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert shown.duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "—"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9999999, "99.99 %"),
        (0.0000001, "0.01 %"),
        (0.995, "99.50 %"),
        (0.5, "50 %"),
        (0.0123, "1.23 %"),
    ],
)
def test_percent_is_never_rounded_to_all_or_nothing(share: float | None, text: str) -> None:
    assert shown.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text


def test_rates_and_counts() -> None:
    assert [shown.rate(value) for value in (None, 0, 0.25, 99.94, 1234.5)] == [
        *("—", "0/s", "0.2/s", "99.9/s", "1,234/s")
    ]
    assert [shown.count(value) for value in (None, 0, 1234567, 7.5)] == [
        *("—", "0", "1,234,567", "7.5")
    ]


def test_times() -> None:
    assert shown.ago(None, NOW) == "never"
    assert shown.ago(NOW - timedelta(minutes=3), NOW).replace("\N{NO-BREAK SPACE}", " ") == (
        '<time datetime="2026-03-01T11:57:00+00:00" title="2026-03-01 11:57:00 UTC">180 s ago'
        "</time>"
    ).replace("180 s", "3 min")
    assert ">just now<" in shown.ago(NOW + timedelta(seconds=1), NOW)


@pytest.mark.parametrize(
    ("value", "top"),
    [(1.0, 1.0), (1.01, 2.0), (3, 5), (7, 10), (0.03, 0.05), (0.1, 0.1), (101, 200)],
)
def test_upper_edges_are_round(value: float, top: float) -> None:
    assert rounded_up(value) == pytest.approx(top)


def test_a_gap_is_a_gap() -> None:
    assert paths([], 1.0) == []
    assert paths([None, None], 1.0) == []
    assert paths([0.0, 1.0, None, 0.5], 1.0) == ["M0.0 119.0L200.0 1.0", "M600.0 60.0h100"]


def test_a_plot_tells_its_figures_in_words() -> None:
    line = Line("<native>", [1.0, 4.0, None])
    plot = Plot("Requests", "5 minutes", (line,), shown.rate, 1.0, (0.5,))
    assert plot.top == 5.0
    assert plot.told == "Requests, last 5 minutes: <native> now —, at most 4.0/s"
    svg = str(plot.svg)
    assert "&lt;native&gt; now —, at most 4.0/s" in svg
    assert '<path class="mark" d="M300 0V120"/>' in svg
    assert "<native>" not in svg


def test_what_differs() -> None:
    assert apart("Python 3.13.0 is out", "Python 3.13 is out") == (
        [Piece("Python 3.13", False), Piece(".0", True), Piece(" is out", False)],
        [Piece("Python 3.13", False), Piece(" is out", False)],
    )
    assert apart("", "x") == ([], [Piece("x", True)])
    assert apart("same", "same") == ([Piece("same", False)], [Piece("same", False)])
    long, longer = "a b " * 800, "a b " * 800 + "c"
    ones, others = apart(long, longer)
    assert "".join(piece.text for piece in ones) == long
    assert "".join(piece.text for piece in others) == longer
    assert others[-1].differs
