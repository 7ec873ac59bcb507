"""Feature flags of django-waffle: whether one is on for a visitor, and the cookies that keep it so.

Evaluated in waffle's order (behaviour/site.md 9). Nothing is cached: a change counts at once.
"""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Protocol

from sqlalchemy import RowMapping, text

MONTH: Final = 2_592_000
"""Seconds."""

FLAG: Final = text("""
SELECT f.name, f.everyone, f.percent, f.testing, f.superusers, f.staff, f.authenticated,
       f.languages, f.rollout,
       ARRAY(SELECT user_id FROM waffle_flag_users WHERE flag_id = f.id) AS users,
       ARRAY(SELECT group_id FROM waffle_flag_groups WHERE flag_id = f.id) AS groups
FROM waffle_flag f WHERE f.name = :name
""")
"""Parameter `name`; one round trip."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A row of `waffle_flag`."""

    name: str
    everyone: bool | None = None
    percent: Decimal | None = None
    testing: bool = False
    superusers: bool = True
    staff: bool = False
    authenticated: bool = False
    languages: str = ""
    """Codes with commas between."""
    rollout: bool = False
    users: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


def flag_of(row: RowMapping) -> Flag:
    values: dict[str, Any] = dict(row)
    values |= {name: frozenset(values[name]) for name in ("users", "groups")}
    return Flag(**values)


@dataclass(frozen=True, slots=True)
class FlagSettings:
    """WAFFLE_…; `{}` in the names stands where the flag's name does."""

    cookie: str = "dwf_{}"
    test_cookie: str = "dwft_{}"
    secure: bool = True
    max_age: int = MONTH
    override: bool = False
    default: bool = False
    """For flags that do not exist."""


@dataclass(frozen=True, slots=True)
class FlagCookie:
    """To be set with path `/`. Without `max_age` (seconds) it ends with the browser."""

    name: str
    value: str
    max_age: int | None = None
    secure: bool = False


class _Group(Protocol):
    @property
    def id(self) -> int: ...


class FlagUser(Protocol):
    """What a flag asks about a user; anonymous ones have no id."""

    @property
    def id(self) -> int | None: ...
    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_staff(self) -> bool: ...
    @property
    def is_superuser(self) -> bool: ...
    @property
    def groups(self) -> Collection[_Group]: ...


@dataclass(frozen=True, slots=True)
class FlagVisitor:
    """What a flag asks about a request. `language` is None unless LocaleMiddleware chose one."""

    user: FlagUser
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None


def _percentage() -> float:
    return random.uniform(0, 100)  # noqa: S311 - draws a sample, guards nothing


class Flags:
    """The flags of one request: what was drawn or tested once stays so, and goes into cookies."""

    __slots__ = ("_draw", "_drawn", "_settings", "_tested", "_visitor")

    def __init__(
        self,
        visitor: FlagVisitor,
        settings: FlagSettings = FlagSettings(),
        draw: Callable[[], float] = _percentage,
    ) -> None:
        self._visitor = visitor
        self._settings = settings
        self._draw = draw
        self._drawn: dict[str, tuple[bool, bool]] = {}
        self._tested: dict[str, bool] = {}

    def is_on(self, flag: Flag | None) -> bool:
        """None is a flag that does not exist."""
        if flag is None:
            return self._settings.default
        query = self._visitor.query
        if self._settings.override and flag.name in query:
            return query[flag.name] == "1"
        if flag.everyone is not None:
            return flag.everyone
        if flag.testing:
            tested = self._test(flag.name)
            if tested is not None:
                return tested
        return self._is_chosen(flag) or self._is_drawn(flag)

    def cookies(self) -> list[FlagCookie]:
        """What the answer has to set, in waffle's order."""
        settings = self._settings
        kept = [
            # In a roll-out, who was not drawn gets another chance in the next visit.
            FlagCookie(
                settings.cookie.format(name),
                str(on),
                None if rollout and not on else settings.max_age,
                settings.secure,
            )
            for name, (on, rollout) in self._drawn.items()
        ]
        tests = [
            FlagCookie(settings.test_cookie.format(name), str(on))
            for name, on in self._tested.items()
        ]
        return kept + tests

    def _test(self, name: str) -> bool | None:
        cookie = self._settings.test_cookie.format(name)
        if cookie in self._visitor.query:
            self._tested[name] = self._visitor.query[cookie] == "1"
            return self._tested[name]
        if cookie in self._visitor.cookies:
            return self._visitor.cookies[cookie] == "True"
        return None

    def _is_chosen(self, flag: Flag) -> bool:
        user, language = self._visitor.user, self._visitor.language
        if flag.languages and language in [code.strip() for code in flag.languages.split(",")]:
            return True
        return (
            (flag.authenticated and user.is_authenticated)
            or (flag.staff and user.is_staff)
            or (flag.superusers and user.is_superuser)
            or user.id in flag.users
            or any(group.id in flag.groups for group in user.groups)
        )

    def _is_drawn(self, flag: Flag) -> bool:
        if not flag.percent or flag.percent <= 0:
            return False
        if flag.name not in self._drawn:
            before = self._visitor.cookies.get(self._settings.cookie.format(flag.name))
            on = Decimal(str(self._draw())) <= flag.percent if before is None else before == "True"
            self._drawn[flag.name] = on, flag.rollout
        return self._drawn[flag.name][0]
