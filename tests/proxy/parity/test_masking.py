"""Nothing of a person, and no key, is in what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.parity.masking import SHOWN, both_shown, masked, masked_target
from tests.proxy.parity.sides import QUICK, pages

MASKED = [
    ("write to alice.b+c@mail.example.org now", "write to (e-mail) now"),
    ("key 3f2a9c0b1d4e5f60718293a4b5c6d7e8", "key (token)"),
    ("eyJhbGciOiJIUzI1NiJ9.e30", "(token).e30"),
    ("aBcDeFgHiJkLmNoPqRsTuV", "(token)"),
    ("call +49 30 1234567", "call (11 digits)"),
    ("4111 1111 1111 1111", "(16 digits)"),
    ("from 192.0.2.17", "from (address)"),
]
KEPT = [
    "2026-11-20T12:00:00",
    "Python 3.14.0",
    "/downloads/release/python-3140-alpha-release-notes/",
    "internationalization_of_documents",
    "12345 visitors",
    "Nov. 20, 2026, noon",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    assert masked(text) == text


def test_targets_keep_their_names() -> None:
    assert masked_target("/a/?page=2&token=abc&email=a%40b.org&q=x") == (
        "/a/?page=2&token=(masked)&email=(masked)&q=x"
    )
    assert masked_target("/users/alice@example.org/") == "/users/(e-mail)/"


def test_where_only_what_is_masked_differs_that_is_said() -> None:
    assert both_shown("alice@example.org", "bob@example.org") == ("(e-mail)", "(e-mail) (another)")


@QUICK
@given(st.text(max_size=400), st.text(max_size=400))
def test_what_is_shown_is_short_and_tells_both_apart(control: str, candidate: str) -> None:
    one, other = both_shown(control, candidate)
    assert max(len(one), len(other)) <= SHOWN + 2
    assert (one == other) is (control == candidate)


def test_an_address_in_a_page_is_in_no_difference() -> None:
    control = "<p>alice@example.org <a href='mailto:alice@example.org'>4111111111111111</a></p>"
    [*differences] = pages(control, "<div>x</div>").differences
    assert differences
    assert "alice" not in repr(differences)
    assert "4111" not in repr(differences)
