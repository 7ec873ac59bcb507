"""Changing a password that one knows, and setting the first one: on either side the same."""

import json

import pytest

from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import HASH, HONEYPOT, PASSWORD, Person, Side

pytestmark = pytest.mark.parity

CHANGE = "/accounts/password/change/"
SET = "/accounts/password/set/"
NEW = "battery staple"
NEW_TWICE = {"password1": NEW, "password2": NEW}
GOOD = HONEYPOT | {"oldpassword": PASSWORD} | NEW_TWICE
UNUSABLE = "!NobodyHasThisPassword0123456789abcdefgh"
TOO_SHORT = "This password is too short. It must contain at least 6 characters."
NOT_EQUAL = "You must type the same password each time."
WRONG = "Please type your current password."
MISSING = "This field is required."


async def stored(side: Side, person: Person) -> str:
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    password: str = row["password"]
    return password


async def test_a_new_password_leads_to_the_profile_whatever_next_says(side: Side) -> None:
    person = await newcomer(side)
    browser, elsewhere = await entered(side, person), await entered(side, person)
    before = browser.cookies["sessionid"]
    answer = await browser.post(f"{CHANGE}?next=/about/", GOOD | {"next": "/about/"})
    assert sent(answer) == (302, "/users/edit/")
    assert set(answer.cookies) == {"sessionid", "messages"}
    assert browser.cookies["sessionid"] != before
    page = await browser.get(CHANGE)
    assert (page.status, page.messages) == (200, ["Password successfully changed."])
    assert sent(await elsewhere.get(CHANGE)) == (302, f"/accounts/login/?next={CHANGE}")
    assert (await elsewhere.log_in(person.name, PASSWORD)).status == 200
    assert (await elsewhere.log_in(person.name, NEW)).status == 302
    assert side.new_mails() == []


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"oldpassword": "wrong"}, [WRONG]),
        ({"oldpassword": ""}, [MISSING]),
        ({"password1": "12345", "password2": "12345"}, [TOO_SHORT]),
        ({"password1": " 12345 ", "password2": " 12345 "}, [TOO_SHORT]),
        ({"password2": "battery"}, [NOT_EQUAL]),
        ({"oldpassword": "wrong", "password1": "12345"}, [WRONG, TOO_SHORT]),
        ({"oldpassword": "wrong", "password2": "battery"}, [WRONG, NOT_EQUAL]),
        (dict.fromkeys(("oldpassword", "password1", "password2"), ""), [MISSING] * 3),
        (
            {"password1": "nul\0 nul", "password2": ""},
            ["Null characters are not allowed.", MISSING],
        ),
    ],
)
async def test_what_a_password_is_not_changed_for(
    side: Side, values: dict[str, str], errors: list[str]
) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    answer = await browser.post(CHANGE, GOOD | values)
    assert (answer.status, answer.errors) == (200, errors)
    assert await stored(side, person) == HASH
    assert NEW not in answer.text


@pytest.mark.parametrize("value", [None, "", "buy this"])
async def test_robots_are_told_before_anybody_is_asked_to_log_in(
    side: Side, value: str | None
) -> None:
    form = {"oldpassword": PASSWORD} | NEW_TWICE
    browser = side.browser()
    answer = await browser.post(
        CHANGE, form if value is None else form | {"email_body_text": value}
    )
    assert answer.status == 400
    assert "email_body_text" in answer.text


@pytest.mark.parametrize("path", [CHANGE, SET])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_who_is_not_signed_in_is_sent_to_do_so(side: Side, path: str, method: str) -> None:
    browser = side.browser()
    await browser.get("/accounts/login/")
    answer = await browser.request(
        method, f"{path}?a=b", HONEYPOT, x_csrftoken=browser.cookies["csrftoken"]
    )
    assert sent(answer) == (302, f"/accounts/login/?next={path}%3Fa%3Db")


