"""allauth's rate limits (65.14): how often somebody may do something, counted by both sides.

An entry of the cache is a list of moments, newest first: when the action was let pass. Who asks for
one more is let pass if fewer than the limit are younger than its duration. Requests of one process
that ask at once wait for each other: thousands may, where Django has a handful of threads. Between
processes nothing holds them apart, here as there.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Literal, get_args
from weakref import WeakValueDictionary

from legacy_bridge.django.cache.contract import Cache, UnreadableValueError
from legacy_bridge.django.hosts import split_host

Per = Literal["ip", "user", "key"]
History = list[float]
"""Seconds since 1970, newest first."""

_SECONDS: Final = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86400})


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds, for each address, user or other key."""

    amount: int
    seconds: float
    per: Per


Rates = Mapping[str, tuple[Rate, ...]]
"""By action. One without rates is not limited."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks. What no rate of the action counts by may be left out."""

    address: str | None = None
    """As `client_address` has it."""
    user_id: int | None = None
    key: str | None = None
    """Such as an e-mail address in small letters, or a `login_key`."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """One moment in one entry."""

    name: str
    moment: float
    seconds: float


Usage = tuple[Consumed, ...]
"""What an action that was let pass took; nothing where it is not limited."""


class RateLimits:
    """`cache` is the one that the legacy site's allauth uses, CACHES["default"]."""

    def __init__(self, cache: Cache, rates: Rates, clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._rates = rates
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def consume(self, action: str, asking: Asking, *, dry_run: bool = False) -> Usage | None:
        """What it took, or None if it is too much now; `dry_run` only asks.

        A limit that lets it pass counts it, even if the next limit of the action does not.
        allauth asks for every method but GET, and for `confirm_email` always. Raises `CacheError`
        and `UnreadableValueError`, and `ValueError` if `asking` lacks what a rate counts by.
        """
        usage: list[Consumed] = []
        for rate in self._rates.get(action, ()):
            name = entry_name(action, rate, asking)
            async with self._turn(name):
                consumed = await self._consume(name, rate, dry_run=dry_run)
            if consumed is None:
                return None
            usage.append(consumed)
        return tuple(usage)

    async def give_back(self, usage: Usage) -> None:
        """As if it had not been: for a login that turns out to be right."""
        for consumed in usage:
            async with self._turn(consumed.name):
                history = await self._history(consumed.name)
                kept = [moment for moment in history if moment != consumed.moment]
                await self._cache.set(consumed.name, kept, consumed.seconds)

    async def clear(self, action: str, asking: Asking) -> None:
        """Nothing was, for whoever asks: after a password reset, for instance."""
        for rate in self._rates.get(action, ()):
            name = entry_name(action, rate, asking)
            async with self._turn(name):
                await self._cache.delete(name)

    async def _consume(self, name: str, rate: Rate, *, dry_run: bool) -> Consumed | None:
        now = self._clock()
        history = recent(await self._history(name), rate, now)
        if len(history) >= rate.amount:
            return None
        if not dry_run:
            await self._cache.set(name, [now, *history], rate.seconds)
        return Consumed(name, now, rate.seconds)

    def _turn(self, name: str) -> asyncio.Lock:
        """Of an entry: whoever changes it reads it and writes it, with nobody in between."""
        return self._turns.setdefault(name, asyncio.Lock())

    async def _history(self, name: str) -> History:
        history = await self._cache.get(name)
        if history is None:
            return []
        if isinstance(history, list) and all(isinstance(each, int | float) for each in history):
            return history
        raise UnreadableValueError(f"{name} has no list of moments")


def recent(history: History, rate: Rate, now: float) -> History:
    """Those that count still. They are in order, so the old ones are the last ones."""
    kept = len(history)
    while kept and history[kept - 1] <= now - rate.seconds:
        kept -= 1
    return history[:kept]


def entry_name(action: str, rate: Rate, asking: Asking) -> str:
    """The key in the cache. Rates of an action that count by the same share an entry."""
    match rate.per:
        case "ip":
            source = f"ip:{_known(asking.address, action, rate)}"
        case "user":
            source = f"user:{_known(asking.user_id, action, rate)}"
        case "key":
            source = sha256(str(_known(asking.key, action, rate)).encode()).hexdigest()
    return f"allauth:rl:{action}:{source}"


def _known(value: object, action: str, rate: Rate) -> object:
    if value is None:
        raise ValueError(f"{action} is limited per {rate.per}, and who asks does not say which")
    return value


def login_key(site_domain: str, login: str) -> str:
    """What `login_failed` counts by: a text that somebody tries to log in with, on a site."""
    return f"{site_domain}:{login.lower()}"


def client_address(forwarded_for: str | None, peer: str) -> str:
    """Where the client is, from X-Forwarded-For if it says anything, for `Asking.address`.

    `ValueError` if that is no IP address; allauth answers 403.
    """
    said = forwarded_for.split(",")[0] if forwarded_for else peer
    domain, port = split_host(said)
    if domain and port:
        said = domain.removeprefix("[").removesuffix("]")
    return str(ipaddress.ip_address(said))


def rates_of(settings: Mapping[str, Any]) -> Rates:
    """The legacy project's limits, from its ACCOUNT_… settings (whole names), or allauth's own.

    `ValueError` names the setting that cannot be read.
    """
    told = settings.get("ACCOUNT_RATE_LIMITS")
    if told is False:
        return {}
    if told is not None and not isinstance(told, Mapping):
        raise ValueError("ACCOUNT_RATE_LIMITS is neither a table of limits nor False")
    try:
        return {action: parse_rates(text) for action, text in _texts(settings, told or {}).items()}
    except ValueError as fault:
        raise ValueError(f"ACCOUNT_RATE_LIMITS: {fault}") from None


def _texts(settings: Mapping[str, Any], told: Mapping[str, str | None]) -> dict[str, str | None]:
    """allauth's defaults (behaviour/accounts.md, "Rate limits"), with the project's over them."""
    attempts = settings.get("ACCOUNT_LOGIN_ATTEMPTS_LIMIT", 5)
    within = settings.get("ACCOUNT_LOGIN_ATTEMPTS_TIMEOUT", 300)
    by_code = settings.get("ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED", False)
    pause = 10 if by_code else settings.get("ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN", 180)
    return {
        "login": "30/m/ip",
        "login_failed": f"10/m/ip,{attempts}/{within}s/key" if attempts and within else None,
        "signup": "20/m/ip",
        "reset_password": "20/m/ip,5/m/key",
        "reset_password_from_key": "20/m/ip",
        "change_password": "5/m/user",
        "manage_email": "10/m/user",
        "reauthenticate": "10/m/user",
        "confirm_email": f"1/{pause}s/key" if pause else None,
        **told,
    }


def parse_rates(text: str | None) -> tuple[Rate, ...]:
    """`10/m/ip,5/300s/key`; nothing where the text is empty. `ValueError` shows what is wrong."""
    rates = (text or "").strip()
    return tuple(_rate(each.strip()) for each in rates.split(",")) if rates else ()


def _rate(text: str) -> Rate:
    parts = text.split("/")
    if len(parts) == 2:
        parts.append("ip")
    try:
        amount, duration, per = parts
        return Rate(int(amount), _duration(duration), _per(per))
    except ValueError:
        raise ValueError(f"{text!r} is not like 5/300s/key") from None


def _duration(text: str) -> float:
    """`m` is `1m`; a fraction may be given."""
    unit = _SECONDS.get(text[-1:])
    if unit is None:
        raise ValueError
    return float(text[:-1] or 1) * unit


def _per(text: str) -> Per:
    for per in get_args(Per):
        if text == per:
            return per  # type: ignore[no-any-return]
    raise ValueError
