"""Tokens that either side understands, and secrets that are saved when there."""

import string

from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.csrf_token import (
    CsrfState,
    is_token_of,
    mask,
    new_secret,
    read_secret,
    unmask,
)
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.vectors import any_text, many

SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
stored_texts = (
    st.none()
    | any_text
    | st.sampled_from([SECRET, mask(SECRET), SECRET[:-1], "", "\0" * 32, "\ud800" * 64])
)


letters = st.text(string.ascii_letters + string.digits, min_size=32, max_size=32)


@many
@given(secret=letters)
def test_masks_both_ways(accounts: AccountsSide, secret: str) -> None:
    ours, theirs = mask(secret), accounts.ask("csrf_mask", secret=secret)
    assert accounts.ask("csrf_unmask", token=ours) == secret
    assert unmask(theirs) == secret
    assert accounts.ask("csrf_matches", token=ours, secret=secret)
    assert is_token_of(theirs, secret)
    assert is_token_of(secret, secret)
    assert not is_token_of(theirs, secret.swapcase() + "x")


@many
@given(stored=stored_texts, steps=st.lists(st.sampled_from(["token", "rotate"]), max_size=3))
def test_saves_as_there(accounts: AccountsSide, stored: str | None, steps: list[str]) -> None:
    theirs = accounts.ask("csrf_visit", stored=stored, steps=steps)
    state = CsrfState(stored)
    token = ""
    for step in steps:
        if step == "token":
            token = state.token()
        else:
            state.rotate()
    assert (state.to_save is None) is (theirs["saved"] is None)
    if state.to_save is not None:
        assert len(state.to_save) == 32
        # The same secret where it is kept, a new one on both sides where it is not.
        kept = read_secret(stored)
        assert (state.to_save == kept) is (theirs["saved"] == kept)
        if steps and steps[-1] == "token":
            assert unmask(token) == state.to_save


def test_secrets_differ() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    state = CsrfState(SECRET)
    assert state.to_save is None
    assert state.token() != state.token()
    assert state.to_save == SECRET
