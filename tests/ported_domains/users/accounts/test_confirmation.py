"""Confirming an e-mail address: on the bundled site and natively the same."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from legacy_bridge.django import signing
from legacy_bridge.django.email_confirmation import SALT, confirmation_key
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import Person, Side

pytestmark = pytest.mark.parity

LOGIN = "/accounts/login/"


async def row_of(side: Side, email: str, person: Person) -> int:
    row = await side.row(
        "SELECT id FROM account_emailaddress WHERE email = %s AND user_id = %s", email, person.id
    )
    return int(row["id"])


async def link(side: Side, email: str, person: Person) -> str:
    key = confirmation_key(await row_of(side, email, person), SECRETS)
    return f"/accounts/confirm-email/{key}/"


async def state(side: Side, person: Person) -> tuple[list[tuple[str, bool, bool]], str]:
    """Addresses with `verified` and `primary`, and the one of the user's own row."""
    rows = await side.rows(
        'SELECT email, verified, "primary" FROM account_emailaddress WHERE user_id = %s'
        " ORDER BY id",
        person.id,
    )
    user = await side.row("SELECT email FROM users_user WHERE id = %s", person.id)
    return [(row["email"], row["verified"], row["primary"]) for row in rows], user["email"]


async def test_the_mailed_link_asks_and_then_confirms(side: Side) -> None:
    person = await newcomer(side, verified=False)
    browser = side.browser()
    await browser.log_in(person.name)
    [mail] = side.new_mails()
    found = re.search(r"http://www\.example\.org(/accounts/confirm-email/\S+/)", mail.get_content())
    assert found is not None
    page = await browser.get(found[1])
    assert page.status == 200
    assert person.email in page.text
    assert person.name in page.text
    assert await state(side, person) == ([(person.email, False, True)], person.email)
    answer = await browser.post(found[1])
    assert sent(answer) == (302, LOGIN)
    assert await state(side, person) == ([(person.email, True, True)], person.email)
    page = await browser.get(LOGIN)
    assert page.messages[-1] == f"You have confirmed {person.email}."
    assert sent(await browser.log_in(person.name)) == (302, "/")


async def test_a_waiting_login_ends_with_it(side: Side) -> None:
    """Nobody is logged in by a link."""
    person = await newcomer(side, verified=False)
    browser = side.browser()
    await browser.log_in(person.name)
    session = "SELECT session_data FROM django_session WHERE session_key = %s"
    before = await side.row(session, browser.cookies["sessionid"])
    await browser.post(await link(side, person.email, person))
    assert await side.row(session, browser.cookies["sessionid"]) != before
    assert sent(await browser.get("/accounts/logout/")) == (302, "/")


async def test_a_used_link(side: Side) -> None:
    person = await newcomer(side, verified=False)
    path = await link(side, person.email, person)
    assert sent(await side.browser().post(path)) == (302, LOGIN)
    page = await side.browser().get(path)
    assert page.status == 200
    assert person.email not in page.text
    assert (await side.browser().post(path)).status == 404


