"""How long a refusal takes does not tell whether an account is there.

Ways to be refused are measured in turn, over a socket, so that whatever else the machine does meets
all of them alike. A way is told from another one if it takes more than a quarter longer and that
cannot be chance: one-sided Mann-Whitney test, p < 10^-6.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from legacy_bridge.django.cache.memory import MemoryCache
from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.passwords.setting import Costs, hashers_of
from legacy_bridge.django.rate_limits import RateLimits
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.services import Accounts
from tests.longer import shorter
from tests.ported_domains.users.accounts.beside import native_beside
from tests.ported_domains.users.accounts.hostile import submit
from tests.ported_domains.users.accounts.people import fresh_address
from tests.ported_domains.users.accounts.sides import PASSWORD, Browser, Side

ROUNDS = shorter(25, 18)
QUARTER = 1.25
CHANCE = 1e-6
PASSWORDS = Passwords(*hashers_of(costs=Costs(iterations=150_000, scrypt_parallelism=1)))
"""A seventh of Django's rounds: still most of the time that a login takes."""
OUTDATED = Passwords(*hashers_of(costs=Costs(iterations=20_000, scrypt_parallelism=1)))

Attempt = Callable[[], Awaitable[object]]


@pytest_asyncio.fixture(scope="module")
async def quick(
    native_accounts: Side, native_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Side]:
    """With passwords that cost less, and without limits."""

    def change(contracts: Contracts, accounts: Accounts) -> tuple[Contracts, Accounts]:
        unlimited = replace(accounts, limits=RateLimits(MemoryCache(), {}))
        return replace(contracts, passwords=PasswordThreads(PASSWORDS)), unlimited

    folder: Path = tmp_path_factory.mktemp("timing")
    tables = native_database_url
    async with native_beside(native_accounts, tables, folder, change=change) as side:
        yield side


async def measured(attempts: Mapping[str, Attempt]) -> dict[str, list[float]]:
    """Seconds, each way once in each round, in an order of its own."""
    order, took = [*attempts], {name: list[float]() for name in attempts}
    shuffled = random.Random(1)
    for name in order:
        await attempts[name]()  # connections are opened and templates compiled
    for _ in range(ROUNDS):
        shuffled.shuffle(order)
        for name in order:
            begun = time.perf_counter()
            await attempts[name]()
            took[name].append(time.perf_counter() - begun)
    return took


def by_chance(longer: Sequence[float], shorter: Sequence[float]) -> float:
    """How likely it is that the first ones are so much longer if both are alike (normal
    approximation of the rank test)."""
    wins = sum((one > other) + (one == other) / 2 for one in longer for other in shorter)
    pairs = len(longer) * len(shorter)
    spread = (pairs * (len(longer) + len(shorter) + 1) / 12) ** 0.5
    return statistics.NormalDist().cdf((pairs / 2 - wins) / spread)


def told_apart(took: Mapping[str, Sequence[float]]) -> dict[str, tuple[str, float, float]]:
    """Ways that take longer than another one, with the medians of both."""
    found = {}
    for name, seconds in took.items():
        for other, others in took.items():
            if by_chance(seconds, [QUARTER * each for each in others]) < CHANCE:
                found[name] = other, statistics.median(seconds), statistics.median(others)
    return found


async def account(
    side: Side, *, name: str | None = None, password: str | None = None, active: bool = True
) -> str:
    """Its address, which is verified."""
    email = fresh_address()
    if password is None:
        password = await asyncio.to_thread(PASSWORDS.make, PASSWORD)
    await side.add_user((email, True), email=email, name=name, password=password, active=active)
    return email


async def test_logins_that_fail(quick: Side) -> None:
    browser = quick.browser()
    known = await account(quick, name="timing.known")
    outdated = await asyncio.to_thread(OUTDATED.make, PASSWORD)

    def wrong(login: str) -> Attempt:
        return lambda: _refused(browser, login)

    took = await measured(
        {
            "wrong password": wrong("timing.known"),
            "wrong password for an address": wrong(known),
            "unknown name": wrong("timing.unknown"),
            "unknown address": wrong("timing.unknown@example.org"),
            "inactive": wrong(await account(quick, active=False)),
            "without a password": wrong(await account(quick, password="!unusable")),
            "nonsense for a password": wrong(await account(quick, password="nonsense")),
            "outdated password": wrong(await account(quick, password=outdated)),
        }
    )
    assert told_apart(took) == {}


async def _refused(browser: Browser, login: str) -> None:
    answer = await browser.log_in(login, "wrong")
    assert (answer.status, len(answer.errors)) == (200, 1)


async def test_sign_ups(quick: Side) -> None:
    known = await account(quick)

    async def sign_up(email: str) -> None:
        form = {"email": email, "username": fresh_address()}
        form |= dict.fromkeys(("password1", "password2"), PASSWORD)
        answer = await submit(browser, "/accounts/signup/", form)
        assert answer.status == 302

    browser = quick.browser()
    attempts: dict[str, Attempt] = {
        "known": lambda: sign_up(known),
        "unknown": lambda: sign_up(fresh_address()),
    }
    assert told_apart(await measured(attempts)) == {}


async def test_asking_for_a_new_password(quick: Side) -> None:
    """Which takes no password's time, but one mail in each case."""
    known, inactive = await account(quick), await account(quick, active=False)

    async def ask(email: str) -> None:
        answer = await submit(browser, "/accounts/password/reset/", {"email": email})
        assert answer.status == 302

    browser = quick.browser()
    attempts: dict[str, Attempt] = {
        "known": lambda: ask(known),
        "unknown": lambda: ask(fresh_address()),
        "inactive": lambda: ask(inactive),
    }
    assert told_apart(await measured(attempts)) == {}


def test_what_is_told_apart() -> None:
    """The measure itself: a tenth of the time is seen, a tenth more is not."""
    drawn = random.Random(2)
    usual = [drawn.uniform(0.06, 0.08) for _ in range(ROUNDS)]
    little_more = [drawn.uniform(0.066, 0.088) for _ in range(ROUNDS)]
    quick = [drawn.uniform(0.006, 0.008) for _ in range(ROUNDS)]
    assert told_apart({"usual": usual, "more": little_more}) == {}
    assert {*told_apart({"usual": usual, "quick": quick})} == {"usual"}
