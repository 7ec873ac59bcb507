"""Where `{% cache %}` keeps rendered parts of pages."""

import time
from typing import Protocol


class Fragments(Protocol):
    """A store of parts."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, value: str, seconds: float | None) -> None:
        """`None` seconds: until it is pushed out."""


class MemoryFragments:
    """Parts kept in this process; the oldest goes when there are too many."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._parts: dict[str, tuple[float | None, str]] = {}

    def of(self, using: str | None) -> "MemoryFragments":
        """The one store there is; raises `LookupError` for another one."""
        if using:
            raise LookupError(f"Invalid cache name specified for cache tag: {using!r}")
        return self

    def get(self, key: str) -> str | None:
        until, text = self._parts.get(key, (None, None))
        if until is not None and until < time.monotonic():
            del self._parts[key]
            return None
        return text

    def set(self, key: str, value: str, seconds: float | None) -> None:
        while len(self._parts) >= self._most:
            del self._parts[next(iter(self._parts))]
        self._parts[key] = (None if seconds is None else time.monotonic() + seconds, value)
