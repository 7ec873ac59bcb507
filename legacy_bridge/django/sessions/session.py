"""A visitor's session, as handlers and templates see it: Django's `request.session`.

The store is asked when the session is first wanted: `await session.load()`, once, before anything
else. What is kept in it is JSON. Only `session[key] = …` and the methods here mark it as modified;
a change inside a value does not, there as here.
"""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from datetime import UTC, datetime
from typing import Any

from legacy_bridge.django.sessions import expiry
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    SessionStore,
    Values,
)
from legacy_bridge.django.settings import SessionSettings

_ABSENT = object()


class Session:
    """`accessed` and `modified` are what the answer depends on (see `closing.py`)."""

    __slots__ = ("_key", "_settings", "_store", "_values", "accessed", "modified")

    def __init__(self, store: SessionStore, settings: SessionSettings, key: str | None) -> None:
        """`key` is the value of the visitor's cookie, if there was one."""
        self._store = store
        self._settings = settings
        self._key = key if key and len(key) >= 8 else None
        self._values: Values | None = None
        self.accessed = False
        self.modified = False

    @property
    def key(self) -> str | None:
        """None if there is none yet, or it turned out to be nobody's."""
        return self._key

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that a cookie could stand for."""
        return not self._key and not self._values

    @property
    def is_loaded(self) -> bool:
        """Whether its values are at hand."""
        return self._values is not None

    async def load(self) -> None:
        """Read it, unless that is done; `UnreadableSessionError` as the store has it."""
        if self._values is None and self._key is not None:
            self.take(await self._store.load(self._key))
        self.accessed = True

    def take(self, loaded: Loaded) -> None:
        """For who read the store in a query of their own."""
        self._values, self._key = loaded.values, loaded.key
        self.modified = self.modified or loaded.modified
        self.accessed = True

    @property
    def _current(self) -> Values:
        """The values themselves; `RuntimeError` before `load()`."""
        self.accessed = True
        if self._values is None:
            if self._key is not None:
                raise RuntimeError("await session.load() comes first")
            self._values = {}
        return self._values

    def __contains__(self, key: str) -> bool:
        return key in self._current

    def __getitem__(self, key: str) -> Any:
        return self._current[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._current[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self._current[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._current)

    def get(self, key: str, default: Any = None) -> Any:
        return self._current.get(key, default)

    def pop(self, key: str, default: Any = _ABSENT) -> Any:
        values = self._current
        self.modified = self.modified or key in values
        return values.pop(key) if default is _ABSENT else values.pop(key, default)

    def setdefault(self, key: str, value: Any) -> Any:
        if key not in self._current:
            self[key] = value
        return self[key]

    def update(self, values: Mapping[str, Any]) -> None:
        self._current.update(values)
        self.modified = True

    def keys(self) -> KeysView[str]:
        return self._current.keys()

    def values(self) -> ValuesView[Any]:
        return self._current.values()

    def items(self) -> ItemsView[str, Any]:
        return self._current.items()

    def clear(self) -> None:
        self._values = {}
        self.accessed = self.modified = True

    def set_expiry(self, value: expiry.Expiry) -> None:
        """Seconds after the last change, 0 for the browser's end, a moment, or None: the site's."""
        if expiry.set_expiry(self._current, value, self._settings, datetime.now(UTC)):
            self.modified = True

    @property
    def ends_with_browser(self) -> bool:
        return expiry.ends_with_browser(self._current, self._settings)

    @property
    def lifetime(self) -> Lifetime:
        """What it would get if it were saved now."""
        return expiry.lifetime(self._current, self._settings, datetime.now(UTC))

    async def save(self) -> None:
        """Write it, under a new key if it has none; `SessionInterruptedError` if it vanished."""
        if self._key is None:
            await self._create()
            return
        await self.load()
        if self._key is None:
            raise SessionInterruptedError("there is no such session (any more)")
        key = await self._store.update(self._key, self._current, self.lifetime)
        if key is not None:
            self._key = key
            self.modified = True

    async def flush(self) -> None:
        """Forget values and key, here and in the store: log-out."""
        self.clear()
        if self._key is not None:
            await self._store.delete(self._key)
            self._key = None

    async def cycle_key(self) -> None:
        """The same values under a new key: log-in, so that nobody knows it from before."""
        await self.load()
        before = self._key
        await self._create()
        if before is not None:
            await self._store.delete(before)

    async def _create(self) -> None:
        self._key = await self._store.create(self._current, self.lifetime)
        self.modified = True
