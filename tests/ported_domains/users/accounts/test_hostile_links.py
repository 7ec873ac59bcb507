"""Links of mails, forged: nothing is confirmed by them and no password is set."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from legacy_bridge.django import signing
from legacy_bridge.django.email_confirmation import confirmation_key
from legacy_bridge.django.identifiers import to_base36
from legacy_bridge.django.reset_tokens import Resetter, ResetTokens
from legacy_bridge.django.settings import Secrets
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.hostile import fingerprints, submit
from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import HASH, Answer, Browser, Person, Side
from tests.ported_domains.users.accounts.test_confirmation import row_of

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

OTHERS = Secrets(key="another")
NEW = {"password1": "battery staple", "password2": "battery staple"}

CONFIRMATIONS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "another key": lambda row: confirmation_key(row, OTHERS),
        "another salt": lambda row: signing.dumps(row, SECRETS.key, salt="another"),
        "the last letter gone": lambda row: confirmation_key(row, SECRETS)[:-1],
        "the first letter gone": lambda row: confirmation_key(row, SECRETS)[1:],
        "one letter more": lambda row: confirmation_key(row, SECRETS) + "a",
        "other case": lambda row: confirmation_key(row, SECRETS).swapcase(),
        "another row": lambda row: ":".join(
            (
                signing.dumps(row, "x").partition(":")[0],
                *confirmation_key(row + 1, SECRETS).split(":")[1:],
            )
        ),
        "a later time": lambda row: _made_later(confirmation_key(row, SECRETS)),
        "unsigned": str,
        "colons": lambda _: ":::",
        "not ASCII": lambda row: confirmation_key(row, SECRETS) + "\u0661",
        "digits of another script": lambda row: _arabic(confirmation_key(row, SECRETS)),
        "long": lambda _: "a" * 3000,
    }
)
"""Made of the number of a row that waits to be confirmed."""


def _made_later(key: str) -> str:
    value, moment, signature = key.split(":")
    return f"{value}:{moment[:-1]}{'a' if moment[-1] != 'a' else 'b'}:{signature}"


def _arabic(key: str) -> str:
    return key.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})


@pytest.mark.parametrize("name", CONFIRMATIONS)
async def test_confirmations(both: tuple[Side, Side], name: str) -> None:
    """Asked for, they are no good; posted, they are nothing."""

    async def posted(side: Side) -> Answer:
        person = await newcomer(side, verified=False)
        row = await row_of(side, person.email, person)
        path = f"/accounts/confirm-email/{CONFIRMATIONS[name](row)}/"
        page = await side.browser().get(path)
        assert (page.status, person.email in page.text) == (200, False)
        before = await fingerprints(side)
        answer = await submit(side.browser(), path, {})
        assert await fingerprints(side) == before
        return answer

    assert [(await posted(side)).status for side in both] == [404, 404]


@pytest.mark.parametrize("path", ["a%00b", "%FF", "a%2Fb", "a.b", "a%20b", "%0d%0aX:y", "", "-"])
async def test_what_no_confirmation_can_be(both: tuple[Side, Side], path: str) -> None:
    async def asked(side: Side) -> Answer:
        return await submit(side.browser(), f"/accounts/confirm-email/{path}/", {})

    legacy, native = [(await asked(side)).status for side in both]
    assert native == (legacy if legacy != 500 else 404)


async def token_of(side: Side, person: Person, secrets: Secrets = SECRETS, age: int = 0) -> str:
    """As it is now, or was made so many hours ago."""
    row = await side.row(
        "SELECT password, email, last_login FROM users_user WHERE id = %s", person.id
    )
    rows = await side.rows("SELECT email FROM account_emailaddress WHERE user_id = %s", person.id)
    resetter = Resetter(
        person.id,
        row["password"],
        row["last_login"],
        row["email"],
        tuple(each["email"] for each in rows),
    )
    return ResetTokens(secrets).make(resetter, datetime.now(UTC) - timedelta(hours=age))


def path_of(uid: str, token: str) -> str:
    return f"/accounts/password/reset/key/{uid}-{token}/"


TOKENS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "the last letter gone": lambda token: token[:-1],
        "one letter more": lambda token: token + "a",
        "the first letter gone": lambda token: token[1:],
        "capitals": str.upper,
        "no dash": lambda token: token.replace("-", ""),
        "two dashes": lambda token: token.replace("-", "--"),
        "a later time": lambda token: "zzzzzz" + token[6:],
        "no time": lambda token: token[token.index("-") :],
        "long time": lambda token: "z" * 14 + token[6:],
        "digits of another script": _arabic,
        "NUL": lambda token: f"{token}%00",
        "half a character": lambda token: f"{token}%ED%A0%80",
        "long": lambda token: token + "a" * 3000,
        "slash": lambda token: f"{token}/a",
    }
)


async def refused(side: Side, browser: Browser, path: str, person: Person) -> None:
    """Asked for or posted, by persons or scripts: the page says so, and the password stays."""
    before = await fingerprints(side)
    page = await browser.get(path)
    assert (page.status, 'name="password1"' in page.text) == (200, False)
    answer = await submit(browser, path, NEW)
    assert (answer.status, 'name="password1"' in answer.text) == (200, False)
    told = await submit(browser, path, NEW, x_requested_with="XMLHttpRequest")
    assert told.json()["form"]["errors"] == ["The password reset token was invalid."]
    assert "location" not in told.json()
    after = await fingerprints(side)
    assert after["users_user"] == before["users_user"]
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    assert row["password"] == HASH


@pytest.mark.parametrize("name", TOKENS)
async def test_tokens(side: Side, name: str) -> None:
    person = await newcomer(side)
    token = TOKENS[name](await token_of(side, person))
    await refused(side, side.browser(), path_of(to_base36(person.id), token), person)


async def test_tokens_of_another_key(side: Side) -> None:
    person = await newcomer(side)
    token = await token_of(side, person, OTHERS)
    await refused(side, side.browser(), path_of(to_base36(person.id), token), person)


async def test_tokens_of_another_user(side: Side) -> None:
    """Nor does a token in the session serve for another user."""
    person, other = await newcomer(side), await newcomer(side)
    own = await token_of(side, other)
    uid = to_base36(person.id)
    await refused(side, side.browser(), path_of(uid, own), person)
    browser = side.browser()
    assert (await browser.get(path_of(to_base36(other.id), own))).status == 302
    await refused(side, browser, path_of(uid, "set-password"), person)


async def test_tokens_that_are_too_old(side: Side) -> None:
    person = await newcomer(side)
    token = await token_of(side, person, age=73)
    await refused(side, side.browser(), path_of(to_base36(person.id), token), person)


async def test_tokens_from_the_future(both: tuple[Side, Side]) -> None:
    """They are ours: a clock was wrong. Both take them."""

    async def asked(side: Side) -> Answer:
        person = await newcomer(side)
        token = await token_of(side, person, age=-24)
        return await side.browser().get(path_of(to_base36(person.id), token))

    assert [(await asked(side)).status for side in both] == [302, 302]


@pytest.mark.parametrize(
    "uid", ["0", "zzzzzzzzzzzzz", "z" * 14, "z" * 3000, "1y2p0ij32e8e8", "1y2p0ij32e8e7"]
)
async def test_ids_that_nobody_has(side: Side, uid: str) -> None:
    """Of up to 13 digits, some beyond 64 bits."""
    person = await newcomer(side)
    await refused(side, side.browser(), path_of(uid, await token_of(side, person)), person)


async def test_capitals_in_an_id(both: tuple[Side, Side]) -> None:
    """Are digits, too."""

    async def asked(side: Side) -> Answer:
        person = await newcomer(side)
        uid = to_base36(person.id).upper()
        return await side.browser().get(path_of(uid, await token_of(side, person)))

    assert [(await asked(side)).status for side in both] == [302, 302]


@pytest.mark.parametrize(
    "rest", ["\u0661-a-b", "-1-a-b", "1%00-a-b", "%20-a-b", "1.0-a-b", "1_0-a-b", "1-a%0d%0aX:y"]
)
async def test_what_no_link_can_be(both: tuple[Side, Side], rest: str) -> None:
    """The legacy site fails for NUL in any path that it does not know."""
    path = f"/accounts/password/reset/key/{rest}/"
    legacy, native = [(await submit(side.browser(), path, NEW)).status for side in both]
    assert (legacy, native) == (500 if "%00" in rest else 404, 404)


async def test_a_token_ends_with_each_change(side: Side) -> None:
    person = await newcomer(side)
    path = path_of(to_base36(person.id), await token_of(side, person))
    await side.rows("UPDATE users_user SET last_login = now() WHERE id = %s", person.id)
    await refused(side, side.browser(), path, person)


async def test_of_an_inactive_user(both: tuple[Side, Side]) -> None:
    """A new password opens nothing there."""

    async def asked(side: Side) -> tuple[tuple[int, str | None], tuple[int, str | None]]:
        person = await newcomer(side)
        await side.rows("UPDATE users_user SET is_active = false WHERE id = %s", person.id)
        browser = side.browser()
        path = path_of(to_base36(person.id), await token_of(side, person))
        where = (await browser.get(path)).location
        assert where is not None
        answer = await submit(browser, where, NEW)
        return sent(answer), sent(await side.browser().log_in(person.name, NEW["password1"]))

    legacy, native = [await asked(side) for side in both]
    assert native == legacy
    assert native[1] == (302, "/accounts/inactive/")


async def test_who_is_signed_in_is_not_who_the_link_is_for(side: Side) -> None:
    """A link that is no good signs nobody out."""
    person, other = await newcomer(side), await newcomer(side)
    browser = await entered(side, other)
    path = path_of(to_base36(person.id), (await token_of(side, person))[:-1] + "z")
    await browser.get(path)
    assert (await browser.get("/accounts/email/")).status == 200
