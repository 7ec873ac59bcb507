"""Texts of tokens: what we have written is read, nothing else is."""

import pytest

from legacy_bridge.replication.causality import Token, read_token
from legacy_bridge.replication.owners import Owner
from legacy_bridge.signatures import signing_key

KEY = signing_key("secret")
NOW = 1_800_000_000.125
TOKEN = Token(Owner.NATIVE, 1_800_000_000_125, 0xB3748)


@pytest.mark.parametrize("side", Owner)
def test_there_and_back(side: Owner) -> None:
    token = Token.of(side, NOW)
    text = token.text(KEY)
    assert read_token(text, KEY, NOW + 1) == token
    assert len(text) <= 60
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")


def test_its_form() -> None:
    said, _, signature = TOKEN.text(KEY).rpartition(".")
    assert said == "n.1a3185c507d.b3748"
    assert len(signature) == 22


@pytest.mark.parametrize(
    ("age", "there"), [(-6, False), (-5, True), (0, True), (60, True), (60.01, False)]
)
def test_it_is_read_for_a_minute(age: float, there: bool) -> None:
    assert (read_token(TOKEN.text(KEY), KEY, NOW + age) is not None) == there


def test_a_changed_text_is_none() -> None:
    text = TOKEN.text(KEY)
    for place, old in enumerate(text):
        for new in {"0", "1", ".", "l", "\0", "é"} - {old}:
            changed = text[:place] + new + text[place + 1 :]
            assert read_token(changed, KEY, NOW) is None, changed
        assert read_token(text[:place], KEY, NOW) is None


@pytest.mark.parametrize("text", ["", ".", "...", "n.1.1", "n.1.1.", "x" * 10_000, "n.1.1.é", "\0"])
def test_what_anybody_may_send(text: str) -> None:
    assert read_token(text, KEY, NOW) is None


def test_another_key_reads_nothing() -> None:
    assert read_token(TOKEN.text(signing_key("another")), KEY, NOW) is None
    assert read_token(TOKEN.text(b"secret"), KEY, NOW) is None


def test_two_of_one_moment_are_told_apart() -> None:
    assert len({Token.of(Owner.LEGACY, NOW) for _ in range(100)}) == 100
