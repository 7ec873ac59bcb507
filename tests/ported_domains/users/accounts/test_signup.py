"""Signing up: on the bundled site and natively the same, rows and mails included."""

import asyncio
import re
from itertools import count
from typing import Any

import pytest

from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import SessionSettings
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import HONEYPOT, PASSWORD, Answer, Browser, Side

pytestmark = pytest.mark.parity

SIGNUP = "/accounts/signup/"
NOTICE = "/accounts/confirm-email/"
TAKEN = "A user with that username already exists."
CHARACTERS = "Use only unaccented letters, digits and the characters @ . + - _"
TOO_SHORT = "This password is too short. It must contain at least 6 characters."
NOT_EQUAL = "You must type the same password each time."
MISSING = "This field is required."
NO_ADDRESS = "Enter a valid email address."
CODEC = SessionCodec(SECRETS, SessionSettings().salt)
_NUMBERS = count(1)


def form(**changes: str) -> dict[str, str]:
    name = f"newcomer{next(_NUMBERS)}"
    values = {"email": f"{name}@example.org", "username": name}
    return {**values, "password1": PASSWORD, "password2": PASSWORD, **HONEYPOT, **changes}


async def pending(side: Side, browser: Browser) -> dict[str, Any]:
    row = await side.row(
        "SELECT session_data FROM django_session WHERE session_key = %s",
        browser.cookies["sessionid"],
    )
    return dict(CODEC.decode(row["session_data"])["account_login"])


async def rows_of(side: Side, username: str) -> dict[str, Any]:
    """All that a sign-up made, but for numbers, moments and secrets."""
    user = await side.row("SELECT * FROM users_user WHERE username = %s", username)
    key = user.pop("id")
    address = await side.row("SELECT * FROM account_emailaddress WHERE user_id = %s", key)
    token = await side.row("SELECT * FROM authtoken_token WHERE user_id = %s", key)
    api_key = await side.row("SELECT * FROM tastypie_apikey WHERE user_id = %s", key)
    assert re.fullmatch(r"pbkdf2_sha256\$20000\$\w{22}\$\S{44}", user.pop("password"))
    assert user["date_joined"] <= token["created"]
    assert user.pop("date_joined") <= api_key["created"]
    secrets = [row["key"] for row in (token, api_key)]
    assert all(re.fullmatch("[0-9a-f]{40}", secret) for secret in secrets)
    assert len({*secrets}) == 2
    del address["id"], address["user_id"]
    return {**user, **address}


async def test_a_new_account(side: Side) -> None:
    browser = side.browser()
    filled = form(email="New.Comer@Example.org", username="New.Comer")
    answer = await browser.post(SIGNUP, {**filled, "next": "/about/"})
    assert sent(answer) == (302, NOTICE)
    assert set(answer.cookies) == {"sessionid", "messages"}
    email = "new.comer@example.org"
    assert await rows_of(side, "New.Comer") == {
        "username": "New.Comer",
        "email": email,
        "verified": False,
        "primary": True,
        "first_name": "",
        "last_name": "",
        "is_active": True,
        "is_staff": False,
        "is_superuser": False,
        "last_login": None,
        "bio": "",
        "bio_markup_type": "markdown",
        "_bio_rendered": "",
        "search_visibility": 1,
        "email_privacy": 2,
        "public_profile": True,
    }
    [mail] = side.new_mails()
    assert mail["to"] == email
    assert "/accounts/confirm-email/" in mail.get_content()
    assert (await browser.get(NOTICE)).messages == [f"Confirmation email sent to {email}."]
    assert (await browser.get("/accounts/logout/")).status == 302
    waiting = await pending(side, browser)
    del waiting["user_pk"], waiting["initiated_at"]
    assert waiting["state"]["stages"].pop("current") == "verify_email"
    assert waiting == {
        "email_verification": "mandatory",
        "signup": True,
        "redirect_url": "/about/",
        "email": None,
        "phone": None,
        "signal_kwargs": {},
        "state": {
            "stages": {
                "login_by_code": {"data": {}, "handled": True},
                "verify_phone": {"data": {}, "handled": True},
                "verify_email": {"data": {}},
            }
        },
    }


