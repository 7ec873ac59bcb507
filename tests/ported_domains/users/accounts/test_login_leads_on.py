"""After the right password: an address to confirm first, or on to where the visitor wanted."""

import pytest

from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import PASSWORD, Side
from tests.ported_domains.users.accounts.test_login import (
    FORTNIGHT,
    LOGIN,
    NOTICE,
    addresses,
    is_inside,
    session_of,
)

pytestmark = pytest.mark.parity


async def test_an_unverified_name_is_mailed_at_its_address(side: Side) -> None:
    person = await newcomer(side, verified=False)
    browser = side.browser()
    answer = await browser.log_in(person.name, next="/about/", remember="on")
    assert sent(answer) == (302, NOTICE)
    [mail] = side.new_mails()
    assert mail["to"] == person.email
    assert "http://www.example.org/accounts/confirm-email/" in mail.get_content()
    assert (await browser.get(NOTICE)).messages == [f"Confirmation email sent to {person.email}."]
    assert not await is_inside(browser)
    pending = (await session_of(side, browser))["account_login"]
    assert (pending["redirect_url"], pending["email"], pending["signup"]) == (
        "/about/",
        None,
        False,
    )
    assert answer.cookies["sessionid"]["max-age"] == str(FORTNIGHT)


async def test_the_mail_is_not_sent_again_at_once(side: Side) -> None:
    person = await newcomer(side, verified=False)
    browser = side.browser()
    for _ in range(2):
        assert sent(await browser.log_in(person.name)) == (302, NOTICE)
    assert len(side.new_mails()) == 1


async def test_by_address_that_very_one_must_be_verified(side: Side) -> None:
    verified, other = fresh_address(), fresh_address()
    person = await side.add_user((verified, True), (other, False), email=verified)
    assert sent(await side.browser().log_in(other)) == (302, NOTICE)
    [mail] = side.new_mails()
    assert mail["to"] == other
    assert sent(await side.browser().log_in(verified)) == (302, "/")
    assert sent(await side.browser().log_in(person.name)) == (302, "/")


async def test_a_user_without_rows_of_addresses_gets_one(side: Side) -> None:
    person = await side.add_user(email="Made.By@Command.example.org")
    assert sent(await side.browser().log_in(person.name)) == (302, NOTICE)
    [(email, verified, primary)] = await addresses(side, person)
    assert (email.lower(), verified, primary) == ("made.by@command.example.org", False, False)
    [mail] = side.new_mails()
    assert mail["to"].lower() == email.lower()


async def test_a_user_without_any_address_can_never_enter(side: Side) -> None:
    person = await side.add_user()
    assert sent(await side.browser().log_in(person.name)) == (302, NOTICE)
    assert side.new_mails() == []
    assert await addresses(side, person) == []


async def test_a_name_like_an_address_is_taken_for_one(side: Side) -> None:
    name, email = fresh_address(), fresh_address()
    person = await side.add_user((email, True), name=name, email=email)
    assert sent(await side.browser().log_in(name)) == (302, NOTICE)
    assert set(await addresses(side, person)) == {(name, False, False), (email, True, True)}
    [mail] = side.new_mails()
    assert mail["to"] == name
    assert sent(await side.browser().log_in(email)) == (302, "/")


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/downloads/?page=2", "/downloads/?page=2"),
        ("http://www.example.org/about/", "http://www.example.org/about/"),
        ("https://docs.example.org/about/", "https://docs.example.org/about/"),
        ("/über/", "/%C3%BCber/"),
        ("word", "word"),
        ("", "/"),
        ("https://elsewhere.example.com/", "/"),
        ("//elsewhere.example.com/", "/"),
        ("/\\elsewhere.example.com/", "/"),
        ("///elsewhere.example.com/", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///elsewhere.example.com", "/"),
        ("\x08//elsewhere.example.com", "/"),
    ],
)
async def test_next(side: Side, wanted: str, location: str) -> None:
    """Who is inside is sent on by the same rules as who comes in, and costs no password."""
    browser = await entered(side, await newcomer(side))
    assert sent(await browser.post(LOGIN, {"next": wanted})) == (302, location)


@pytest.mark.parametrize(
    ("wanted", "location"),
    [("/downloads/?page=2", "/downloads/?page=2"), ("https://elsewhere.example.com/", "/")],
)
async def test_next_after_a_login(side: Side, wanted: str, location: str) -> None:
    person = await newcomer(side)
    assert sent(await side.browser().log_in(person.name, next=wanted)) == (302, location)


async def test_next_that_is_no_url(native_accounts: Side) -> None:
    """Django fails."""
    browser = await entered(native_accounts, await newcomer(native_accounts))
    assert sent(await browser.post(LOGIN, {"next": "https://[elsewhere"})) == (302, "/")


async def test_next_of_the_form_comes_before_that_of_the_query(side: Side) -> None:
    person = await newcomer(side)
    form = {"login": person.name, "password": PASSWORD}
    first = await side.browser().post(f"{LOGIN}?next=/query/", {**form, "next": "/form/"})
    assert sent(first) == (302, "/form/")
    second = await side.browser().post(f"{LOGIN}?next=/query/", {**form, "next": ""})
    assert sent(second) == (302, "/query/")


async def test_who_is_inside_is_sent_on(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    assert sent(await browser.get(LOGIN)) == (302, "/")
    assert sent(await browser.get(f"{LOGIN}?next=/about/")) == (302, "/about/")
    assert sent(await browser.log_in("u1_1", "wrong", next="/about/")) == (302, "/about/")
