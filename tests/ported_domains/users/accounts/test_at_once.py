"""Requests that meet: what one of them decided must hold still when it acts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.identifiers import to_base36
from legacy_bridge.django.passwords.checking import Passwords, Verdict
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.passwords.setting import hashers_of
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.addresses import (
    Address,
    address_of,
    remove,
    set_primary,
    verify,
)
from ported_domains.users.accounts.rows import NewUser, Taken, create_user
from ported_domains.users.accounts.services import Accounts
from proxy.databases import open_engine
from tests.ported_domains.users.accounts.beside import native_beside
from tests.ported_domains.users.accounts.hostile import submit
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import PASSWORD, Answer, Person, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback")]

WRONG = "The username and/or password you specified are not correct."
TOO_MANY = "Too many failed login attempts. Try again later."
PATIENCE = 30
TAKEN = "A user with that username already exists."
OUTDATED = "pbkdf2_sha256$1$OldAndMuchTooFewRounds$q5ehzuiVofkiIKlZbKo0675iLuDoWu+j0kPjqGVOTDE="
"""Of `old`."""
NOTICE = "/accounts/confirm-email/"

Deed = Callable[[], Awaitable[object]]


class Interrupted(PasswordThreads):
    """Once a password has been looked at, and before anybody hears of it, something happens."""

    def __init__(self, deed: Deed) -> None:
        super().__init__(Passwords(*hashers_of()))
        self._deeds = [deed]

    async def verify(self, password: str, encoded: str) -> Verdict:
        verdict = await super().verify(password, encoded)
        if self._deeds:
            await self._deeds.pop()()
        return verdict


@asynccontextmanager
async def interrupted(side: Side, tables: str, folder: Path, deed: Deed) -> AsyncIterator[Side]:
    """The native pages over the side's rows, with that happening in the first password check."""

    def change(contracts: Contracts, accounts: Accounts) -> tuple[Contracts, Accounts]:
        return replace(contracts, passwords=Interrupted(deed)), accounts

    async with native_beside(side, tables, folder, change=change) as beside:
        yield beside


@pytest_asyncio.fixture
async def rows(native_accounts: Side) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(native_accounts.database, pool_size=4, name="at once")
    yield engine.execution_options(isolation_level="AUTOCOMMIT")
    await engine.dispose()


async def set_password(side: Side, person: Person, encoded: str) -> None:
    await side.rows("UPDATE users_user SET password = %s WHERE id = %s", encoded, person.id)


async def is_inside(side: Side, answer: Answer) -> bool:
    browser = side.browser()
    browser.cookies["sessionid"] = answer.cookies["sessionid"].value
    return (await browser.get("/accounts/email/")).status == 200


async def test_a_password_that_is_changed_while_it_is_checked(
    both: tuple[Side, Side], native_database_url: str, tmp_path: Path
) -> None:
    """Who knows the old one has no session that is good for the new one."""
    _, side = both
    person = await newcomer(side)
    new = await asyncio.to_thread(Passwords(*hashers_of()).make, "new one")
    deed = partial(set_password, side, person, new)
    async with interrupted(side, native_database_url, tmp_path, deed) as native:
        answer = await native.browser().log_in(person.name)
        assert (answer.status, answer.errors) == (200, [WRONG])
        assert "sessionid" not in answer.cookies
        assert sent(await native.browser().log_in(person.name, "new one")) == (302, "/")


async def test_a_password_that_is_made_anew_while_it_is_checked(
    both: tuple[Side, Side], native_database_url: str, tmp_path: Path
) -> None:
    """It is the same, written otherwise: another login was faster."""
    _, side = both
    person = await side.add_user((fresh_address(), True), password=OUTDATED)
    anew = await asyncio.to_thread(Passwords(*hashers_of()).make, "old")
    deed = partial(set_password, side, person, anew)
    async with interrupted(side, native_database_url, tmp_path, deed) as native:
        answer = await native.browser().log_in(person.name, "old")
        assert sent(answer) == (302, "/")
        assert await is_inside(native, answer)
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    assert row["password"] == anew


async def test_two_logins_that_both_renew_the_password(both: tuple[Side, Side]) -> None:
    """Neither ends the session of the other."""
    _, side = both
    person = await side.add_user((fresh_address(), True), password=OUTDATED)
    answers = await asyncio.gather(*(side.browser().log_in(person.name, "old") for _ in range(3)))
    assert [sent(answer) for answer in answers] == [(302, "/")] * 3
    assert [await is_inside(side, answer) for answer in answers] == [True] * 3


