"""What a cache is to its callers, whoever wrote the entry, and how it fails."""

from typing import Any, Final, Protocol

PLAIN: Final = "None, bool, int, float, str, and dict, list and tuple of them"

Value = Any
"""What `PLAIN` names."""


class CacheError(OSError):
    """The cache cannot be asked; the message says which and why."""


class UnreadableValueError(Exception):
    """The cache holds what only the legacy project can read; the message names it."""


class Cache(Protocol):
    """Ages are in seconds; None is for ever, 0 or less is over at once.

    Every method raises `CacheError`, and `get` also `UnreadableValueError`.
    """

    async def get(self, key: str) -> Value:
        """The value, or None if there is none."""

    async def set(self, key: str, value: Value, seconds: float | None) -> None:
        """Keep it, whatever was there."""

    async def add(self, key: str, value: Value, seconds: float | None) -> bool:
        """Keep it if there is nothing; whether it did."""

    async def replace(self, key: str, value: Value, seconds: float | None) -> bool:
        """Keep it if there is something; whether it did."""

    async def delete(self, key: str) -> bool:
        """Whether there was anything."""
