"""Logging in by name or address: on the bundled site and natively the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import SessionSettings
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.users.accounts.agreed import (
    ACCOUNTS,
    SECRETS,
    accounts_of,
    contracts_of,
)
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import HASH, PASSWORD, Browser, Person, Side
from tests.ported_domains.wire import client_of, native_site

pytestmark = pytest.mark.parity

LOGIN = "/accounts/login/"
NOTICE = "/accounts/confirm-email/"
WRONG_NAME = "The username and/or password you specified are not correct."
WRONG_ADDRESS = "The email address and/or password you specified are not correct."
TOO_MANY = "Too many failed login attempts. Try again later."
MISSING = "This field is required."
CODEC = SessionCodec(SECRETS, SessionSettings().salt)
FORTNIGHT = 1_209_600


async def session_of(side: Side, browser: Browser) -> dict[str, Any]:
    key = browser.cookies["sessionid"]
    row = await side.row("SELECT session_data FROM django_session WHERE session_key = %s", key)
    return dict(CODEC.decode(row["session_data"]))


async def is_inside(browser: Browser) -> bool:
    return (await browser.get("/accounts/logout/")).status == 200


async def addresses(side: Side, person: Person) -> list[tuple[str, bool, bool]]:
    rows = await side.rows(
        'SELECT email, verified, "primary" FROM account_emailaddress WHERE user_id = %s'
        " ORDER BY email",
        person.id,
    )
    return [(row["email"], row["verified"], row["primary"]) for row in rows]


async def test_a_login(side: Side) -> None:
    person = await newcomer(side)
    browser = side.browser()
    await browser.get(LOGIN)
    secret = browser.cookies["csrftoken"]
    answer = await browser.log_in(person.name)
    assert sent(answer) == (302, "/")
    assert set(answer.cookies) == {"sessionid", "csrftoken", "messages"}
    session = answer.cookies["sessionid"]
    assert (session["max-age"], session["expires"]) == ("", "")
    assert (session["path"], session["samesite"], session["httponly"]) == ("/", "Lax", True)
    assert browser.cookies["csrftoken"] != secret
    row = await side.row("SELECT last_login, password FROM users_user WHERE id = %s", person.id)
    assert datetime.now(UTC) - row["last_login"] < timedelta(minutes=1)
    assert row["password"] == HASH
    page = await browser.get("/accounts/logout/")
    assert page.messages == [f"Successfully signed in as {person.name}."]
    assert side.new_mails() == []


async def test_what_the_session_knows(side: Side) -> None:
    """Either side reads what the other one has written."""
    person = await newcomer(side)
    browser = side.browser()
    await browser.log_in(person.email.upper())
    session = await session_of(side, browser)
    [proof] = session.pop("account_authentication_methods")
    assert datetime.now(UTC).timestamp() - proof.pop("at") < 60
    typed = person.email.upper()
    assert proof == {"method": "password", "email": typed, "username": typed}
    assert session.pop("_auth_user_hash")
    assert session == {
        "_auth_user_id": str(person.id),
        "_auth_user_backend": "allauth.account.auth_backends.AuthenticationBackend",
        "_session_expiry": 0,
    }


async def test_either_side_knows_who_logged_in_on_the_other(both: tuple[Side, Side]) -> None:
    """With the same rows; here they are carried over."""
    user = "SELECT password FROM users_user WHERE username = 'staff1'"
    session = "SELECT * FROM django_session WHERE session_key = %s"
    for one, other in (both, both[::-1]):
        browser, guest = one.browser(), other.browser()
        assert sent(await browser.log_in("staff1", "staff-1")) == (302, "/")
        password = (await one.row(user))["password"]
        row = await one.row(session, browser.cookies["sessionid"])
        await other.rows("UPDATE users_user SET password = %s WHERE username = 'staff1'", password)
        await other.rows("INSERT INTO django_session VALUES (%s, %s, %s)", *row.values())
        guest.cookies["sessionid"] = browser.cookies["sessionid"]
        assert await is_inside(guest)


async def test_remembered(side: Side) -> None:
    person = await newcomer(side)
    browser = side.browser()
    answer = await browser.log_in(person.name, remember="on")
    assert answer.cookies["sessionid"]["max-age"] == str(FORTNIGHT)
    assert (await session_of(side, browser))["_session_expiry"] == FORTNIGHT


@pytest.mark.parametrize(
    "spelled", [str.upper, str.title, lambda text: f"  {text} \n", lambda text: text]
)
async def test_case_and_space_do_not_matter(side: Side, spelled: Any) -> None:
    person = await newcomer(side)
    assert sent(await side.browser().log_in(spelled(person.name))) == (302, "/")


async def test_by_the_address_in_the_user_row_alone(side: Side) -> None:
    """That one must be confirmed first: a row is made of it."""
    email = fresh_address()
    person = await side.add_user(email=email)
    browser = side.browser()
    assert sent(await browser.log_in(email)) == (302, NOTICE)
    assert await addresses(side, person) == [(email, False, False)]
    [mail] = side.new_mails()
    assert mail["to"] == email


async def test_who_has_verified_the_address_has_it_alone(side: Side) -> None:
    email = fresh_address()
    await side.add_user((email, False), email=email, password="!")
    owner = await side.add_user((email, True))
    browser = side.browser()
    assert sent(await browser.log_in(email)) == (302, "/")
    page = await browser.get("/accounts/logout/")
    assert page.messages == [f"Successfully signed in as {owner.name}."]


@pytest.mark.parametrize(
    ("login", "password", "errors"),
    [
        ("nobody", PASSWORD, [WRONG_NAME]),
        ("nobody@example.org", PASSWORD, [WRONG_ADDRESS]),
        ("u1_1", "wrong", [WRONG_NAME]),
        ("u1_1@example.org", "wrong", [WRONG_ADDRESS]),
        ("u1_1@example", "wrong", [WRONG_NAME]),
        ("", PASSWORD, [MISSING]),
        ("u1_1", "", [MISSING]),
        ("", "", [MISSING, MISSING]),
        ("   ", "   ", [MISSING, MISSING]),
        ("u1\0_1", PASSWORD, ["Null characters are not allowed."]),
        ("nobody" * 200, PASSWORD, [WRONG_NAME]),
        ("ünï\u202ecode🐍", "pässwörd 🐍", [WRONG_NAME]),
    ],
)
async def test_wrong(side: Side, login: str, password: str, errors: list[str]) -> None:
    browser = side.browser()
    answer = await browser.log_in(login, password)
    assert answer.status == 200
    assert sorted(answer.errors) == sorted(errors)
    assert set(answer.cookies) == {"csrftoken"}
    assert not browser.is_signed_in


async def test_what_was_typed_is_shown_again_but_for_the_password(side: Side) -> None:
    answer = await side.browser().log_in("<nobody>", "secret!", remember="on", next="/about/")
    assert 'name="login" value="&lt;nobody&gt;"' in answer.text
    assert "secret!" not in answer.text
    assert '<input type="hidden" name="next" value="/about/">' in answer.text
    assert 'name="remember"' in answer.text
    assert "checked" in answer.text


async def test_an_inactive_account(side: Side) -> None:
    """The right password is told so; the wrong one learns nothing."""
    email = fresh_address()
    person = await side.add_user((email, True), active=False)
    browser = side.browser()
    answer = await browser.log_in(person.name)
    assert sent(answer) == (302, "/accounts/inactive/")
    assert not await is_inside(browser)
    session = await session_of(side, browser)
    assert session["_session_expiry"] == 0
    assert [proof["username"] for proof in session["account_authentication_methods"]] == [
        person.name
    ]
    assert (await side.browser().log_in(person.name, "wrong")).errors == [WRONG_NAME]


async def test_a_password_that_nobody_has(side: Side) -> None:
    person = await side.add_user(password="!" + "x" * 40)
    assert (await side.browser().log_in(person.name, "!" + "x" * 40)).errors == [WRONG_NAME]


async def test_an_outdated_password_is_made_anew(side: Side) -> None:
    """Before the session is tied to it, or the login would not last until the next request."""
    outdated = "pbkdf2_sha256$1$OldAndMuchTooFewRounds$q5ehzuiVofkiIKlZbKo0675iLuDoWu+j0kPjqGVOTDE="
    person = await side.add_user((fresh_address(), True), password=outdated)
    browser = side.browser()
    assert sent(await browser.log_in(person.name, "old")) == (302, "/")
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    assert row["password"].startswith("pbkdf2_sha256$20000$")
    assert await is_inside(browser)


async def test_failures_by_one_text_are_too_many_even_if_the_password_is_right(side: Side) -> None:
    person = await newcomer(side)
    for _ in range(5):
        assert (await side.browser().log_in(person.name, "wrong")).errors == [WRONG_NAME]
    blocked = await side.browser().log_in(person.name.upper())
    assert (blocked.status, blocked.errors) == (200, [TOO_MANY])
    assert sent(await side.browser().log_in(person.email)) == (302, "/")


async def test_failures_from_one_address_are_too_many(side: Side) -> None:
    person = await newcomer(side)
    browser = side.browser()
    for number in range(10):
        await browser.log_in(f"nobody{number}", "wrong")
    assert (await browser.log_in(person.name)).errors == [TOO_MANY]
    assert sent(await side.browser().log_in(person.name)) == (302, "/")


async def test_success_gives_back_only_its_own(side: Side) -> None:
    person = await newcomer(side)
    for _ in range(4):
        await side.browser().log_in(person.name, "wrong")
    for _ in range(2):
        assert sent(await side.browser().log_in(person.name)) == (302, "/")
    await side.browser().log_in(person.name, "wrong")
    assert (await side.browser().log_in(person.name)).errors == [TOO_MANY]


async def test_too_many_requests(side: Side) -> None:
    """Counted before the form is looked at; reading the page is free."""
    browser = side.browser()
    for _ in range(30):
        assert (await browser.log_in("", "")).status == 200
    refused = await browser.log_in("u1_1", "wrong")
    assert (refused.status, refused.headers["content-type"]) == (429, "text/html")
    assert "set-cookie" not in refused.headers
    assert (await browser.request("HEAD", LOGIN, None)).status == 429
    assert (await browser.get(LOGIN)).status == 200


async def test_an_address_that_is_none(side: Side) -> None:
    browser = side.browser()
    await browser.get(LOGIN)
    browser.address = "not an address"
    assert (await browser.log_in("u1_1", "wrong")).status == 403


async def test_a_script(side: Side) -> None:
    person = await newcomer(side)
    wrong = await side.browser().post(
        LOGIN, {"login": person.name, "password": "wrong"}, accept="application/json"
    )
    assert (wrong.status, wrong.headers["content-type"]) == (400, "application/json")
    told = wrong.json()
    assert told["form"]["errors"] == [WRONG_NAME]
    assert told["form"]["field_order"] == ["login", "password", "remember"]
    assert told["form"]["fields"]["login"] == {
        "label": "Login",
        "value": person.name,
        "help_text": "",
        "errors": [],
        "widget": {"attrs": {"placeholder": "Username or email", "autocomplete": "email"}},
    }
    right = await side.browser().post(
        LOGIN,
        {"login": person.name, "password": PASSWORD, "next": "/about/"},
        x_requested_with="XMLHttpRequest",
    )
    assert right.status == 200
    assert (right.json()["location"], right.json()["html"]) == ("/about/", False)
    assert "sessionid" in right.cookies


async def test_without_the_token(side: Side) -> None:
    browser = side.browser()
    await browser.get(LOGIN)
    answer = await browser.request("POST", LOGIN, {"login": "u1_1", "password": "pw-1-1"})
    assert (answer.status, "sessionid" in answer.cookies) == (403, False)


async def test_what_an_anonymous_visitor_had_stays_under_a_new_key(side: Side) -> None:
    """A session that somebody planted is worth nothing after the login."""
    person = await newcomer(side, verified=False)
    browser = side.browser()
    await browser.log_in(person.name)
    planted = browser.cookies["sessionid"]
    await side.rows("UPDATE account_emailaddress SET verified = true WHERE user_id = %s", person.id)
    assert sent(await browser.log_in(person.name)) == (302, "/")
    assert browser.cookies["sessionid"] != planted
    session = await session_of(side, browser)
    assert "account_login" not in session
    assert len(session["account_authentication_methods"]) == 2
    gone = "SELECT count(*) FROM django_session WHERE session_key = %s"
    assert (await side.row(gone, planted))["count"] == 0


async def test_somebody_else_who_was_inside_leaves_nothing_behind(side: Side) -> None:
    """An account that was made inactive meanwhile: its session is there, but nobody's."""
    before, person = await newcomer(side), await newcomer(side)
    browser = await entered(side, before)
    await browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    await side.rows("UPDATE users_user SET is_active = false WHERE id = %s", before.id)
    assert sent(await browser.log_in(person.name)) == (302, "/")
    session = await session_of(side, browser)
    assert session["_auth_user_id"] == str(person.id)
    assert "account_authentication_methods" not in session


