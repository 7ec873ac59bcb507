"""What is mailed natively: its texts, and that each side's links are good on the other."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from legacy_bridge.django.authentication.user import User
from ported_domains.look import look_of
from ported_domains.shared.render import Show, Templates
from ported_domains.shared.rendering import Sources
from ported_domains.shared.resolver import Urls
from ported_domains.shared.visit import Visit
from ported_domains.users.accounts.current_site import CurrentSite, current_site
from ported_domains.users.accounts.mails import written
from proxy.databases import open_engine
from tests.ported_domains.users.accounts.agreed import ACCOUNTS
from tests.ported_domains.users.accounts.beside import native_beside
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import HONEYPOT, Browser, Side

EMAIL = "/accounts/email/"
RESET = "/accounts/password/reset/"
NEW_TWICE = {"password1": "battery staple", "password2": "battery staple"}
SITE = CurrentSite("example.org", "R&D <Site>")
PERSON = User(id=1, username="o'hara", password="", email="o'hara@example.org")


@pytest_asyncio.fixture(params=["mailed by the legacy site", "mailed natively"])
async def mailing_and_clicked(
    request: pytest.FixtureRequest,
    legacy_accounts: Side,
    native_database_url: str,
    tmp_path: Path,
) -> AsyncIterator[tuple[Side, Side]]:
    """Which side mails, and on which the links are followed; both have the same rows."""
    await legacy_accounts.forget_limits()
    legacy_accounts.new_mails()
    async with native_beside(legacy_accounts, native_database_url, tmp_path) as native:
        by_legacy = request.param == "mailed by the legacy site"
        yield (legacy_accounts, native) if by_legacy else (native, legacy_accounts)


def link_in(mail: EmailMessage) -> str:
    (link,) = re.findall(r"https?://\S+", mail.get_content())
    return str(link)


def path_in(mail: EmailMessage) -> str:
    return urlsplit(link_in(mail)).path


def on(side: Side, browser: Browser) -> Browser:
    """The same visitor on the other side."""
    other = side.browser()
    other.cookies = browser.cookies
    return other


@pytest.mark.parity
async def test_a_reset_link_is_good_on_the_other_side(
    mailing_and_clicked: tuple[Side, Side],
) -> None:
    mailing, clicked = mailing_and_clicked
    person = await newcomer(mailing)
    await mailing.browser().post(RESET, {"email": person.email})
    (mail,) = mailing.new_mails()
    browser = clicked.browser()
    where = (await browser.get(path_in(mail))).location
    assert where is not None
    assert where.endswith("-set-password/")
    # The token in the session of one side is found by the other.
    answer = await on(mailing, browser).post(where, NEW_TWICE)
    assert sent(answer) == (302, f"{RESET}key/done/")
    for side in mailing_and_clicked:
        assert (await side.browser().get(path_in(mail))).status == 200
    assert sent(await clicked.browser().log_in(person.name, "battery staple")) == (302, "/")


@pytest.mark.parity
async def test_a_confirmation_link_is_good_on_the_other_side(
    mailing_and_clicked: tuple[Side, Side],
) -> None:
    mailing, clicked = mailing_and_clicked
    person, added = await newcomer(mailing), fresh_address()
    browser = await entered(mailing, person)
    await browser.post(EMAIL, {"action_add": "", "email": added})
    (mail,) = mailing.new_mails()
    verified = "SELECT verified FROM account_emailaddress WHERE email = %s"
    assert await mailing.row(verified, added) == {"verified": False}
    answer = await on(clicked, browser).post(path_in(mail))
    assert sent(answer) == (302, "/")
    assert await mailing.row(verified, added) == {"verified": True}
    assert (await browser.post(path_in(mail))).status == 404


@pytest.mark.parity
async def test_three_minutes_are_counted_by_both(mailing_and_clicked: tuple[Side, Side]) -> None:
    mailing, clicked = mailing_and_clicked
    person, added = await newcomer(mailing), fresh_address()
    browser = await entered(mailing, person)
    await browser.post(EMAIL, {"action_add": "", "email": added})
    assert len(mailing.new_mails()) == 1
    await on(clicked, browser).post(EMAIL, {"action_send": "", "email": added})
    assert clicked.new_mails() == []


@pytest.mark.parity
async def test_subjects_begin_with_the_name_of_the_site(both: tuple[Side, Side]) -> None:
    prefixes, links = [], []
    for side in both:
        await side.browser().post(RESET, {"email": "nobody.here@example.org"})
        (mail,) = side.new_mails()
        prefixes.append(re.match(r"\[[^]]*\] ", mail["Subject"]))
        links.append(link_in(mail))
    assert [prefix and prefix[0] for prefix in prefixes] == ["[Python.org] "] * 2
    assert links == ["http://www.example.org/accounts/signup/"] * 2


async def test_what_the_settings_say(
    native_accounts: Side, native_database_url: str, tmp_path: Path
) -> None:
    settings = replace(
        ACCOUNTS, subject_prefix="Ours: ", protocol="https", from_address="Us <us@example.org>"
    )
    beside = native_beside(native_accounts, native_database_url, tmp_path, settings)
    async with beside as side:
        await side.browser().post(RESET, {"email": "nobody.there@example.org"})
        (mail,) = side.new_mails()
    assert mail["From"] == "Us <us@example.org>"
    assert mail["Subject"] == "Ours: No account has this address"
    assert link_in(mail) == "https://www.example.org/accounts/signup/"


async def test_who_signs_up_with_a_known_address_is_told_once_in_three_minutes(
    side: Side,
) -> None:
    person = await newcomer(side)
    form = {"email": person.email, "username": "somebody.else"} | NEW_TWICE | HONEYPOT
    for _ in range(2):
        answer = await side.browser().post("/accounts/signup/", form)
        assert sent(answer) == (302, "/accounts/confirm-email/")
    (mail,) = side.new_mails()
    assert (mail["To"], path_in(mail)) == (person.email, RESET)


def shown(*directories: Path) -> Show:
    """Templates without a site: these ask for nothing."""
    visit = Visit(path="/", query=b"", method="GET", scheme="http", host="")
    templates = Templates(look_of(None, directories)(Urls(())))
    return Show(templates, visit, None, {}, Sources(no_rows, {}))


def no_rows() -> Any:
    raise AssertionError("a mail's text asks for rows")


@pytest.mark.parametrize(
    ("name", "subject", "names", "said"),
    [
        (
            "email_confirmation",
            "Confirm your e-mail address",
            {"user": PERSON, "key": "k", "activate_url": "http://h/c/?a=1&b=2"},
            ["o'hara has named o'hara@example.org", "http://h/c/?a=1&b=2"],
        ),
        (
            "email_confirmation_signup",
            "Confirm your e-mail address",
            {"user": PERSON, "key": "k", "activate_url": "http://h/c/"},
            ["has signed up on example.org as o'hara", "http://h/c/"],
        ),
        (
            "account_already_exists",
            "You have an account already",
            {"signup_url": "http://h/s/", "password_reset_url": "http://h/r/"},
            ["o'hara@example.org", "http://h/r/"],
        ),
        (
            "password_reset_key",
            "Choose a new password",
            {
                "user": PERSON,
                "username": "o'hara",
                "password_reset_url": "http://h/k/",
                "uid": "1",
                "key": "k",
            },
            ["http://h/k/", "Your username is o'hara."],
        ),
        (
            "unknown_account",
            "No account has this address",
            {"signup_url": "http://h/s/"},
            ["o'hara@example.org", "http://h/s/"],
        ),
    ],
)
async def test_texts(name: str, subject: str, names: dict[str, object], said: list[str]) -> None:
    """Plain, without anything escaped, between a greeting and a signature."""
    told, text = await written(shown(), name, email=PERSON.email, current_site=SITE, **names)
    assert told == subject
    lines = text.splitlines()
    assert lines[0] == "Greetings from R&D <Site>."
    assert lines[-3:] == ["Yours,", "R&D <Site>", "example.org"]
    assert [part for part in said if part not in text] == []
    assert re.search(r"\n{3}", "\n".join(lines[:-4])) is None


async def test_no_name_is_told_where_nobody_logs_in_by_name() -> None:
    names = {"user": PERSON, "username": "", "uid": "1", "key": "k", "password_reset_url": "u"}
    _, text = await written(shown(), "password_reset_key", email="e", current_site=SITE, **names)
    assert "username" not in text


async def test_the_site_has_texts_of_its_own(tmp_path: Path) -> None:
    texts = tmp_path / "account" / "email"
    texts.mkdir(parents=True)
    (texts / "unknown_account_subject.txt").write_text("Nobody\nhas {{ email }}\n")
    subject, text = await written(
        shown(tmp_path), "unknown_account", email="a@example.org", current_site=SITE, signup_url="u"
    )
    assert subject == "Nobody has a@example.org"
    assert text.startswith("Greetings from R&D <Site>.\n")


async def test_a_site_that_is_not_there(native_accounts: Side) -> None:
    engine = open_engine(native_accounts.database, pool_size=1, name="mails")
    with pytest.raises(LookupError, match="django_site has no row 77: SITE_ID"):
        await current_site(engine, 77)
    await engine.dispose()