def seen(answer: Answer, email: str) -> dict[str, Any]:
    """What a visitor gets to see, the address left out."""
    gist = answer.gist
    return {name: str(value).replace(email, "…") for name, value in gist.items()}


async def test_nobody_learns_that_an_address_is_known(side: Side) -> None:
    known, claimed, fresh = await newcomer(side), fresh_address(), fresh_address()
    await side.add_user(email=claimed)
    side.new_mails()
    answers, mails = [], []
    for email in (fresh, known.email, claimed.upper()):
        browser = side.browser()
        answer = await browser.post(SIGNUP, form(email=email))
        notice = await browser.get(NOTICE)
        assert notice.messages == [f"Confirmation email sent to {email.lower()}."]
        answers.append((seen(answer, email), seen(notice, email)))
        mails += side.new_mails()
    assert answers[0] == answers[1] == answers[2]
    users = "SELECT count(*) FROM users_user WHERE email IN (%s, %s)"
    assert (await side.row(users, known.email, claimed))["count"] == 2
    fresh_mail, known_mail, claimed_mail = mails
    assert "/accounts/confirm-email/" in fresh_mail.get_content()
    for mail, email in ((known_mail, known.email), (claimed_mail, claimed)):
        assert mail["to"] == email
        assert "/accounts/password/reset/" in mail.get_content()
        assert "/accounts/confirm-email/" not in mail.get_content()


async def test_what_waits_for_a_known_address(side: Side) -> None:
    known = await newcomer(side)
    browser = side.browser()
    await browser.post(SIGNUP, form(email=known.email, next="/about/"))
    waiting = await pending(side, browser)
    names = ("user_pk", "email", "redirect_url", "signup", "signal_kwargs")
    assert [waiting[name] for name in names] == [None, known.email, None, True, None]


async def test_a_known_address_is_written_to_once_in_a_while(side: Side) -> None:
    known = await newcomer(side)
    for _ in range(2):
        answer = await side.browser().post(SIGNUP, form(email=known.email))
        assert sent(answer) == (302, NOTICE)
    assert len(side.new_mails()) == 1


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"email": ""}, [MISSING]),
        ({"email": "nobody"}, [NO_ADDRESS]),
        (
            {"email": f"{'x' * 320}@example.org"},
            [NO_ADDRESS, "Ensure this value has at most 320 characters (it has 332)."],
        ),
        ({"username": ""}, [MISSING]),
        ({"username": " \n "}, [MISSING]),
        ({"username": "two words"}, [CHARACTERS]),
        ({"username": "ünicode"}, [CHARACTERS]),
        (
            {"username": "x" * 151},
            ["Ensure this value has at most 150 characters (it has 151)."],
        ),
        ({"username": "U1_1"}, [TAKEN]),
        ({"username": " u1_1\n"}, [TAKEN]),
        ({"password1": "12345", "password2": "12345"}, [TOO_SHORT]),
        ({"password1": " 12345 ", "password2": " 12345 "}, [TOO_SHORT]),
        ({"password2": "battery"}, [NOT_EQUAL]),
        ({"password1": "12345", "password2": "battery"}, [TOO_SHORT]),
        ({"password1": ""}, [MISSING]),
        ({"password1": "", "password2": ""}, [MISSING, MISSING]),
        ({"username": "u1_1", "email": "nobody", "password2": "x"}, [NO_ADDRESS, TAKEN, NOT_EQUAL]),
    ],
)
async def test_wrong(side: Side, changes: dict[str, str], errors: list[str]) -> None:
    answer = await side.browser().post(SIGNUP, form(**changes))
    assert (answer.status, answer.errors) == (200, errors)
    assert side.new_mails() == []


async def test_described_to_scripts(both: tuple[Side, Side]) -> None:
    """The whole form, with every error and attribute, is the same."""
    wrong = form(
        email=f"{'x' * 320}@example.org",
        username="x" * 151,
        password1="12345",
        password2="battery",
    )
    legacy, native = [
        await side.browser().post(SIGNUP, wrong, x_requested_with="XMLHttpRequest") for side in both
    ]
    assert (legacy.status, native.status) == (400, 400)
    assert native.json() == legacy.json()


