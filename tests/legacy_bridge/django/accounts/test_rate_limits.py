"""Both sides count together: real allauth and ours on one cache, in a table and in Redis."""

import time
from collections.abc import AsyncIterator
from functools import partial
from itertools import count
from operator import sub
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.choosing import shared_cache
from legacy_bridge.django.cache.contract import Cache, UnreadableValueError
from legacy_bridge.django.cache.memory import MemoryCache
from legacy_bridge.django.rate_limits import (
    Asking,
    Rate,
    RateLimits,
    client_address,
    login_key,
    parse_rates,
    rates_of,
    recent,
)
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import many

TABLE = "django_cache_table"
BACKENDS = "django.core.cache.backends"
TEN = {"act": "10/m/ip"}
people = count(1)


class BothSides:
    """One cache, and what either side counts in it."""

    def __init__(self, accounts: AccountsSide, cache: Cache, entry: dict[str, Any]) -> None:
        self.accounts = accounts
        self.cache = cache
        self.entry = entry

    def ours(self, told: dict[str, str]) -> RateLimits:
        return RateLimits(self.cache, rates_of({"ACCOUNT_RATE_LIMITS": told}))

    def theirs(self, told: Any, action: str, asking: Asking, **more: Any) -> bool:
        names = {"address": asking.address, "user_id": asking.user_id, "key": asking.key}
        known = {name: value for name, value in names.items() if value is not None}
        consumed: bool = self.accounts.ask(
            "consume", entry=self.entry, told=told, action=action, asking=known, **more
        )
        return consumed

    def stored(self, name: str) -> Any:
        return self.accounts.ask("cached", entry=self.entry, verb="get", of=[name])


@pytest.fixture(scope="session")
async def sides(
    stored_accounts: AccountsSide, accounts_engine: AsyncEngine, stack: EmbeddedStack
) -> AsyncIterator[dict[str, BothSides]]:
    table = {"BACKEND": f"{BACKENDS}.db.DatabaseCache", "LOCATION": TABLE}
    redis = {"BACKEND": f"{BACKENDS}.redis.RedisCache", "LOCATION": stack.redis_url}
    stored_accounts.ask("make_cache_table", entry=table)
    async with Redis.from_url(stack.redis_url) as client:
        yield {
            name: BothSides(stored_accounts, shared_cache(entry, accounts_engine, client), entry)
            for name, entry in (("table", table), ("redis", redis))
        }


@pytest.fixture(params=["table", "redis"])
def both(sides: dict[str, BothSides], request: pytest.FixtureRequest) -> BothSides:
    return sides[request.param]


def somebody() -> Asking:
    number = next(people)
    return Asking(f"198.51.100.{number}", number, f"Person{number}@example.com")


@pytest.mark.parametrize("first", ["ours", "theirs"])
@pytest.mark.parametrize("per", ["ip", "user", "key"])
async def test_counted_together(both: BothSides, per: str, first: str) -> None:
    told = {"act": f"5/m/{per}"}
    asking, limits = somebody(), both.ours(told)
    passed = []
    for turn in range(7):
        if (turn % 2 == 0) == (first == "ours"):
            passed.append(await limits.consume("act", asking) is not None)
        else:
            passed.append(both.theirs(told, "act", asking))
    assert passed == [True] * 5 + [False] * 2
    assert both.theirs(told, "act", somebody())
    assert await limits.consume("act", somebody())


async def test_entries_have_the_same_names_and_values(both: BothSides) -> None:
    told = {"act": "10/m/ip,10/m/user,10/m/key"}
    one, other = somebody(), Asking("2001:db8::1", 1001, "é@example.com")
    for asking in (one, other):
        usage = await both.ours(told).consume("act", asking)
        assert usage is not None
        assert both.theirs(told, "act", asking)
        for consumed in usage:
            newer, older = both.stored(consumed.name)
            assert older == consumed.moment
            assert 0 <= newer - older < 60
            assert await both.cache.get(consumed.name) == [newer, older]


async def test_several_limits_of_an_action(both: BothSides) -> None:
    """What the first one lets pass it counts, though the second one refuses."""
    told = {"act": "4/m/ip,2/m/key"}
    asking, limits = somebody(), both.ours(told)
    assert await limits.consume("act", asking)
    assert both.theirs(told, "act", asking)
    assert await limits.consume("act", asking) is None
    assert not both.theirs(told, "act", asking)
    another_key = Asking(asking.address, None, "another")
    assert await limits.consume("act", another_key) is None
    assert not both.theirs(told, "act", another_key)


async def test_two_limits_that_share_an_entry(both: BothSides) -> None:
    """Per address twice: each pass is counted twice, with allauth and so with us."""
    told = {"act": "5/m/ip,8/h/ip"}
    ours, theirs = somebody(), somebody()
    limits = both.ours(told)
    passed = [await limits.consume("act", ours) is not None for _ in range(5)]
    assert passed == [both.theirs(told, "act", theirs) for _ in range(5)]
    assert passed == [True, True, True, False, False]


