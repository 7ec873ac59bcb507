"""Keys of rows, as they stand in links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django import identifiers
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import any_text, many

numerals = st.text("0123456789abzABZ+-_ ٣\0\ud800", max_size=16)


@many
@given(number=st.integers(0, 2**70), text=numerals)
def test_base_36(accounts: AccountsSide, number: int, text: str) -> None:
    assert identifiers.to_base36(number) == accounts.ask("to_base36", number=number)
    for each in (text, identifiers.to_base36(number)):
        try:
            there = accounts.ask("from_base36", text=each)
        except RefusedError:
            assert identifiers.row_of_base36(each) is None
        else:
            assert identifiers.row_of_base36(each) == there


@many
@given(octets=st.binary(max_size=20), text=st.text("AwMD-_=!é \ud800", max_size=9) | any_text)
def test_base_64(accounts: AccountsSide, octets: bytes, text: str) -> None:
    ours = identifiers.to_base64(octets)
    assert ours == accounts.ask("to_base64", octets=octets.decode("latin-1"))
    assert identifiers.from_base64(ours) == octets
    try:
        there = accounts.ask("from_base64", text=text)
    except RefusedError:
        with pytest.raises(ValueError):  # noqa: PT011 - three kinds, none with a text of ours
            identifiers.from_base64(text)
    else:
        assert identifiers.from_base64(text) == there.encode("latin-1")


def test_rows_in_links() -> None:
    assert identifiers.row_of_base64("Mw") == 3
    assert identifiers.row_of_base64("Ng==") == 6
    assert identifiers.row_of_base64("eA") is None
    assert identifiers.row_of_base64("_w") is None
    assert identifiers.row_of_base64("\ud800") is None
    with pytest.raises(ValueError, match="negative"):
        identifiers.to_base36(-1)