async def test_two_new_passwords_by_one_link(
    both: tuple[Side, Side], native_database_url: str, tmp_path: Path
) -> None:
    """The link is good once."""
    _, side = both
    person = await newcomer(side)
    async with native_beside(side, native_database_url, tmp_path) as native:
        token = await _reset_token(native, person)
        link = f"/accounts/password/reset/key/{to_base36(person.id)}-{token}/"
        browser = native.browser()
        where = (await browser.get(link)).location
        assert where is not None
        answers = await asyncio.gather(
            *(
                submit(browser, where, dict.fromkeys(("password1", "password2"), password))
                for password in ("the first one", "the second one")
            )
        )
    assert sorted(answer.status for answer in answers) == [200, 302]
    (late,) = [answer for answer in answers if answer.status == 200]
    assert 'name="password1"' not in late.text


async def _reset_token(side: Side, person: Person) -> str:
    await submit(side.browser(), "/accounts/password/reset/", {"email": person.email})
    (mail,) = side.new_mails()
    text = mail.get_content()
    return str(text.partition(f"/key/{to_base36(person.id)}-")[2].partition("/")[0])


async def test_two_changes_of_a_password(both: tuple[Side, Side]) -> None:
    """From two sessions. The later one does not know the password any more."""
    _, side = both
    person = await newcomer(side)
    browsers = [await entered(side, person) for _ in range(2)]
    answers = await asyncio.gather(
        *(
            submit(
                browser,
                "/accounts/password/change/",
                {"oldpassword": PASSWORD, "password1": new, "password2": new},
            )
            for browser, new in zip(browsers, ("the first one", "the second one"), strict=True)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 302]
    assert [answer.errors for answer in answers if answer.status == 200] == [
        ["Please type your current password."]
    ]
    inside = [(await browser.get("/accounts/email/")).status for browser in browsers]
    assert inside == [200 if answer.status == 302 else 302 for answer in answers]


async def sign_up(side: Side, email: str, name: str) -> Answer:
    form = {"email": email, "username": name, "password1": PASSWORD, "password2": PASSWORD}
    return await submit(side.browser(), "/accounts/signup/", form)


async def test_sign_ups_with_names_that_differ_by_case(both: tuple[Side, Side]) -> None:
    """Nothing in the table forbids them; each would keep the other from logging in with Django."""
    _, side = both
    names = ["Met.By.Chance", "met.by.chance", "MET.BY.CHANCE"]
    answers = await asyncio.gather(*(sign_up(side, fresh_address(), name) for name in names))
    assert sorted(answer.status for answer in answers) == [200, 200, 302]
    assert [answer.errors for answer in answers if answer.status == 200] == [[TAKEN]] * 2
    users = "SELECT count(*) FROM users_user WHERE lower(username) = 'met.by.chance'"
    assert (await side.row(users))["count"] == 1


async def test_sign_ups_with_one_address(both: tuple[Side, Side]) -> None:
    """One account and one mail; all are told the same."""
    _, side = both
    email = fresh_address()
    answers = await asyncio.gather(*(sign_up(side, email, f"met{n}") for n in range(4)))
    assert [sent(answer) for answer in answers] == [(302, NOTICE)] * 4
    users = "SELECT count(*) FROM users_user WHERE email = %s"
    assert (await side.row(users, email))["count"] == 1
    assert [mail["to"] for mail in side.new_mails()] == [email]


async def test_sign_ups_of_two_processes(rows: AsyncEngine) -> None:
    """They have no line of passwords in common, which would hold them apart."""
    names = ["Process.One", "process.one", "PROCESS.ONE"]
    by_name = await asyncio.gather(*(create_user(rows, new_user(name=name)) for name in names))
    assert [made for made in by_name if not isinstance(made, Address)] == [Taken.NAME] * 2
    email = fresh_address()
    by_address = await asyncio.gather(*(create_user(rows, new_user(email)) for _ in range(3)))
    assert [made for made in by_address if not isinstance(made, Address)] == [Taken.ADDRESS] * 2


def new_user(email: str | None = None, name: str | None = None) -> NewUser:
    fresh = fresh_address()
    return NewUser(username=name or fresh, email=email or fresh, password="!")


async def test_the_limit_holds_for_guesses_at_once(both: tuple[Side, Side]) -> None:
    """From many addresses for one name, and from one address for many names."""
    _, side = both
    person = await newcomer(side)
    guesses = await asyncio.gather(
        *(side.browser().log_in(person.name, f"guess {n}") for n in range(20))
    )
    assert Counter(str(*answer.errors) for answer in guesses) == {WRONG: 5, TOO_MANY: 15}
    visitor = side.browser()
    await visitor.get("/accounts/login/")
    guesses = await asyncio.gather(*(visitor.log_in(f"nobody{n}", "guess") for n in range(25)))
    assert Counter(str(*answer.errors) for answer in guesses) == {WRONG: 10, TOO_MANY: 15}


async def test_other_limits_hold_at_once(both: tuple[Side, Side]) -> None:
    _, side = both
    email = fresh_address()
    path = "/accounts/password/reset/"
    asked = await asyncio.gather(
        *(submit(side.browser(), path, {"email": email}) for _ in range(20))
    )
    assert Counter(answer.status for answer in asked) == {302: 5, 429: 15}
    assert len(side.new_mails()) == 5


async def test_successes_at_once_give_back_all(both: tuple[Side, Side]) -> None:
    _, side = both
    person = await newcomer(side)
    for _ in range(3):
        answers = await asyncio.gather(*(side.browser().log_in(person.name) for _ in range(4)))
        assert [sent(answer) for answer in answers] == [(302, "/")] * 4


async def test_an_address_that_is_removed_meanwhile(
    native_accounts: Side, rows: AsyncEngine
) -> None:
    """It is neither confirmed nor does the account go by it."""
    side, gone = native_accounts, fresh_address()
    person = await newcomer(side)
    await side.rows(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
        " VALUES (%s, %s, false, false)",
        person.id,
        gone,
    )
    seen = await address_of(rows, person.id, gone)
    assert seen is not None
    assert await remove(rows, seen) is True
    assert await verify(rows, seen) is False
    assert await set_primary(rows, seen) is False
    assert await remove(rows, seen) is False
    user = await side.row("SELECT email FROM users_user WHERE id = %s", person.id)
    assert user["email"] == person.email
    kept = await address_of(rows, person.id, person.email)
    assert kept is not None
    assert kept.primary


async def test_an_address_that_becomes_primary_meanwhile(
    native_accounts: Side, rows: AsyncEngine
) -> None:
    """It is not removed, which was allowed before."""
    second = fresh_address()
    first = fresh_address()
    person = await native_accounts.add_user((first, True), (second, True), email=first)
    seen = await address_of(rows, person.id, second)
    assert seen is not None
    assert await set_primary(rows, seen) is True
    assert await remove(rows, seen) is False
    kept = await address_of(rows, person.id, second)
    assert kept is not None
    assert kept.primary


async def test_buttons_at_once(native_accounts: Side) -> None:
    """Whichever comes first: one address is primary, and the account goes by it. Django fails."""
    side = native_accounts
    first, second = fresh_address(), fresh_address()
    person = await side.add_user((first, True), (second, True), email=first)
    browser = await entered(side, person)
    buttons = [("action_primary", second), ("action_primary", first)] * 3
    answers = await asyncio.gather(
        *(submit(browser, "/accounts/email/", {button: "", "email": to}) for button, to in buttons)
    )
    assert [sent(answer) for answer in answers] == [(302, "/accounts/email/")] * 6
    primary = await side.row(
        "SELECT a.email, u.email AS mirrored FROM account_emailaddress a"
        ' JOIN users_user u ON u.id = a.user_id WHERE a.user_id = %s AND a."primary"',
        person.id,
    )
    assert primary["email"] == primary["mirrored"]


async def test_a_session_that_ends_before_it_is_saved(side: Side) -> None:
    """Somebody logged out meanwhile: that stands, and the request comes to nothing."""
    person = await newcomer(side)
    browser = await entered(side, person)
    key = browser.cookies["sessionid"]
    async with await AsyncConnection.connect(side.database) as connection:
        locked = "SELECT FROM django_session WHERE session_key = %s FOR UPDATE"
        await connection.execute(locked, (key,))
        form = {"password": PASSWORD}
        asked = asyncio.create_task(submit(browser, "/accounts/reauthenticate/", form))
        await _somebody_waits(side)
        await connection.execute("DELETE FROM django_session WHERE session_key = %s", (key,))
        await connection.commit()
        answer = await asked
    assert answer.status == 400
    assert "sessionid" not in answer.cookies
    left = await side.row("SELECT count(*) FROM django_session WHERE session_key = %s", key)
    assert left["count"] == 0


async def _somebody_waits(side: Side) -> None:
    """For the lock on the session's row. The database has no event for that."""
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE 'UPDATE%%django_session%%'"
    )
    async with asyncio.timeout(PATIENCE):
        while not await side.rows(waiting):
            pass
