"""Keys in mails that confirm an address, made and read by either side."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django import signing
from legacy_bridge.django.email_confirmation import (
    SALT,
    VALID,
    address_to_confirm,
    confirmation_key,
    is_stored_key_valid,
    stored_key,
)
from legacy_bridge.django.settings import Secrets
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET
from tests.legacy_bridge.django.vectors import many

SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))
NOW = datetime(2025, 11, 28, 3, 20, 5, 123456, tzinfo=UTC)
THREE_DAYS = int(VALID.total_seconds())


@many
@given(pk=st.integers(0, 2**63))
def test_confirmation_keys(accounts: AccountsSide, pk: int) -> None:
    assert address_to_confirm(accounts.ask("confirmation_key", pk=pk), SECRETS) == pk
    ours = confirmation_key(pk, SECRETS)
    assert address_to_confirm(ours, SECRETS) == pk
    assert accounts.ask("loads_pk", key=ours) == pk


def test_confirmed_addresses(accounts: AccountsSide) -> None:
    assert accounts.ask("confirmed_address", key=confirmation_key(7, SECRETS)) == 7
    # Verified already, and absent.
    assert accounts.ask("confirmed_address", key=confirmation_key(8, SECRETS)) is None
    assert accounts.ask("confirmed_address", key=confirmation_key(9, SECRETS)) is None


KEY = confirmation_key(7, SECRETS)


FORGED_KEYS = [
    "",
    ":",
    KEY[:-1],
    KEY + "x",
    "OA" + KEY[2:],
    KEY.swapcase(),
    "\0" + KEY,
    "\ud800" + KEY,
    "x" * 100_000,
    signing.dumps(7, "another key", salt=SALT),
    signing.dumps(7, SECRET),
    signing.dumps(True, SECRET, salt=SALT),
    signing.dumps("7", SECRET, salt=SALT),
    signing.dumps([7], SECRET, salt=SALT),
]


# By number: the keys have the time in them, so they would not do as names.
@pytest.mark.parametrize("number", range(len(FORGED_KEYS)))
def test_forged_confirmation_keys(number: int) -> None:
    assert address_to_confirm(FORGED_KEYS[number], SECRETS) is None


def test_confirmation_keys_end(accounts: AccountsSide) -> None:
    begun = 1_764_300_000
    key = accounts.ask("confirmation_key", pk=7, now=begun)
    with mock.patch("time.time", return_value=begun + THREE_DAYS):
        assert address_to_confirm(key, SECRETS) == 7
    assert accounts.ask("confirmed_address", key=key, now=begun + THREE_DAYS) == 7
    with mock.patch("time.time", return_value=begun + THREE_DAYS + 1):
        assert address_to_confirm(key, SECRETS) is None
    assert accounts.ask("confirmed_address", key=key, now=begun + THREE_DAYS + 1) is None


def test_confirmation_keys_of_an_older_key(accounts: AccountsSide) -> None:
    older = signing.dumps(7, OLD_SECRET, salt=SALT)
    assert accounts.ask("confirmed_address", key=older) == 7
    assert address_to_confirm(older, SECRETS) == 7
    assert address_to_confirm(older, Secrets(key=SECRET)) is None


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize("seconds", [0, THREE_DAYS - 1, THREE_DAYS, THREE_DAYS + 1])
def test_stored_keys(accounts: AccountsSide, verified: bool, seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    ours = is_stored_key_valid(NOW, later, verified=verified)
    assert ours is accounts.ask(
        "confirm_stored", sent=NOW.isoformat(), moment=later.isoformat(), verified=verified
    )
    assert not is_stored_key_valid(None, later, verified=verified)
    assert stored_key("ABC") == "abc"