@pytest.mark.parametrize("days", [2.9, 3.1])
async def test_a_link_is_good_for_three_days(
    side: Side, days: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await newcomer(side, verified=False)
    address_id = await row_of(side, person.email, person)
    made = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    with monkeypatch.context() as then:
        then.setattr("time.time", lambda: made)
        key = confirmation_key(address_id, SECRETS)
    answer = await side.browser().post(f"/accounts/confirm-email/{key}/")
    assert answer.status == (302 if days < 3 else 404)


@pytest.mark.parametrize("key", ["x", "1:2:3", "wrong-key", "a" * 300])
async def test_keys_that_are_none(side: Side, key: str) -> None:
    path = f"/accounts/confirm-email/{key}/"
    assert (await side.browser().get(path)).status == 200
    assert (await side.browser().post(path)).status == 404


@pytest.mark.parametrize("number", [0, -1, 2**40, 2**70])
async def test_signed_numbers_that_no_row_has(side: Side, number: int) -> None:
    key = signing.dumps(number, SECRETS.key, salt=SALT)
    assert (await side.browser().post(f"/accounts/confirm-email/{key}/")).status == 404


@pytest.mark.parametrize("thing", ["text", [1], {"id": 1}, None, 1.5, True])
async def test_other_signed_things(native_accounts: Side, thing: object) -> None:
    """Django asks its database for them, and may fail."""
    key = signing.dumps(thing, SECRETS.key, salt=SALT)
    answer = await native_accounts.browser().post(f"/accounts/confirm-email/{key}/")
    assert answer.status == 404


async def test_the_first_address_becomes_primary(side: Side) -> None:
    email = fresh_address()
    person = await side.add_user(email="other@example.org")
    await side.rows(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
        " VALUES (%s, %s, false, false)",
        person.id,
        email,
    )
    await side.browser().post(await link(side, email, person))
    assert await state(side, person) == ([(email, True, True)], email)


async def test_a_further_address_does_not(side: Side) -> None:
    first, second = fresh_address(), fresh_address()
    person = await side.add_user((first, True), (second, False), email=first)
    await side.browser().post(await link(side, second, person))
    assert await state(side, person) == ([(first, True, True), (second, True, False)], first)


async def test_an_address_that_another_account_has_verified(side: Side) -> None:
    email = fresh_address()
    await side.add_user((email, True))
    person = await side.add_user((email, False))
    path = await link(side, email, person)
    browser = side.browser()
    page = await browser.get(path)
    assert (page.status, "<form" in page.text) == (200, False)
    assert sent(await browser.post(path)) == (302, LOGIN)
    assert (await browser.get(LOGIN)).messages == [
        f"Unable to confirm {email} because it is already confirmed by a different account."
    ]
    assert (await state(side, person))[0] == [(email, False, True)]


async def test_who_is_inside_goes_home(side: Side) -> None:
    person = await newcomer(side, verified=False)
    browser = await entered(side, person)
    path = await link(side, person.email, person)
    assert (await browser.get(path)).status == 200
    assert sent(await browser.post(path)) == (302, "/")
    assert (await browser.get("/accounts/logout/")).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_somebody_else_is_signed_out(side: Side, method: str) -> None:
    person = await newcomer(side, verified=False)
    browser = await entered(side, await newcomer(side))
    path = await link(side, person.email, person)
    answer = await (browser.get(path) if method == "GET" else browser.post(path))
    assert answer.cookies["sessionid"]["max-age"] == "0"
    assert sent(answer) == ((200, None) if method == "GET" else (302, LOGIN))
    confirmed = [f"You have confirmed {person.email}."] if method == "POST" else []
    assert (await browser.get(LOGIN)).messages == [*confirmed, "You have signed out."]


@pytest.mark.parametrize(
    ("wanted", "location"),
    [("/about/", "/about/"), ("word", "/word"), ("https://elsewhere.example.com/", LOGIN)],
)
async def test_next(side: Side, wanted: str, location: str) -> None:
    person = await newcomer(side, verified=False)
    path = await link(side, person.email, person)
    assert sent(await side.browser().post(f"{path}?next={wanted}")) == (302, location)


async def test_scripts(side: Side) -> None:
    person = await newcomer(side, verified=False)
    path = await link(side, person.email, person)
    asked = await side.browser().get(path, accept="application/json")
    assert (asked.status, asked.json()) == (
        200,
        {"data": {"can_confirm": True, "email": person.email, "user": {"display": person.name}}},
    )
    wrong = await side.browser().get("/accounts/confirm-email/x/", accept="application/json")
    assert (wrong.status, wrong.json()) == (400, {"data": {"can_confirm": False}})


async def test_without_the_token(side: Side) -> None:
    person = await newcomer(side, verified=False)
    path = await link(side, person.email, person)
    assert (await side.browser().request("POST", path, {})).status == 403
    assert (await state(side, person))[0] == [(person.email, False, True)]