async def test_an_address_that_the_table_cannot_hold(native_accounts: Side) -> None:
    """Django fails."""
    email = f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'a' * 60}.example.org"
    answer = await native_accounts.browser().post(SIGNUP, form(email=email))
    fault = f"Ensure this value has at most 254 characters (it has {len(email)})."
    assert (answer.status, answer.errors) == (200, [fault])


async def test_names_that_differ_by_case_are_one(side: Side) -> None:
    filled = form()
    assert sent(await side.browser().post(SIGNUP, filled)) == (302, NOTICE)
    again = form(username=filled["username"].upper())
    assert (await side.browser().post(SIGNUP, again)).errors == [TAKEN]


async def test_a_proposed_address(side: Side) -> None:
    page = await side.browser().get(f"{SIGNUP}?email=Some.One@example.org")
    assert 'value="Some.One@example.org"' in page.text
    other = await side.browser().get(f"{SIGNUP}?email=someone")
    assert "someone" not in other.text


async def test_next_is_passed_on(side: Side) -> None:
    page = await side.browser().get(f"{SIGNUP}?next=/about/%3Fpage%3D2")
    assert 'href="/accounts/login/?next=%2Fabout%2F%3Fpage%3D2"' in page.text
    assert '<input type="hidden" name="next" value="/about/?page=2">' in page.text
    unsafe = await side.browser().get(f"{SIGNUP}?next=https://elsewhere.example.com/")
    assert 'href="/accounts/login/"' in unsafe.text


@pytest.mark.parametrize("value", [None, "", "write your messag", "filled in"])
async def test_robots(side: Side, value: str | None) -> None:
    """Before anything else, also for who is signed in."""
    filled = form()
    del filled["email_body_text"]
    robot = await entered(side, await newcomer(side))
    for browser in (side.browser(), robot):
        given = filled if value is None else {**filled, "email_body_text": value}
        answer = await browser.post(SIGNUP, given)
        assert answer.status == 400
        assert "email_body_text" in answer.text
    users = "SELECT count(*) FROM users_user WHERE username = %s"
    assert (await side.row(users, filled["username"]))["count"] == 0


async def test_who_is_inside_is_sent_on(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    assert sent(await browser.get(f"{SIGNUP}?next=/about/")) == (302, "/about/")
    assert sent(await browser.post(SIGNUP, form())) == (302, "/")


async def test_too_many_requests(side: Side) -> None:
    browser = side.browser()
    for _ in range(20):
        assert (await browser.post(SIGNUP, form(email=""))).status == 200
    assert (await browser.post(SIGNUP, form())).status == 429
    assert (await browser.post(SIGNUP, {})).status == 400
    assert (await browser.get(SIGNUP)).status == 200


async def test_a_known_address_costs_a_password(
    native_accounts: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a new one does, or the time that it takes would tell."""
    known = await newcomer(native_accounts)
    made: list[str] = []

    def make(_: Passwords, password: str) -> str:
        made.append(password)
        return "for nobody"

    monkeypatch.setattr(Passwords, "make", make)
    answer = await native_accounts.browser().post(SIGNUP, form(email=known.email))
    assert sent(answer) == (302, NOTICE)
    assert made == [PASSWORD]


async def test_two_at_once_with_one_name(native_accounts: Side) -> None:
    """One of them is told. Django fails for the other."""
    username = "taken.by.two"
    forms = [form(username=username) for _ in range(2)]
    browsers = [native_accounts.browser() for _ in forms]
    answers = await asyncio.gather(
        *(browser.post(SIGNUP, each) for browser, each in zip(browsers, forms, strict=True))
    )
    assert sorted(answer.status for answer in answers) == [200, 302]
    assert [answer.errors for answer in answers if answer.status == 200] == [[TAKEN]]
    users = "SELECT count(*) FROM users_user WHERE username = %s"
    assert (await native_accounts.row(users, username))["count"] == 1
