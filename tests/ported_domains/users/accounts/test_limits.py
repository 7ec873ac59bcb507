"""How often somebody may do something: exactly so often, counted by both sides together."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
import pytest_asyncio

from tests.ported_domains.users.accounts.beside import native_beside
from tests.ported_domains.users.accounts.hostile import submit
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import PASSWORD, Answer, Browser, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback")]

Pair = tuple[Side, Side]
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
WRONG = "The username and/or password you specified are not correct."
TOO_MANY = "Too many failed login attempts. Try again later."


@dataclass(frozen=True)
class Limit:
    """So often the form may be posted; `status` is what it is answered until then."""

    path: str
    form: Mapping[str, str]
    amount: int
    status: int
    signed_in: bool = False


NOTHING: Mapping[str, str] = MappingProxyType({})
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "login": Limit(LOGIN, NOTHING, 30, 200),
        "signup": Limit("/accounts/signup/", NOTHING, 20, 200),
        "reset_password_from_key": Limit(f"{RESET}key/1-a-b/", NOTHING, 20, 200),
        "change_password": Limit("/accounts/password/change/", NOTHING, 5, 200, signed_in=True),
        "set_password": Limit("/accounts/password/set/", NOTHING, 5, 302, signed_in=True),
        "manage_email": Limit("/accounts/email/", NOTHING, 10, 302, signed_in=True),
        "reauthenticate": Limit("/accounts/reauthenticate/", NOTHING, 10, 200, signed_in=True),
    }
)


@pytest_asyncio.fixture
async def pair(
    legacy_accounts: Side, native_database_url: str, tmp_path: Path
) -> AsyncIterator[Pair]:
    """Both sides over the same rows."""
    await legacy_accounts.forget_limits()
    legacy_accounts.new_mails()
    async with native_beside(legacy_accounts, native_database_url, tmp_path) as native:
        yield legacy_accounts, native


def on(side: Side, browser: Browser) -> Browser:
    """The same visitor, at the same address."""
    other = side.browser()
    other.address, other.cookies = browser.address, browser.cookies
    return other


@pytest.mark.parametrize("name", LIMITS)
async def test_counted_together(pair: Pair, name: str) -> None:
    """One side after the other, until each refuses."""
    limit, side = LIMITS[name], pair[0]
    visitor = await entered(side, await newcomer(side)) if limit.signed_in else side.browser()
    statuses = [
        (await submit(on(pair[turn % 2], visitor), limit.path, limit.form)).status
        for turn in range(limit.amount + 2)
    ]
    assert statuses == [limit.status] * limit.amount + [429, 429]


@pytest.mark.parametrize("name", LIMITS)
async def test_others_are_not_meant(side: Side, name: str) -> None:
    """By address, or by user, whatever the address."""
    limit = LIMITS[name]
    visitor = await entered(side, await newcomer(side)) if limit.signed_in else side.browser()
    other = await entered(side, await newcomer(side)) if limit.signed_in else side.browser()
    for _ in range(limit.amount):
        if limit.signed_in:
            visitor.address = side.browser().address
        assert (await submit(visitor, limit.path, limit.form)).status == limit.status
    assert (await submit(visitor, limit.path, limit.form)).status == 429
    assert (await submit(other, limit.path, limit.form)).status == limit.status
    assert (await visitor.get(limit.path)).status < 400


async def test_asking_for_one_address(pair: Pair) -> None:
    email = fresh_address()
    asked = [
        (await submit(pair[turn % 2].browser(), RESET, {"email": email})).status
        for turn in range(7)
    ]
    assert asked == [302] * 5 + [429] * 2
    assert (await submit(pair[1].browser(), RESET, {"email": email.upper()})).status == 429


async def test_asking_from_one_address(pair: Pair) -> None:
    visitor = pair[0].browser()
    asked = [
        (await submit(on(pair[turn % 2], visitor), RESET, {"email": fresh_address()})).status
        for turn in range(22)
    ]
    assert asked == [302] * 20 + [429] * 2


def errors(answers: list[Answer]) -> list[list[str]]:
    return [answer.errors for answer in answers]


async def test_failures_for_one_name(pair: Pair) -> None:
    """By its text: an address of the same account has its own."""
    person = await newcomer(pair[0])
    names = [person.name, person.name.upper(), f" {person.name} "]
    answers = [await pair[turn % 2].browser().log_in(names[turn % 3], "wrong") for turn in range(6)]
    assert errors(answers) == [[WRONG]] * 5 + [[TOO_MANY]]
    for side in pair:
        assert (await side.browser().log_in(person.name)).errors == [TOO_MANY]
        assert sent(await side.browser().log_in(person.email)) == (302, "/")


async def test_failures_from_one_address(pair: Pair) -> None:
    visitor = pair[0].browser()
    answers = [
        await on(pair[turn % 2], visitor).log_in(f"nobody{turn}", "wrong") for turn in range(12)
    ]
    assert errors(answers) == [[WRONG]] * 10 + [[TOO_MANY]] * 2


async def test_success_gives_back_its_own(pair: Pair) -> None:
    """And nothing else: logins in between do not let anybody guess on."""
    person = await newcomer(pair[0])
    found = []
    for turn in range(4):
        side = pair[turn % 2]
        assert sent(await side.browser().log_in(person.name)) == (302, "/")
        found += (await side.browser().log_in(person.name, "wrong")).errors
    assert found == [WRONG] * 4
    assert (await pair[0].browser().log_in(person.name, "wrong")).errors == [WRONG]
    for side in pair:
        assert (await side.browser().log_in(person.name)).errors == [TOO_MANY]


async def test_reauthentication_counts_as_login(side: Side) -> None:
    person = await newcomer(side)
    browser = await entered(side, person)
    for _ in range(5):
        answer = await submit(browser, "/accounts/reauthenticate/", {"password": "wrong"})
        assert answer.errors == ["Incorrect password."]
    answer = await submit(browser, "/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.errors == [TOO_MANY]
    assert (await side.browser().log_in(person.email)).errors == [TOO_MANY]
    assert sent(await side.browser().log_in(person.name)) == (302, "/")


async def test_one_mail_within_three_minutes(pair: Pair) -> None:
    """For whatever reason it is confirmed, on whichever side."""
    person = await newcomer(pair[0], verified=False)
    for turn in range(4):
        assert sent(await pair[turn % 2].browser().log_in(person.name))[0] == 302
    form = {"email": person.email, "username": "someone.else", "password1": PASSWORD}
    await submit(pair[1].browser(), "/accounts/signup/", {**form, "password2": PASSWORD})
    assert len(pair[0].new_mails()) + len(pair[1].new_mails()) == 1