@pytest.mark.parametrize(
    ("method", "status"), [("PUT", 200), ("OPTIONS", 200), ("PATCH", 405), ("DELETE", 405)]
)
async def test_other_methods(side: Side, method: str, status: int) -> None:
    browser = await entered(side, await newcomer(side))
    answer = await browser.request(method, CHANGE, None, x_csrftoken=browser.cookies["csrftoken"])
    assert answer.status == status
    allowed = None if method == "PUT" else "GET, POST, PUT, HEAD, OPTIONS"
    assert answer.headers.get("allow") == allowed
    assert answer.errors == ([MISSING] * 3 if method == "PUT" else [])


async def test_an_account_without_password_sets_one(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person, as_if=UNUSABLE)
    assert sent(await browser.get(CHANGE)) == (302, SET)
    assert sent(await browser.post(CHANGE, HONEYPOT)) == (302, SET)
    answer = await browser.post(SET, {"password1": NEW, "password2": "battery"})
    assert (answer.status, answer.errors) == (200, [NOT_EQUAL])
    answer = await browser.post(SET, NEW_TWICE)
    assert sent(answer) == (302, CHANGE)
    page = await browser.get(CHANGE)
    assert (page.status, page.messages) == (200, ["Password successfully set."])
    assert sent(await browser.get(SET)) == (302, CHANGE)
    assert sent(await browser.post(SET, NEW_TWICE)) == (302, CHANGE)


@pytest.mark.parametrize(
    ("wanted", "location"),
    [("/about/", "/about/"), ("https://elsewhere.test/", CHANGE), ("//elsewhere.test", CHANGE)],
)
async def test_setting_it_leads_where_next_says(side: Side, wanted: str, location: str) -> None:
    browser = await entered(side, await newcomer(side), as_if=UNUSABLE)
    answer = await browser.post(SET, NEW_TWICE | {"next": wanted})
    assert sent(answer) == (302, location)


async def test_five_times_a_minute(side: Side) -> None:
    """Both pages together, and each user: GET is free."""
    browser = await entered(side, await newcomer(side))
    answers = [await browser.post(SET, {}) for _ in range(2)]
    answers += [await browser.post(CHANGE, HONEYPOT) for _ in range(4)]
    assert [answer.status for answer in answers] == [302, 302, 200, 200, 200, 429]
    assert answers[-1].headers["content-type"] == "text/html"
    assert (await browser.get(CHANGE)).status == 200
    other = await entered(side, await newcomer(side))
    assert (await other.post(CHANGE, HONEYPOT)).status == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (CHANGE, None),
        (SET, None),
        (CHANGE, GOOD | {"oldpassword": "wrong", "password1": "12345"}),
        (SET, NEW_TWICE | {"password2": "battery"}),
        (CHANGE, GOOD),
        (SET, NEW_TWICE),
    ],
)
async def test_scripts_are_told_the_same(
    both: tuple[Side, Side], path: str, form: dict[str, str] | None
) -> None:
    told = []
    for side in both:
        as_if = UNUSABLE if path == SET else None
        browser = await entered(side, await newcomer(side), as_if=as_if)
        method = "GET" if form is None else "POST"
        signed = None if form is None else browser.signed(form)
        answer = await browser.request(method, path, signed, x_requested_with="XMLHttpRequest")
        assert answer.headers["content-type"] == "application/json"
        said = json.loads(answer.text)
        assert "<form" in said.pop("html") or "location" in said
        told.append((answer.status, said))
    assert told[0] == told[1]


async def test_what_templates_are_given(native_accounts: Side) -> None:
    person = await newcomer(native_accounts)
    browser = await entered(native_accounts, person)
    await browser.get(f"{CHANGE}?next=/about/")
    template, context = native_accounts.pages[-1]
    assert template == "account/password_change.html"
    assert context["form"] is context["password_change_form"]
    assert [type(field.field).__name__ for field in context["form"]] == [
        "PasswordField",
        "SetPasswordField",
        "PasswordField",
    ]
    assert context["redirect_field_name"] == "next"
    assert context["redirect_field_value"] == "/about/"
    assert context["redirect_field"] == '<input type="hidden" name="next" value="/about/">'
    browser = await entered(native_accounts, person, as_if=UNUSABLE)
    await browser.get(SET)
    template, context = native_accounts.pages[-1]
    assert template == "account/password_set.html"
    assert context["form"] is context["password_set_form"]
