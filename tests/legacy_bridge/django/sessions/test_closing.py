"""What a session does to an answer, as a table; `test_visits.py` compares it with Django."""

from itertools import product

import pytest

from legacy_bridge.django.sessions.closing import Closing, Deed, closing
from legacy_bridge.django.vary import vary_on
from tests.legacy_bridge.django.django_side import DjangoSide

NOTHING = Closing(Deed.LEAVE, vary=False)
READ = Closing(Deed.LEAVE, vary=True)
FORGOTTEN = Closing(Deed.FORGET, vary=True)
SAVED = Closing(Deed.SAVE, vary=True)


@pytest.mark.parametrize(
    ("accessed_modified_empty", "cookie_sent", "status", "every", "expected"),
    [
        ((False, False, True), False, 200, False, NOTHING),
        ((True, False, True), False, 200, False, READ),
        ((True, True, True), False, 200, False, READ),
        ((False, False, True), True, 200, False, FORGOTTEN),
        ((True, True, True), True, 500, True, FORGOTTEN),
        ((False, False, False), True, 200, False, NOTHING),
        ((False, False, False), True, 200, True, SAVED),
        ((True, False, False), True, 200, False, READ),
        ((True, True, False), True, 200, False, SAVED),
        ((True, True, False), False, 499, False, SAVED),
        ((True, True, False), True, 500, False, READ),
        ((False, False, False), True, 503, True, NOTHING),
    ],
)
def test_closing(
    accessed_modified_empty: tuple[bool, bool, bool],
    cookie_sent: bool,
    status: int,
    every: bool,
    expected: Closing,
) -> None:
    accessed, modified, empty = accessed_modified_empty
    assert expected == closing(
        accessed=accessed,
        modified=modified,
        empty=empty,
        cookie_sent=cookie_sent,
        status=status,
        save_every_request=every,
    )


def test_who_has_a_cookie_set_depends_on_cookies() -> None:
    for accessed, modified, empty, sent, every in product((False, True), repeat=5):
        decided = closing(
            accessed=accessed,
            modified=modified,
            empty=empty,
            cookie_sent=sent,
            status=200,
            save_every_request=every,
        )
        assert decided.vary or decided.deed is Deed.LEAVE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "Cookie"),
        ("Accept", "Accept, Cookie"),
        ("cookie", "cookie"),
        ("Accept ,COOKIE,  X", "Accept, COOKIE, X"),
        ("*", "*"),
        ("Accept, *", "*"),
        ("", ", Cookie"),
    ],
)
def test_vary(django_side: DjangoSide, before: str | None, after: str) -> None:
    assert vary_on(before, "Cookie") == after == django_side.ask("vary", field=before)
