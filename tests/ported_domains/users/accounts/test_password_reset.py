"""A new password by a mailed link: on either side the same."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from legacy_bridge.django.identifiers import to_base36
from legacy_bridge.django.reset_tokens import Resetter, ResetTokens
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import HASH, PASSWORD, Answer, Browser, Person, Side

pytestmark = pytest.mark.parity

RESET = "/accounts/password/reset/"
DONE = f"{RESET}done/"
KEY = f"{RESET}key/"
KEY_DONE = f"{KEY}done/"
NEW = "battery staple"
NEW_TWICE = {"password1": NEW, "password2": NEW}
MISSING = "This field is required."
BAD = "The password reset token was invalid."
AJAX = {"x_requested_with": "XMLHttpRequest"}


def links(mail: EmailMessage) -> list[str]:
    return [urlsplit(link).path for link in re.findall(r"https?://\S+", mail.get_content())]


async def asked(side: Side, email: str) -> list[EmailMessage]:
    """What is mailed to whom asks for that address."""
    side.new_mails()
    answer = await side.browser().post(RESET, {"email": email})
    assert sent(answer) == (302, DONE)
    return side.new_mails()


async def link_for(side: Side, person: Person) -> str:
    (mail,) = await asked(side, person.email)
    (link,) = links(mail)
    return link


async def moved(browser: Browser, link: str) -> str:
    """Where the link leads, the token being in the session."""
    answer = await browser.get(link)
    assert answer.status == 302
    assert answer.location is not None
    return answer.location


async def token_for(side: Side, person: Person, made: datetime) -> str:
    row = await side.row("SELECT password, email FROM users_user WHERE id = %s", person.id)
    resetter = Resetter(person.id, row["password"], None, row["email"], (person.email,))
    return ResetTokens(SECRETS).make(resetter, made)


def is_refused(answer: Answer) -> bool:
    assert answer.status == 200
    return 'name="password1"' not in answer.text


async def test_from_the_first_page_to_the_last(side: Side) -> None:
    person = await newcomer(side)
    browser = side.browser()
    (mail,) = await asked(side, person.email.upper())
    assert (mail["To"], mail["From"]) == (person.email, "noreply@python.org")
    assert person.name in mail.get_content()
    assert (await browser.get(DONE)).status == 200
    (link,) = links(mail)
    uid = to_base36(person.id)
    assert link.startswith(f"{KEY}{uid}-")
    where = await moved(browser, link)
    assert where == f"{KEY}{uid}-set-password/"
    assert link.split("-", 1)[1] not in (await browser.get(where)).text
    answer = await browser.post(where, NEW_TWICE)
    assert sent(answer) == (302, KEY_DONE)
    assert (await browser.get(KEY_DONE)).status == 200
    page = await browser.get("/accounts/login/")
    assert (page.status, page.messages) == (200, ["Password successfully changed."])
    assert (await side.browser().log_in(person.name, PASSWORD)).status == 200
    assert sent(await browser.log_in(person.name, NEW)) == (302, "/")
    assert side.new_mails() == []


async def test_a_link_is_good_once(side: Side) -> None:
    person = await newcomer(side)
    link = await link_for(side, person)
    browser, other = side.browser(), side.browser()
    where, there = await moved(browser, link), await moved(other, link)
    await browser.post(where, NEW_TWICE)
    for answer in (
        await side.browser().get(link),
        await browser.get(where),
        await browser.post(where, NEW_TWICE),
        await other.post(there, {"password1": "third", "password2": "third night"}),
        await side.browser().get(there),
    ):
        assert is_refused(answer)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users_user SET password = 'another' WHERE id = %s",
        "UPDATE users_user SET last_login = now() WHERE id = %s",
        "UPDATE users_user SET email = 'moved@example.org' WHERE id = %s",
        """
        INSERT INTO account_emailaddress (email, verified, "primary", user_id)
        VALUES ('one.more@example.org', false, false, %s)
        """,
    ],
)
async def test_a_link_ends_with_what_it_was_made_for(side: Side, change: str) -> None:
    person = await newcomer(side)
    link = await link_for(side, person)
    await side.rows(change, person.id)
    assert is_refused(await side.browser().get(link))


@pytest.mark.parametrize(("age", "refused"), [(71, False), (73, True)])
async def test_a_link_is_good_for_three_days(side: Side, age: int, refused: bool) -> None:
    person = await newcomer(side)
    token = await token_for(side, person, datetime.now(UTC) - timedelta(hours=age))
    answer = await side.browser().get(f"{KEY}{to_base36(person.id)}-{token}/")
    assert (answer.status == 200) is refused


@pytest.mark.parametrize(
    "path",
    [
        f"{KEY}1-nonsense/",
        f"{KEY}1-set-password/",
        f"{KEY}zzzzzzzzzzzzz-abc-def/",
        f"{KEY}zzzzzzzzzzzzzz-abc-def/",
        f"{KEY}1-a/b%20c/",
    ],
)
async def test_what_no_mail_had(side: Side, path: str) -> None:
    browser = side.browser()
    assert is_refused(await browser.get(path))
    assert is_refused(await browser.post(path, NEW_TWICE))
    assert is_refused(
        await browser.request("DELETE", path, None, x_csrftoken=browser.cookies["csrftoken"])
    )


async def test_the_token_of_one_is_no_good_for_another(side: Side) -> None:
    one, other = await newcomer(side), await newcomer(side)
    link = await link_for(side, one)
    strange = link.replace(f"/{to_base36(one.id)}-", f"/{to_base36(other.id)}-")
    assert is_refused(await side.browser().get(strange))


async def test_whom_an_address_means(side: Side) -> None:
    """Who verified it, or else all who claim it, in rows of addresses or their own; if active."""
    email = fresh_address()
    claiming = await side.add_user((email, False))
    named = await side.add_user(email=email)
    await side.add_user((email, False), active=False)
    both = await asked(side, email)
    assert sorted(link for mail in both for link in _owners(mail)) == sorted(
        to_base36(person.id) for person in (claiming, named)
    )
    assert [mail["To"] for mail in both] == [email, email]
    owner = await side.add_user((email, True))
    (mail,) = await asked(side, email)
    assert _owners(mail) == [to_base36(owner.id)]
    await side.rows("UPDATE users_user SET is_active = false WHERE id = %s", owner.id)
    (mail,) = await asked(side, email)
    assert links(mail) == ["/accounts/signup/"]


def _owners(mail: EmailMessage) -> list[str]:
    return [link.removeprefix(KEY).partition("-")[0] for link in links(mail)]


async def test_an_unknown_address_is_told_by_mail_alone(side: Side) -> None:
    (mail,) = await asked(side, "nobody.at.all@example.org")
    assert (mail["To"], links(mail)) == ("nobody.at.all@example.org", ["/accounts/signup/"])


async def test_the_row_of_ones_own_address_is_made(side: Side) -> None:
    email = fresh_address()
    person = await side.add_user(email=email)
    (mail,) = await asked(side, email)
    assert await side.rows(
        'SELECT email, verified, "primary" FROM account_emailaddress WHERE user_id = %s', person.id
    ) == [{"email": email, "verified": False, "primary": False}]
    assert (await side.browser().get(links(mail)[0])).status == 302


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", MISSING),
        ("nobody", "Enter a valid email address."),
        ("a b@example.org", "Enter a valid email address."),
        ("nul\0@example.org", None),
        (f"{'a' * 320}@example.org", None),
    ],
)
async def test_what_is_no_address(side: Side, email: str, error: str | None) -> None:
    answer = await side.browser().post(RESET, {"email": email})
    assert answer.status == 200
    assert answer.errors
    assert error is None or answer.errors == [error]


async def test_an_address_that_no_mail_can_have(native_accounts: Side) -> None:
    """Its domain is too long once it is in ASCII; the legacy site fails."""
    email = f"someone@{'ü' * 60}.example"
    answer = await native_accounts.browser().post(RESET, {"email": email})
    assert (answer.status, answer.errors) == (200, ["Enter a valid email address."])


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"password1": "12345", "password2": "12345"}, 1),
        ({"password2": "other"}, 1),
        (dict.fromkeys(NEW_TWICE, ""), 2),
    ],
)
async def test_what_no_password_can_be(side: Side, values: dict[str, str], errors: int) -> None:
    person = await newcomer(side)
    browser = side.browser()
    where = await moved(browser, await link_for(side, person))
    answer = await browser.post(where, NEW_TWICE | values)
    assert (answer.status, len(answer.errors)) == (200, errors)
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    assert row["password"] == HASH
    assert sent(await browser.post(where, NEW_TWICE)) == (302, KEY_DONE)


@pytest.mark.parametrize(
    ("wanted", "follows"), [("/about/?a=b", True), ("https://elsewhere.test/", False)]
)
async def test_next_is_kept_to_the_end(side: Side, wanted: str, follows: bool) -> None:
    person = await newcomer(side)
    link = await link_for(side, person)
    browser = side.browser()
    answer = await browser.post(RESET, {"email": fresh_address(), "next": wanted})
    assert sent(answer) == (302, wanted if follows else DONE)
    where = (await browser.request("GET", f"{link}?next={wanted}", None)).location
    assert where is not None
    assert where.endswith("-set-password/?next=%2Fabout%2F%3Fa%3Db" if follows else "-password/")
    answer = await browser.post(where, NEW_TWICE)
    assert answer.location == (wanted if follows else KEY_DONE)


async def test_somebody_else_is_logged_out(side: Side) -> None:
    person, other = await newcomer(side), await newcomer(side)
    link = await link_for(side, person)
    browser = await entered(side, other)
    key = browser.cookies["sessionid"]
    where = await moved(browser, link)
    assert (await browser.get("/accounts/email/")).status == 200
    assert (await browser.get(where)).status == 200
    assert browser.cookies["sessionid"] != key
    assert (await browser.get("/accounts/login/")).messages == ["You have signed out."]
    assert sent(await browser.post(where, NEW_TWICE)) == (302, KEY_DONE)


async def test_oneself_is_logged_out_by_the_new_password(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    where = await moved(browser, await link_for(side, person))
    assert (await browser.get(where)).status == 200
    assert (await browser.get("/accounts/email/")).status == 200
    assert sent(await browser.post(where, NEW_TWICE)) == (302, KEY_DONE)
    assert (await browser.get("/accounts/email/")).status == 302


async def test_failed_logins_are_forgiven(side: Side) -> None:
    person = await newcomer(side)
    link = await link_for(side, person)
    browser = side.browser()
    for _ in range(6):
        last = await browser.log_in(person.email, "wrong")
    assert last.errors == ["Too many failed login attempts. Try again later."]
    await browser.post(await moved(browser, link), NEW_TWICE)
    assert sent(await browser.log_in(person.email, NEW)) == (302, "/")


async def test_five_mails_a_minute_to_an_address(side: Side) -> None:
    person = await newcomer(side)
    answers = [await side.browser().post(RESET, {"email": person.email}) for _ in range(6)]
    assert [answer.status for answer in answers] == [302] * 5 + [429]
    assert len(side.new_mails()) == 5


async def test_twenty_requests_a_minute_from_one_place(side: Side) -> None:
    """Only those with an address count at the first page, all that change something at the link."""
    browser = side.browser()
    asked = [await browser.post(RESET, {"email": "nobody"}) for _ in range(2)]
    asked += [await browser.post(RESET, {"email": fresh_address()}) for _ in range(21)]
    assert [answer.status for answer in asked] == [200] * 2 + [302] * 20 + [429]
    tried = [await browser.post(f"{KEY}1-nonsense/") for _ in range(21)]
    assert [answer.status for answer in tried] == [200] * 20 + [429]
    assert (await browser.get(f"{KEY}1-nonsense/")).status == 200


async def test_scripts_are_told_the_same(both: tuple[Side, Side]) -> None:
    told = []
    for side in both:
        person = await newcomer(side)
        link = await link_for(side, person)
        browser = side.browser()
        await browser.get("/accounts/login/")
        mine = to_base36(person.id)
        exchanges = [
            ("GET", RESET, None),
            ("POST", RESET, {"email": "nobody"}),
            ("POST", RESET, {"email": "script@example.org"}),
            ("GET", f"{KEY}1-nonsense/", None),
            ("POST", f"{KEY}1-nonsense/", NEW_TWICE),
            ("GET", link, None),
            ("POST", link, NEW_TWICE | {"password2": "other"}),
            ("POST", link, NEW_TWICE),
        ]
        for method, path, form in exchanges:
            signed = None if form is None else browser.signed(form)
            answer = await browser.request(method, path, signed, **AJAX)
            said = json.loads(answer.text)
            said.pop("html")
            told.append((answer.status, json.dumps(said).replace(f"{mine}-", "")))
    assert told[:8] == told[8:]


@pytest.mark.parametrize("path", [DONE, KEY_DONE])
@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 200), ("HEAD", 200), ("OPTIONS", 200), ("POST", 405), ("PUT", 405)],
)
async def test_pages_that_only_say_something(
    side: Side, path: str, method: str, status: int
) -> None:
    browser = side.browser()
    await browser.get("/accounts/login/")
    answer = await browser.request(method, path, None, x_csrftoken=browser.cookies["csrftoken"])
    assert answer.status == status
    allowed = None if method in ("GET", "HEAD") else "GET, HEAD, OPTIONS"
    assert answer.headers.get("allow") == allowed


@pytest.mark.parametrize(
    ("method", "status"), [("PUT", 200), ("OPTIONS", 200), ("PATCH", 405), ("DELETE", 405)]
)
async def test_other_methods(side: Side, method: str, status: int) -> None:
    person = await newcomer(side)
    browser = side.browser()
    where = await moved(browser, await link_for(side, person))
    for path in (RESET, where):
        await browser.get("/accounts/login/")
        token = browser.cookies["csrftoken"]
        answer = await browser.request(method, path, None, x_csrftoken=token)
        assert answer.status == status
        allowed = None if method == "PUT" else "GET, POST, PUT, HEAD, OPTIONS"
        assert answer.headers.get("allow") == allowed


async def test_what_templates_are_given(native_accounts: Side) -> None:
    person = await newcomer(native_accounts)
    browser = native_accounts.browser()
    await browser.get(f"{RESET}?next=/about/")
    template, context = native_accounts.pages[-1]
    assert template == "account/password_reset.html"
    assert context["form"] is context["password_reset_form"]
    assert [type(field.field).__name__ for field in context["form"]] == ["EmailField"]
    assert context["login_url"] == "/accounts/login/?next=%2Fabout%2F"
    assert context["redirect_field_value"] == "/about/"
    where = await moved(browser, await link_for(native_accounts, person))
    await browser.get(where)
    template, context = native_accounts.pages[-1]
    assert template == "account/password_reset_from_key.html"
    assert context["action_url"] == where
    assert "token_fail" not in context
    await browser.get(f"{KEY}1-nonsense/")
    assert native_accounts.pages[-1][1]["token_fail"] is True
