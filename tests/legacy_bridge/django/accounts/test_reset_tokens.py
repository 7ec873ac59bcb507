"""Tokens that let a forgetful user set a new password: made and read by either side."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.reset_tokens import THREE_DAYS, Resetter, ResetTokens
from legacy_bridge.django.settings import Secrets
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET
from tests.legacy_bridge.django.vectors import fewer, many

SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))
NOW = datetime(2025, 11, 28, 3, 20, 5, 123456, tzinfo=UTC)

addresses = st.sampled_from(["a@example.org", "A@Example.org", "é@example.org", "b@example.org"])
resetters = st.builds(
    Resetter,
    id=st.integers(1, 2**31 - 1),
    password=st.sampled_from(["pbkdf2_sha256$1$a$b", "!unusable", ""]) | st.text(max_size=20),
    last_login=st.none()
    | st.floats(6e8, 2e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    email=addresses | st.just(""),
    addresses=st.none(),
)
with_addresses = st.builds(
    Resetter,
    id=st.integers(1, 1000),
    password=st.sampled_from(["pbkdf2_sha256$1$a$b", "!unusable"]),
    last_login=st.none() | st.just(NOW),
    email=addresses | st.just(""),
    addresses=st.lists(addresses.map(str.lower), unique=True, max_size=3),
)


def there(resetter: Resetter, **rest: Any) -> dict[str, Any]:
    """The arguments of a question about a token."""
    login = resetter.last_login
    return {
        "id": resetter.id,
        "password": resetter.password,
        "email": resetter.email,
        "last_login": login and login.isoformat(),
        "addresses": None if resetter.addresses is None else list(resetter.addresses),
        **rest,
    }


def wall_clock(moment: datetime) -> str:
    """As Django reads it, in the time zone of the site: UTC."""
    return moment.replace(tzinfo=None).isoformat()


def agree_about_tokens(django: AccountsSide, resetter: Resetter, age: timedelta) -> None:
    tokens, later = ResetTokens(SECRETS), NOW + age
    ours = tokens.make(resetter, NOW)
    assert ours == django.ask("reset_token", **there(resetter, moment=wall_clock(NOW)))
    good = age < timedelta(seconds=THREE_DAYS + 1)
    assert tokens.is_good(ours, resetter, later) is good
    question = there(resetter, moment=wall_clock(later), token=ours, timeout=THREE_DAYS)
    assert django.ask("check_reset_token", **question) is good


ages = st.sampled_from([-1, 0, 1, THREE_DAYS, THREE_DAYS + 1, 10**8]).map(
    lambda seconds: timedelta(seconds=seconds)
)


@many
@given(resetter=resetters, age=ages)
def test_reset_tokens_of_django(accounts: AccountsSide, resetter: Resetter, age: timedelta) -> None:
    agree_about_tokens(accounts, resetter, age)


@fewer
@given(resetter=with_addresses, age=ages)
def test_reset_tokens_of_allauth(
    accounts: AccountsSide, resetter: Resetter, age: timedelta
) -> None:
    agree_about_tokens(accounts, resetter, age)


USER = Resetter(7, "pbkdf2_sha256$1$a$b", NOW, "a@example.org", ["a@example.org"])
TOKEN = ResetTokens(SECRETS).make(USER, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        Resetter(8, USER.password, NOW, USER.email, USER.addresses),
        Resetter(7, USER.password + "x", NOW, USER.email, USER.addresses),
        Resetter(7, USER.password, NOW + timedelta(seconds=1), USER.email, USER.addresses),
        Resetter(7, USER.password, None, USER.email, USER.addresses),
        Resetter(7, USER.password, NOW, "b@example.org", USER.addresses),
        Resetter(7, USER.password, NOW, USER.email, ["a@example.org", "b@example.org"]),
    ],
)
def test_reset_token_ends_with_what_it_vouches_for(changed: Resetter) -> None:
    assert ResetTokens(SECRETS).is_good(TOKEN, USER, NOW)
    assert not ResetTokens(SECRETS).is_good(TOKEN, changed, NOW)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "-",
        TOKEN[:-1],
        TOKEN + "0",
        TOKEN.upper(),
        TOKEN + "-x",
        "0" + TOKEN,
        "+" + TOKEN,
        " " + TOKEN,
        TOKEN.replace("-", ""),
        "zzzzzzzzzzzzzz-" + TOKEN.partition("-")[2],
        "\ud800-" + TOKEN.partition("-")[2],
        TOKEN[:-1] + "\0",
        "x" * 100_000,
    ],
)
def test_forged_reset_tokens(accounts: AccountsSide, forged: str) -> None:
    assert not ResetTokens(SECRETS).is_good(forged, USER, NOW)
    question = there(USER, moment=wall_clock(NOW), token=forged, timeout=THREE_DAYS)
    if "\ud800" not in forged:  # an error 500 there
        assert accounts.ask("check_reset_token", **question) is False


def test_reset_token_of_an_older_key(accounts: AccountsSide) -> None:
    older = accounts.ask("reset_token", **there(USER, moment=wall_clock(NOW), secret=OLD_SECRET))
    assert ResetTokens(SECRETS).is_good(older, USER, NOW)
    assert not ResetTokens(Secrets(key=SECRET)).is_good(older, USER, NOW)
    assert not ResetTokens(Secrets(key=b"another")).is_good(older, USER, NOW)


def test_reset_tokens_count_by_the_wall_clock() -> None:
    east = ResetTokens(SECRETS, zone=ZoneInfo("Asia/Tokyo"))
    # Nine hours ahead: a token of another zone is not forged, but its age is another.
    assert east.make(USER, NOW) == ResetTokens(SECRETS).make(USER, NOW + timedelta(hours=9))
    # A site without time zones stores naive times.
    naive = Resetter(7, USER.password, NOW.replace(tzinfo=None), USER.email, USER.addresses)
    assert ResetTokens(SECRETS).make(naive, NOW) == TOKEN
