"""Decisions taken from octets: hypothesis makes these up, and makes them few and small again."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """When the octets are used up, or 0, every decision is the plainest."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, at most 65,535."""
        wide = limit > 256
        octets = self._octets[self._at : self._at + 1 + wide]
        self._at += 1 + wide
        return int.from_bytes(octets, "big") % limit

    def one_in(self, number: int) -> bool:
        """Seldom true."""
        return self.below(number) == number - 1

    def of(self, plain: T, odd: Sequence[T], *, one_in: int) -> T:
        """Mostly the plain one."""
        return odd[self.below(len(odd))] if self.one_in(one_in) else plain

    def any_of(self, options: Sequence[T]) -> T:
        """The first is the plainest."""
        return options[self.below(len(options))]
