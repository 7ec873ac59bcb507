"""Nobody learns from an answer whether a name or an address is known."""

import re

import pytest

from legacy_bridge.django.identifiers import to_base36
from tests.ported_domains.users.accounts.hostile import recipient, submit
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer
from tests.ported_domains.users.accounts.sides import HASH, OF_THE_SERVER, Answer, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback")]

RESET = "/accounts/password/reset/"
_TOKEN = re.compile(r"\b[0-9A-Za-z]{64}\b")


def told(answer: Answer, *own: str) -> dict[str, object]:
    """All that a visitor gets, but for tokens, moments, and what they had typed themselves."""
    text = _TOKEN.sub("token", answer.text)
    for each in own:
        text = text.replace(each, "…")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in OF_THE_SERVER | {"expires"}
    }
    cookies = {
        name: (bool(morsel.value), len(morsel.value) if name == "sessionid" else 0)
        for name, morsel in answer.cookies.items()
    }
    return {"status": answer.status, "text": text, "headers": headers, "cookies": cookies}


async def logins(side: Side) -> dict[str, str]:
    """What may be typed, and nobody's password is `wrong`."""
    inactive, unusable = fresh_address(), fresh_address()
    known = await newcomer(side)
    unverified = await newcomer(side, verified=False)
    await side.add_user((inactive, True), email=inactive, active=False)
    await side.add_user((unusable, True), email=unusable, password="!")
    claimed = fresh_address()
    await side.add_user(email=claimed)
    return {
        "unknown": fresh_address(),
        "known": known.email,
        "unverified": unverified.email,
        "inactive": inactive,
        "without password": unusable,
        "claimed": claimed,
    }


async def test_by_a_wrong_password(side: Side) -> None:
    typed = await logins(side)
    answers = {}
    for name, login in typed.items():
        browser = side.browser()
        answers[name] = told(await browser.log_in(login, "wrong"), login)
    assert {name: answer == answers["unknown"] for name, answer in answers.items()} == (
        dict.fromkeys(typed, True)
    )


async def test_by_a_wrong_password_for_a_name(side: Side) -> None:
    known = await newcomer(side)
    inactive = await side.add_user(active=False)
    answers = [
        told(await side.browser().log_in(name, "wrong"), name)
        for name in ("nobody.at.all", known.name, known.name.upper(), inactive.name)
    ]
    assert answers == [answers[0]] * 4


async def test_by_the_number_of_failures(side: Side) -> None:
    """Unknown names are locked out like known ones."""
    known = await newcomer(side)
    counted = []
    for name in (known.name, "nobody.at.all"):
        answers = [told(await side.browser().log_in(name, "wrong"), name) for _ in range(7)]
        counted.append(answers)
    assert counted[0] == counted[1]
    assert [answers[4] == answers[5] for answers in counted] == [False, False]


async def test_by_asking_for_a_new_password(side: Side) -> None:
    """One mail goes out, whoever is asked for."""
    typed = await logins(side)
    answers = {}
    for name, email in typed.items():
        browser = side.browser()
        answer = await submit(browser, RESET, {"email": email})
        mailed = [recipient(mail) for mail in side.new_mails()]
        assert mailed == [email]
        page = await browser.get(f"{RESET}done/")
        answers[name] = (told(answer, email), told(page, email))
    assert {name: answer == answers["unknown"] for name, answer in answers.items()} == (
        dict.fromkeys(typed, True)
    )


async def test_by_adding_an_address(side: Side) -> None:
    """Of somebody else, or of nobody: both are mailed, and listed alike."""
    typed = await logins(side)
    answers = {}
    for name, email in typed.items():
        browser = await entered(side, await newcomer(side))
        answer = await submit(browser, "/accounts/email/", {"email": email, "action_add": ""})
        assert [recipient(mail) for mail in side.new_mails()] == [email]
        answers[name] = told(answer, email)
    assert {name: answer == answers["unknown"] for name, answer in answers.items()} == (
        dict.fromkeys(typed, True)
    )


async def test_by_a_link(side: Side) -> None:
    """With a token that is none, each id is the same."""
    person = await newcomer(side)
    uids = (to_base36(person.id), "zzzzzzz")
    answers = [
        told(await side.browser().get(f"{RESET}key/{uid}-abc-def/"), f"{uid}-abc-def")
        for uid in uids
    ]
    assert answers[0] == answers[1]


async def test_the_right_password_tells(side: Side) -> None:
    """Who knows it is told that the account is inactive."""
    person = await side.add_user(active=False, password=HASH)
    answer = await side.browser().log_in(person.name)
    assert (answer.status, answer.location) == (302, "/accounts/inactive/")
