"""Where messages wait for the page that shows them: cookie, session, or what Django does unless
told otherwise: the cookie, and what does not fit into it in the session (MESSAGE_STORAGE)."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from legacy_bridge.django.cookies import delete_cookie, quote, set_cookie
from legacy_bridge.django.messages.message import (
    UNFINISHED,
    Message,
    UnreadableMessagesError,
    compact,
    read,
    spaced,
)
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.settings import MessageSettings, Secrets
from legacy_bridge.django.signing import BadSignatureError, TimestampSigner, cookie_signer

SALT: Final = "django.contrib.messages"
SESSION_KEY: Final = "_messages"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a storage held for this visitor."""

    messages: list[Message] | None
    """None if it has never been used, or what it held cannot be read."""
    complete: bool = True
    """False if further messages are in the next storage."""
    spoiled: bool = False
    """Whether it held what cannot be read."""


class Storage(Protocol):
    async def retrieve(self) -> Waiting: ...

    async def store(
        self, messages: Sequence[Message], set_cookies: list[bytes], *, remove_oldest: bool = True
    ) -> Sequence[Message]:
        """Keep these instead of what was there; append to the answer's cookies what that takes.

        Returned is what had no room: the oldest, or else the newest.
        """


def message_signer(secrets: Secrets) -> TimestampSigner:
    """One serves all requests."""
    return cookie_signer(secrets.key, fallback_keys=secrets.fallbacks, salt=SALT)


class CookieStorage:
    """Signed and deflated in a cookie of limited size."""

    def __init__(
        self, signer: TimestampSigner, settings: MessageSettings, cookie: str | None
    ) -> None:
        """`signer` is `message_signer`'s; `cookie` the value that the request had."""
        self._signer = signer
        self._settings = settings
        self._cookie = cookie

    async def retrieve(self) -> Waiting:
        if not self._cookie:
            return Waiting(None)
        try:
            text = self._signer.unsign_bytes(self._cookie).decode("latin-1")
            return Waiting(*read(text, self._settings.tags))
        except (BadSignatureError, UnreadableMessagesError):
            return Waiting(None, spoiled=True)

    async def store(
        self, messages: Sequence[Message], set_cookies: list[bytes], *, remove_oldest: bool = True
    ) -> Sequence[Message]:
        name, attributes = self._settings.cookie_name, self._settings.cookie
        if not messages:
            set_cookies.append(delete_cookie(name, attributes))
            return messages
        value, unstored = self._fitted(messages, remove_oldest=remove_oldest)
        set_cookies.append(set_cookie(name, value, attributes))
        return unstored

    def _fitted(
        self, messages: Sequence[Message], *, remove_oldest: bool
    ) -> tuple[str, Sequence[Message]]:
        """The cookie's value, and the messages that are not in it."""
        parts = [compact(message) for message in messages]
        value = self._value(parts)
        if not self._too_large(value):
            return value, ()
        closing = f'"{UNFINISHED}"'
        if remove_oldest:
            left_out = _first(
                len(parts), lambda at: not self._too_large(self._value([*parts[at:], closing]))
            )
            return self._value([*parts[left_out:], closing]), messages[:left_out]
        kept = _first(
            len(parts), lambda at: self._too_large(self._value([*parts[: at + 1], closing]))
        )
        return self._value([*parts[:kept], closing]), messages[kept:]

    def _value(self, parts: Sequence[str]) -> str:
        return self._signer.sign_bytes(f"[{','.join(parts)}]".encode("latin-1"), compress=True)

    def _too_large(self, value: str) -> bool:
        return 0 < self._settings.max_cookie_size < len(quote(value))


class SessionStorage:
    """All of them in the session, without limit."""

    def __init__(self, session: Session, settings: MessageSettings) -> None:
        self._session = session
        self._settings = settings

    async def retrieve(self) -> Waiting:
        await self._session.load()
        text = self._session.get(SESSION_KEY)
        if not isinstance(text, str):
            return Waiting(None)
        try:
            return Waiting(read(text, self._settings.tags)[0])
        except UnreadableMessagesError:
            return Waiting(None, spoiled=True)

    async def store(
        self, messages: Sequence[Message], set_cookies: list[bytes], *, remove_oldest: bool = True
    ) -> Sequence[Message]:
        await self._session.load()
        if messages:
            self._session[SESSION_KEY] = spaced(messages)
        else:
            self._session.pop(SESSION_KEY, None)
        return ()


class FallbackStorage:
    """The first storage that has room; what it has none for goes to the next."""

    def __init__(self, *storages: Storage) -> None:
        self._storages = storages
        self._emptied: set[Storage] = set()

    async def retrieve(self) -> Waiting:
        """Asks the next one only if the last one said that it has not all."""
        messages: list[Message] = []
        complete = True
        for storage in self._storages:
            waiting = await storage.retrieve()
            complete = waiting.complete
            if waiting.messages:
                self._emptied.add(storage)
                messages += waiting.messages
            if waiting.messages is None or complete:
                break
        return Waiting(messages, complete)

    async def store(
        self, messages: Sequence[Message], set_cookies: list[bytes], *, remove_oldest: bool = True
    ) -> Sequence[Message]:
        for storage in self._storages:
            if messages:
                messages = await storage.store(messages, set_cookies, remove_oldest=False)
            elif storage in self._emptied:
                await storage.store((), set_cookies)
                self._emptied.remove(storage)
        return messages


def _first(end: int, condition: Callable[[int], bool]) -> int:
    """The first number below `end` of which it holds; `end` if of none. Once true, stays true."""
    return bisect_left(range(end), True, key=condition)
