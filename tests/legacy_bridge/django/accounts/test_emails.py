"""Addresses, judged and compared as Django does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.emails import is_email, is_same_address
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.vectors import any_text, many

email_parts = st.sampled_from(
    [
        "a",
        "A.b",
        ".a",
        "a..b",
        '"a b"',
        '"\\\t"',
        "é",
        "\u0131",
        "\u212a",
        "a\0",
        "a\n",
        "+x'{}",
        "x" * 64,
    ]
)
DOMAINS = [
    *("example.org", "localhost", "LOCALHOST", "a", "a.c", "a_b.org", "a b.c", "a.b\n"),
    *("-a.org", "a-.org", "a.b-", "é.org", "a.é", "a.\u017fs", "\ud800.org", "example.org."),
    *("[127.0.0.1]", "[::1]", "[1.2.3]", "[::ffff:1.2.3.4]", f"[{'0' * 36}::1]"),
    *("xn--a.xn--b", "a.xn--", "a.1a", "a.11"),
    *(f"{'x' * 63}.org", f"{'x' * 64}.org", f"{'x' * 300}.org"),
]
emails = st.builds("{}@{}".format, email_parts, st.sampled_from(DOMAINS))


@many
@given(text=emails | emails.map("@{}".format) | emails.map("{}x".format) | any_text)
def test_emails_as_there(accounts: AccountsSide, text: str) -> None:
    assert is_email(text) is accounts.ask("is_email", text=text)


@pytest.mark.parametrize("domain", DOMAINS)
def test_domains_as_there(accounts: AccountsSide, domain: str) -> None:
    assert is_email(f"a@{domain}") is accounts.ask("is_email", text=f"a@{domain}")


# Dotless and dotted i, long s, the sign of Kelvin, a ligature, sharp s: alike to some.
alike = st.text("aA\u0131\u0130iI\u017fsS\u212ak\ufb01fi\u00df\u1e9e@", max_size=4)


@many
@given(one=alike, other=alike)
def test_look_alikes_as_there(accounts: AccountsSide, one: str, other: str) -> None:
    assert is_same_address(one, other) is accounts.ask("is_same_address", one=one, other=other)


def test_look_alikes() -> None:
    assert is_same_address("Mike@Example.org", "mike@example.org")
    assert not is_same_address("m\u0131ke@example.org", "mike@example.org")
    assert not is_same_address("mike@\u0435xample.org", "mike@example.org")
