"""A visitor's messages during one request: Django's `request._messages` and `messages`."""

from collections.abc import Iterator

from legacy_bridge.django.messages.message import Message
from legacy_bridge.django.messages.storage import Storage
from legacy_bridge.django.settings import MessageSettings


class Messages:
    """What was waiting and what this request adds. To iterate is to show: the rest is forgotten.

    `await load()` before a template may look at them.
    """

    def __init__(self, storage: Storage, settings: MessageSettings) -> None:
        self._storage = storage
        self._tags = settings.tags
        self._waiting: list[Message] | None = None
        self._queued: list[Message] = []
        self._used = False
        self._added = False
        self.level = settings.level
        """What is of a lower level is not recorded."""

    def add(self, level: int, message: object, extra_tags: str | None = "") -> None:
        """Queue a text, lazy ones included; one with `__html__` is printed as it is."""
        if message and level >= self.level:
            text = message if isinstance(message, str) else str(message)
            self._queued.append(Message(level, text, extra_tags, self._tags.get(level, "")))
            self._added = True

    async def load(self) -> None:
        """Read what was waiting, unless that is done."""
        if self._waiting is None:
            waiting = await self._storage.retrieve()
            self._waiting = list(waiting.messages or ())
            # What cannot be read goes away, as if it had been shown.
            self._used = self._used or waiting.spoiled

    @property
    def added(self) -> bool:
        """Whether this request has something to say."""
        return self._added

    def __len__(self) -> int:
        return len(self._loaded) + len(self._queued)

    def __iter__(self) -> Iterator[Message]:
        self._used = True
        self._loaded.extend(self._queued)
        self._queued = []
        return iter(self._loaded)

    def __contains__(self, message: object) -> bool:
        return message in self._loaded or message in self._queued

    @property
    def _loaded(self) -> list[Message]:
        if self._waiting is None:
            raise RuntimeError("await messages.load() comes first")
        return self._waiting

    async def store(self, set_cookies: list[bytes]) -> None:
        """Before the session is closed: keep what was not shown. Cookies are appended.

        What no storage has room for is lost, the oldest first, as with Django.
        """
        if self._used:
            await self._storage.store(self._queued, set_cookies)
        elif self._added:
            await self.load()
            await self._storage.store(self._loaded + self._queued, set_cookies)
