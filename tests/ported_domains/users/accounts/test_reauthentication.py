"""Proving once more who one is: on the bundled site and natively the same."""

import pytest

from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import SessionSettings
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import PASSWORD, Side

pytestmark = pytest.mark.parity

PAGE = "/accounts/reauthenticate/"
WRONG = "Incorrect password."
TOO_MANY = "Too many failed login attempts. Try again later."
MISSING = "This field is required."
CODEC = SessionCodec(SECRETS, SessionSettings().salt)


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/"),
        ("?next=/about/", "/about/"),
        ("?next=https://elsewhere.example.com/", "/"),
    ],
)
async def test_the_right_password(side: Side, query: str, location: str) -> None:
    browser = await entered(side, await newcomer(side))
    answer = await browser.post(f"{PAGE}{query}", {"password": PASSWORD})
    assert sent(answer) == (302, location)
    row = await side.row(
        "SELECT session_data FROM django_session WHERE session_key = %s",
        browser.cookies["sessionid"],
    )
    [proof] = CODEC.decode(row["session_data"])["account_authentication_methods"]
    assert isinstance(proof.pop("at"), float)
    assert proof == {"method": "password", "reauthenticated": True}
    assert (await browser.get(PAGE)).status == 200


@pytest.mark.parametrize(("password", "error"), [("wrong", WRONG), ("", MISSING)])
async def test_wrong(side: Side, password: str, error: str) -> None:
    browser = await entered(side, await newcomer(side))
    answer = await browser.post(PAGE, {"password": password})
    assert (answer.status, answer.errors) == (200, [error])


async def test_failures_count_as_those_of_logging_in(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    for _ in range(5):
        assert (await browser.post(PAGE, {"password": "wrong"})).errors == [WRONG]
    assert (await browser.post(PAGE, {"password": PASSWORD})).errors == [TOO_MANY]
    assert (await side.browser().log_in(person.email)).errors == [TOO_MANY]


async def test_a_user_without_addresses_is_counted_by_name(side: Side) -> None:
    person = await side.add_user()
    browser = await entered(side, person)
    for _ in range(5):
        await browser.post(PAGE, {"password": "wrong"})
    assert (await side.browser().log_in(person.name)).errors == [TOO_MANY]


async def test_too_many_requests(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    for _ in range(10):
        assert (await browser.post(PAGE, {"password": ""})).status == 200
    assert (await browser.post(PAGE, {"password": PASSWORD})).status == 429
    assert (await browser.get(PAGE)).status == 200


async def test_who_has_no_password(side: Side) -> None:
    browser = await entered(side, await newcomer(side), as_if="!" + "x" * 40)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(PAGE, {"password": PASSWORD})).status == 403


async def test_nobody(side: Side) -> None:
    assert sent(await side.browser().get(f"{PAGE}?next=/about/")) == (
        302,
        f"/accounts/login/?next={PAGE}%3Fnext%3D/about/",
    )


async def test_an_outdated_password_ends_no_session(native_accounts: Side) -> None:
    """Django makes it anew here, and so signs its user out everywhere."""
    outdated = "pbkdf2_sha256$1$OldAndMuchTooFewRounds$q5ehzuiVofkiIKlZbKo0675iLuDoWu+j0kPjqGVOTDE="
    browser = await entered(native_accounts, await newcomer(native_accounts), as_if=outdated)
    assert sent(await browser.post(PAGE, {"password": "old"})) == (302, "/")
    assert (await browser.get(PAGE)).status == 200