async def test_a_login_that_has_waited_too_long(side: Side) -> None:
    """It is forgotten when the page is looked at."""
    person = await newcomer(side, verified=False)
    browser = side.browser()
    await browser.log_in(person.name)
    await browser.get(LOGIN)
    session = await session_of(side, browser)
    assert session["account_login"]["user_pk"]
    session["account_login"]["initiated_at"] -= 901
    await side.rows(
        "UPDATE django_session SET session_data = %s WHERE session_key = %s",
        CODEC.encode(session),
        browser.cookies["sessionid"],
    )
    await browser.get(LOGIN)
    assert "account_login" not in await session_of(side, browser)


@pytest.mark.parametrize("login", ["nobody", "nobody@example.org"])
async def test_a_name_that_nobody_has_costs_a_password(
    native_accounts: Side, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the time that it takes would tell who has an account."""
    spent: list[str] = []
    monkeypatch.setattr(Passwords, "spend", lambda _, password: spent.append(password))
    assert (await native_accounts.browser().log_in(login)).status == 200
    assert spent == [PASSWORD]


@pytest.mark.parametrize(("remember", "age"), [(True, str(FORTNIGHT)), (False, "")])
async def test_a_site_that_does_not_ask_whether_to_remember(
    native_accounts: Side, stack: EmbeddedStack, tmp_path: Path, remember: bool, age: str
) -> None:
    person = await newcomer(native_accounts)
    engine = open_engine(native_accounts.database, pool_size=2, name="remembering")
    contracts = contracts_of(engine)
    accounts = accounts_of(contracts, tmp_path, replace(ACCOUNTS, remember=remember))
    tables = stack.postgres_url("accounts_native_tables")
    async with (
        native_site(tables, trusts_peers=True, contracts=contracts, accounts=accounts) as site,
        client_of(site.url) as client,
    ):
        browser = Side("native", native_accounts.database, tmp_path, client).browser()
        page = await browser.get(LOGIN)
        assert 'name="remember"' not in page.text
        answer = await browser.log_in(person.name)
    assert answer.cookies["sessionid"]["max-age"] == age
    contracts.passwords.close()
    await engine.dispose()
