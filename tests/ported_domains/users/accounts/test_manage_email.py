"""The addresses of an account: on either side the same."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import Browser, Person, Side

pytestmark = pytest.mark.parity

EMAIL = "/accounts/email/"
SHOWS_MESSAGES = "/accounts/password/change/"
MISSING = "This field is required."
AJAX = {"x_requested_with": "XMLHttpRequest"}
Row = tuple[str, bool, bool]


async def addresses(side: Side, person: Person) -> list[Row]:
    """(address, verified, primary), in the order in which they were made."""
    rows = await side.rows(
        'SELECT email, verified, "primary" FROM account_emailaddress'
        " WHERE user_id = %s ORDER BY id",
        person.id,
    )
    return [(row["email"], row["verified"], row["primary"]) for row in rows]


async def own_email(side: Side, person: Person) -> str:
    row = await side.row("SELECT email FROM users_user WHERE id = %s", person.id)
    email: str = row["email"]
    return email


async def told(browser: Browser) -> list[str]:
    return (await browser.get(SHOWS_MESSAGES)).messages


async def pressed(browser: Browser, action: str, email: str = "") -> list[str]:
    """What is told after a button was pressed that leads back to the page."""
    answer = await browser.post(EMAIL, {f"action_{action}": "", "email": email})
    assert sent(answer) == (302, EMAIL)
    return await told(browser)


async def test_adding_one(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    added = fresh_address()
    assert await pressed(browser, "add", added.upper()) == [f"Confirmation email sent to {added}."]
    assert await addresses(side, person) == [(person.email, True, True), (added, False, False)]
    assert await own_email(side, person) == person.email
    (mail,) = side.new_mails()
    assert (mail["To"], mail["From"]) == (added, "noreply@python.org")
    (link,) = re.findall(r"https?://\S+", mail.get_content())
    assert urlsplit(link).path.startswith("/accounts/confirm-email/")


async def test_the_mailed_link_confirms_it(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    added = fresh_address()
    await pressed(browser, "add", added)
    (mail,) = side.new_mails()
    (link,) = re.findall(r"https?://\S+", mail.get_content())
    answer = await browser.post(urlsplit(link).path)
    assert sent(answer) == (302, "/")
    assert await addresses(side, person) == [(person.email, True, True), (added, True, False)]


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", MISSING),
        ("nobody", "Enter a valid email address."),
        ("MINE", "This email address is already associated with this account."),
        ("OWN", "This email address is already associated with this account."),
    ],
)
async def test_what_cannot_be_added(side: Side, email: str, error: str) -> None:
    person = await newcomer(side)
    own = fresh_address()
    await side.rows("UPDATE users_user SET email = %s WHERE id = %s", own, person.id)
    browser = await entered(side, person)
    given = {"MINE": person.email.upper(), "OWN": own}.get(email, email)
    answer = await browser.post(EMAIL, {"action_add": "", "email": given})
    assert (answer.status, answer.errors) == (200, [error])
    assert [row[0] for row in await addresses(side, person)] == [person.email, own]
    assert side.new_mails() == []


async def test_an_address_that_the_table_cannot_hold(native_accounts: Side) -> None:
    """The legacy site fails."""
    browser = await entered(native_accounts, await newcomer(native_accounts))
    domain = ".".join(["a" * 60] * 4) + ".example.org"
    answer = await browser.post(EMAIL, {"action_add": "", "email": f"someone@{domain}"})
    fault = f"Ensure this value has at most 254 characters (it has {len(domain) + 8})."
    assert (answer.status, answer.errors) == (200, [fault])


async def test_that_it_is_somebody_elses_is_told_to_nobody(side: Side) -> None:
    owner, person = await newcomer(side), await newcomer(side)
    browser = await entered(side, person)
    told = await pressed(browser, "add", owner.email)
    assert told == [f"Confirmation email sent to {owner.email}."]
    assert (await addresses(side, person))[1:] == [(owner.email, False, False)]
    (mail,) = side.new_mails()
    (link,) = re.findall(r"https?://\S+", mail.get_content())
    assert 'method="post"' not in (await browser.get(urlsplit(link).path)).text.partition("<h1>")[2]
    await browser.post(urlsplit(link).path)
    assert (await addresses(side, person))[1:] == [(owner.email, False, False)]


async def test_the_link_is_mailed_again_after_three_minutes(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    added = fresh_address()
    await pressed(browser, "add", added)
    side.new_mails()
    assert await pressed(browser, "send", added) == []
    assert side.new_mails() == []
    await side.forget_limits()
    assert await pressed(browser, "send", added.upper()) == [f"Confirmation email sent to {added}."]
    (mail,) = side.new_mails()
    assert mail["To"] == added


@pytest.mark.parametrize(
    ("before", "chosen", "after", "message"),
    [
        (
            [("a", True), ("b", True)],
            "b",
            {"a": (True, False), "b": (True, True)},
            "Primary email address set.",
        ),
        (
            [("a", True), ("b", False)],
            "b",
            {"a": (True, True), "b": (False, False)},
            "Your primary email address must be verified.",
        ),
        (
            [("a", False), ("b", False)],
            "b",
            {"a": (False, False), "b": (False, True)},
            "Primary email address set.",
        ),
        ([("a", True)], "a", {"a": (True, True)}, "Primary email address set."),
    ],
)
async def test_the_primary_one(
    side: Side,
    before: list[tuple[str, bool]],
    chosen: str,
    after: Mapping[str, tuple[bool, bool]],
    message: str,
) -> None:
    names = {name: fresh_address() for name in "ab"}
    person = await side.add_user(
        *((names[name], verified) for name, verified in before), email=names["a"]
    )
    browser = await entered(side, person)
    assert await pressed(browser, "primary", names[chosen]) == [message]
    assert {email: rest for email, *rest in await addresses(side, person)} == {
        names[name]: list(rest) for name, rest in after.items()
    }
    primary = next(names[name] for name, (_, is_primary) in after.items() if is_primary)
    assert await own_email(side, person) == primary


async def test_removing(side: Side) -> None:
    first, second = fresh_address(), fresh_address()
    person = await side.add_user((first, True), (second, True), email=first)
    browser = await entered(side, person)
    refused = f"You cannot remove your primary email address ({first})."
    assert await pressed(browser, "remove", first) == [refused]
    assert await pressed(browser, "remove", second) == [f"Removed email address {second}."]
    assert await addresses(side, person) == [(first, True, True)]
    assert await own_email(side, person) == first
    assert await pressed(browser, "remove", first) == [f"Removed email address {first}."]
    assert await addresses(side, person) == []
    assert await own_email(side, person) == ""


async def test_who_loses_the_address_of_the_account_goes_by_another(side: Side) -> None:
    own, verified = fresh_address(), fresh_address()
    person = await side.add_user(
        (fresh_address(), False), (verified, True), (own, False), email=own.upper()
    )
    await side.rows(
        "INSERT INTO account_emailconfirmation (created, key, email_address_id)"
        " SELECT now(), %s, id FROM account_emailaddress WHERE email = %s",
        own,
        own,
    )
    browser = await entered(side, person)
    assert await pressed(browser, "remove", own) == [f"Removed email address {own}."]
    assert await own_email(side, person) == verified


@pytest.mark.parametrize("action", ["send", "remove", "primary"])
@pytest.mark.parametrize("email", ["", "nobody", "strange@example.org", "OTHERS"])
async def test_buttons_without_an_address_of_ones_own(side: Side, action: str, email: str) -> None:
    other, person = await newcomer(side), await newcomer(side)
    browser = await entered(side, person)
    assert await pressed(browser, action, other.email if email == "OTHERS" else email) == []
    assert await addresses(side, person) == [(person.email, True, True)]
    assert await addresses(side, other) == [(other.email, True, True)]
    assert side.new_mails() == []


async def test_a_button_that_is_not_there(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    assert await pressed(browser, "nonsense", person.email) == []
    assert await addresses(side, person) == [(person.email, True, True)]


async def test_the_page_makes_the_row_of_ones_own_address(side: Side) -> None:
    email = fresh_address()
    person = await side.add_user(email=email.upper())
    browser = await entered(side, person)
    answer = await browser.get(EMAIL)
    assert (answer.status, email in answer.text) == (200, True)
    assert await addresses(side, person) == [(email, False, False)]
    nobody = await side.add_user()
    assert (await (await entered(side, nobody)).get(EMAIL)).status == 200
    assert await addresses(side, nobody) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_who_is_not_signed_in_is_sent_to_do_so(side: Side, method: str) -> None:
    browser = side.browser()
    await browser.get("/accounts/login/")
    token = browser.cookies["csrftoken"]
    answer = await browser.request(method, EMAIL, None, x_csrftoken=token)
    assert sent(answer) == (302, f"/accounts/login/?next={EMAIL}")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("PUT", (302, EMAIL)),
        ("OPTIONS", (200, None)),
        ("PATCH", (405, None)),
        ("DELETE", (405, None)),
    ],
)
async def test_other_methods(side: Side, method: str, expected: tuple[int, str | None]) -> None:
    browser = await entered(side, await newcomer(side))
    token = browser.cookies["csrftoken"]
    assert sent(await browser.request(method, EMAIL, None, x_csrftoken=token)) == expected


async def test_ten_times_a_minute(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    answers = [await browser.post(EMAIL, {"next": "/about/"}) for _ in range(11)]
    assert [sent(answer) for answer in answers] == [(302, EMAIL)] * 10 + [(429, None)]
    assert (await browser.get(EMAIL)).status == 200


async def test_scripts_are_told_the_same(both: tuple[Side, Side]) -> None:
    exchanges: list[dict[str, str] | None] = [
        None,
        {"action_add": "", "email": "nobody"},
        {"action_add": "", "email": "script.added@example.org"},
        {"action_send": "", "email": "script.added@example.org"},
        {"action_primary": "", "email": "script.added@example.org"},
        {"action_remove": "", "email": "script.added@example.org"},
        {},
    ]
    said: list[list[Any]] = []
    for side in both:
        person = await side.add_user(
            ("script.own@example.org", True), email="script.own@example.org"
        )
        browser = await entered(side, person)
        said.append([])
        for form in exchanges:
            method = "GET" if form is None else "POST"
            signed = None if form is None else browser.signed(form)
            answer = await browser.request(method, EMAIL, signed, **AJAX)
            value = json.loads(answer.text)
            value.pop("html", None)
            assert [type(row.pop("id")) for row in value["data"]] == [int] * len(value["data"])
            said[-1].append((answer.status, value))
    assert said[0] == said[1]


async def test_what_the_template_is_given(native_accounts: Side) -> None:
    first, second = sorted((fresh_address(), fresh_address()))
    person = await native_accounts.add_user((second, True), (first, False), email=second)
    browser = await entered(native_accounts, person)
    await browser.get(EMAIL)
    template, context = native_accounts.pages[-1]
    assert template == "account/email.html"
    assert context["form"] is context["add_email_form"]
    assert [str(address) for address in context["emailaddresses"]] == [first, second]
    assert [
        (radio["id"], radio["checked"], radio["emailaddress"].email)
        for radio in context["emailaddress_radios"]
    ] == [("email_radio_0", False, first), ("email_radio_1", True, second)]
    assert context["can_add_email"] is True