@pytest.mark.parametrize("rolling_back", ["ours", "theirs"])
async def test_given_back(both: BothSides, rolling_back: str) -> None:
    """Its own alone, whatever the other side counted meanwhile."""
    told = {"act": "3/m/ip,3/m/key"}
    asking, limits = somebody(), both.ours(told)
    usage = await limits.consume("act", asking)
    assert usage is not None
    assert both.theirs(told, "act", asking, keep="theirs")
    assert await limits.consume("act", asking)
    if rolling_back == "ours":
        await limits.give_back(usage)
    else:
        both.accounts.ask("roll_back", entry=both.entry, keep="theirs")
    for consumed in usage:
        assert len(both.stored(consumed.name)) == 2
        assert (consumed.moment in both.stored(consumed.name)) is (rolling_back == "theirs")
    assert both.theirs(told, "act", asking)
    assert await limits.consume("act", asking) is None


@pytest.mark.parametrize("clearing", ["ours", "theirs"])
async def test_cleared(both: BothSides, clearing: str) -> None:
    told = {"act": "1/m/ip,1/m/key"}
    asking, limits = somebody(), both.ours(told)
    assert await limits.consume("act", asking)
    assert not both.theirs(told, "act", asking)
    if clearing == "ours":
        await limits.clear("act", asking)
    else:
        known = {"address": asking.address, "key": asking.key}
        both.accounts.ask("clear_limit", entry=both.entry, told=told, action="act", asking=known)
    assert both.theirs(told, "act", asking)
    assert await limits.consume("act", asking) is None


async def test_a_dry_run_takes_nothing(both: BothSides) -> None:
    asking, limits = somebody(), both.ours({"act": "1/m/ip"})
    for _ in range(2):
        assert await limits.consume("act", asking, dry_run=True)
        assert both.theirs({"act": "1/m/ip"}, "act", asking, dry_run=True)
    assert await limits.consume("act", asking)
    assert await limits.consume("act", asking, dry_run=True) is None


async def test_what_is_too_old_does_not_count(both: BothSides) -> None:
    """The other side's moments, too. Ours are seen from an hour ago, and from a minute."""
    told = {"act": "2/m/ip"}
    asking, rates = somebody(), rates_of({"ACCOUNT_RATE_LIMITS": told})
    now = time.time()
    for ago in (3600, 61, 30):
        await RateLimits(both.cache, rates, partial(sub, now, ago)).consume("act", asking)
    name = f"allauth:rl:act:ip:{asking.address}"
    assert both.stored(name) == [now - 30, now - 61]
    assert both.theirs(told, "act", asking)
    assert both.stored(name)[1:] == [now - 30]
    assert not both.theirs(told, "act", asking)
    assert await both.ours(told).consume("act", asking) is None


async def test_failed_logins(both: BothSides) -> None:
    """Alternately on both sides, by address as typed and site; success gives back its own."""
    domain, login = f"site{next(people)}.example", f"Mallory{next(people)}@Example.com"
    told = {"login_failed": "100/m/ip,5/300s/key"}
    limits = both.ours(told)
    asking = Asking("192.0.2.9", None, login_key(domain, login))

    def theirs(password: str) -> str:
        credentials = {"email": login, "password": password}
        outcome: str = both.accounts.ask(
            "try_login", entry=both.entry, told=told, domain=domain, login=credentials
        )
        return outcome

    assert theirs("wrong") == "unknown"
    assert await limits.consume("login_failed", asking)
    usage = await limits.consume("login_failed", asking)
    assert usage is not None
    assert theirs("wrong") == "unknown"
    await limits.give_back(usage)
    assert theirs("wrong") == "unknown"
    assert await limits.consume("login_failed", asking)
    assert theirs("wrong") == "refused"
    assert await limits.consume("login_failed", asking) is None


async def test_confirmation_mails(both: BothSides) -> None:
    """One in three minutes for an address, as it is written in small letters, on GET as well."""
    for first in ("ours", "theirs"):
        email = f"Waiting{next(people)}@Example.com"
        asking, limits = Asking(key=email.lower()), both.ours({})
        passed = []
        for side in (first, "ours", "theirs"):
            if side == "ours":
                passed.append(await limits.consume("confirm_email", asking) is not None)
            else:
                passed.append(
                    both.accounts.ask("confirmation_mail", entry=both.entry, told={}, email=email)
                )
        assert passed == [True, False, False]


async def test_only_get_is_free(both: BothSides) -> None:
    """What `consume` tells its callers."""
    asking = somebody()
    for _ in range(3):
        assert both.theirs({"act": "1/m/ip"}, "act", asking, method="GET")
    assert both.theirs({"act": "1/m/ip"}, "act", asking, method="HEAD")
    assert not both.theirs({"act": "1/m/ip"}, "act", asking, method="PUT")


async def test_in_memory() -> None:
    """Where the legacy site's cache cannot be shared."""
    limits = RateLimits(MemoryCache(), rates_of({}))
    asking = Asking("192.0.2.1", 1, "k")
    passed = [await limits.consume("change_password", asking) is not None for _ in range(6)]
    assert passed == [True] * 5 + [False]
    assert await limits.consume("no such action", asking) == ()


