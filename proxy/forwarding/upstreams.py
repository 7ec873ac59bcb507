"""Which of several upstreams gets a request: each in its turn, past those that are ejected.

preferred   healthy by its checks, and its breaker admits
then        the same, but this request was there already
then        unhealthy by its checks, and its breaker admits: a wrong check, or one that asks
            more than the site needs, must not take the whole site down
else        none: every breaker is open
"""

from collections.abc import Callable, Collection, Sequence
from math import ceil
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from proxy.forwarding.breaker import Breaker, BreakerLimits

T = TypeVar("T")

_PORTS = {"http": 80, "https": 443}


class Member(Generic[T]):
    """One upstream: `pool` is what the caller reaches it by, `name` is its host:port in the logs.

    `healthy` is the word of its checks, and stays True where there are none.
    """

    __slots__ = ("breaker", "healthy", "name", "pool", "url")

    def __init__(self, url: str, pool: T, breaker: Breaker) -> None:
        parts = urlsplit(url)
        self.url = url
        self.name = parts.netloc if parts.port else f"{parts.netloc}:{_PORTS[parts.scheme]}"
        self.pool = pool
        self.breaker = breaker
        self.healthy = True


class Upstreams(Generic[T]):
    """The members, in the order of the file; the list never changes, their states do.

    A change of the list makes another `Upstreams`, which takes the members that stay.
    """

    __slots__ = ("_following", "_turn", "members")

    def __init__(self, members: Sequence[Member[T]]) -> None:
        """Raises `ValueError` for no members, or two of one URL."""
        if not members or len({member.url for member in members}) < len(members):
            raise ValueError("upstreams need at least one member, and each URL once")
        self.members: tuple[Member[T], ...] = tuple(members)
        self._following = (*range(1, len(members)), 0)
        self._turn = 0

    @classmethod
    def of(
        cls, urls: Sequence[str], limits: BreakerLimits, pool: Callable[[str], T]
    ) -> "Upstreams[T]":
        """New members; `pool` is called with each URL, which is scheme, host and perhaps port."""
        return cls([Member(url, pool(url), Breaker(limits)) for url in urls])

    def updated(
        self, urls: Sequence[str], limits: BreakerLimits, pool: Callable[[str], T]
    ) -> "Upstreams[T]":
        """The same for another list. Members whose URL stays are kept, with all their state.

        The pools of those that are in `self.members` only are the caller's to close.
        """
        kept = {member.url: member for member in self.members}
        for member in self.members:
            member.breaker.limits = limits
        return Upstreams([kept.get(url) or Member(url, pool(url), Breaker(limits)) for url in urls])

    def choose(self, now: float, avoid: Collection[Member[T]] = ()) -> Member[T] | None:
        """The member whose turn it is; None when every breaker is open.

        `avoid` are those that this request was sent to already: they get it again only where no
        other that is healthy takes it. The caller keeps `member.breaker.ticket` for its report.
        """
        turn = self._turn
        member = self.members[turn]
        if member.breaker.closed and member.healthy and not avoid:
            self._turn = self._following[turn]
            return member
        return self._search(now, avoid)

    def retry_after(self, now: float) -> int:
        """Whole seconds, at least 1, until one of the open breakers lets a probe through."""
        return max(1, ceil(min(member.breaker.remaining(now) for member in self.members)))

    def _search(self, now: float, avoid: Collection[Member[T]]) -> Member[T] | None:
        """The turn passes to the one after the chosen, so that the rest still share evenly."""

        def reluctance(turn: int) -> tuple[bool, bool]:
            member = self.members[turn]
            return not member.healthy, member in avoid

        for turn in sorted(self._turns(), key=reluctance):
            member = self.members[turn]
            if member.breaker.admit(now):
                self._turn = self._following[turn]
                return member
        return None

    def _turns(self) -> list[int]:
        """Places in `members`, from the one whose turn it is."""
        return [*range(self._turn, len(self.members)), *range(self._turn)]