async def test_who_asks_must_say_who() -> None:
    limits = RateLimits(MemoryCache(), rates_of({"ACCOUNT_RATE_LIMITS": {"act": "1/m/user"}}))
    with pytest.raises(ValueError, match="act is limited per user, and who asks does not say"):
        await limits.consume("act", Asking("192.0.2.1"))


async def test_an_entry_of_somebody_elses() -> None:
    cache = MemoryCache()
    await cache.set("allauth:rl:act:ip:192.0.2.1", ["soon"], 60)
    limits = RateLimits(cache, {"act": (Rate(1, 60, "ip"),)})
    with pytest.raises(UnreadableValueError, match=r"ip:192\.0\.2\.1 has no list of moments"):
        await limits.consume("act", Asking("192.0.2.1"))


@pytest.mark.parametrize(
    ("history", "kept"),
    [([], []), ([100.0], [100.0]), ([100.0, 40.5, 40.0, 39.0], [100.0, 40.5]), ([40.0], [])],
)
def test_recent(history: list[float], kept: list[float]) -> None:
    """What is a whole duration old is too old."""
    assert recent(history, Rate(1, 60, "ip"), 100) == kept


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"ACCOUNT_RATE_LIMITS": False},
        {"ACCOUNT_RATE_LIMITS": {"login": None, "signup": "", "change_password": " 2/h/user "}},
        {"ACCOUNT_RATE_LIMITS": {"login_failed": "1/d, 2/90s/key,3/1.5h/ip"}},
        {"ACCOUNT_LOGIN_ATTEMPTS_LIMIT": 7, "ACCOUNT_LOGIN_ATTEMPTS_TIMEOUT": 60},
        {"ACCOUNT_LOGIN_ATTEMPTS_LIMIT": None},
        {"ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN": 0},
        {"ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN": 60},
        {"ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True},
    ],
    ids=str,
)
def test_limits_in_force(accounts: AccountsSide, told: dict[str, Any]) -> None:
    """All actions but those of parts that the site does not have: phones and login by code."""
    theirs = accounts.ask("limits", told=told)
    for absent in ("change_phone", "verify_phone", "request_login_code"):
        theirs.pop(absent, None)
    assert as_lists(rates_of(told)) == theirs


@many
@given(
    text=st.lists(
        st.tuples(
            st.sampled_from(["1", "10", "", "x", "1.5", " 3"]),
            st.sampled_from(["s", "m", "h", "d", "5m", "1.5h", "", "5", "w", "xs"]),
            st.sampled_from(["", "/ip", "/user", "/key", "/ip/x"]),
        ).map(lambda parts: f"{parts[0]}/{parts[1]}{parts[2]}"),
        max_size=3,
    ).map(",".join)
)
def test_texts(accounts: AccountsSide, text: str) -> None:
    try:
        theirs = accounts.ask("parse_limits", text=text)
    except RefusedError:
        with pytest.raises(ValueError, match=r"is not like 5/300s/key$"):
            parse_rates(text)
    else:
        assert [[rate.amount, rate.seconds, rate.per] for rate in parse_rates(text)] == theirs


@pytest.mark.parametrize("text", ["10/m/nobody", "10", "10/m/"])
def test_texts_that_fail_at_the_first_request_only(text: str) -> None:
    with pytest.raises(ValueError, match=f"^'{text}' is not like 5/300s/key$"):
        parse_rates(text)
    with pytest.raises(ValueError, match=f"^ACCOUNT_RATE_LIMITS: '{text}' is not like"):
        rates_of({"ACCOUNT_RATE_LIMITS": {"login": text}})


def test_no_table() -> None:
    with pytest.raises(ValueError, match=r"^ACCOUNT_RATE_LIMITS is neither a table"):
        rates_of({"ACCOUNT_RATE_LIMITS": "10/m"})


@pytest.mark.parametrize(
    "forwarded_for",
    [
        None,
        "",
        "192.0.2.1",
        "192.0.2.1, 10.0.0.1",
        "192.0.2.1:8080",
        "[2001:DB8::1]:8080,10.0.0.1",
        "[2001:db8::1]",
        "2001:0db8:0::1",
        " 192.0.2.1",
        "unknown",
        "unknown:80",
        "192.0.2.1.:80",
        ",10.0.0.1",
        "192.0.2.300",
    ],
)
def test_client_addresses(accounts: AccountsSide, forwarded_for: str | None) -> None:
    theirs = accounts.ask("client_ip", forwarded_for=forwarded_for, peer="203.0.113.7")
    if theirs is None:
        with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
            client_address(forwarded_for, "203.0.113.7")
    else:
        assert client_address(forwarded_for, "203.0.113.7") == theirs


def as_lists(rates: Any) -> Any:
    return {
        action: [[rate.amount, rate.seconds, rate.per] for rate in each]
        for action, each in rates.items()
    }
