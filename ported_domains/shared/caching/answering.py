"""Between the gate and the handler: an answer is found, awaited, or made and kept.

    1. the route is not declared, or the request is one visitor's own: the handler answers
    2. the answer was kept: it is given again
    3. somebody else is waiting for the same one: wait with them
    4. the handler answers; that is kept, unless rows changed meanwhile or something forbids it

What is kept is what the handler said. The visitor's cookies, the site's headers, the missing body
of an answer to HEAD come after it, each time anew.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from legacy_bridge.replication.causality import COOKIE as JUST_WRITTEN
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.caching.kept import Headers, Kept, Key
from ported_domains.shared.caching.rules import asks_for_what_all_get, may_be_kept
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState

LARGEST = 4 << 20
"""Octets of a body that is held back until it is whole; a longer one goes on its way."""


class Making:
    """An answer that is being made from rows read after event `began`. `made` is the answer, or
    None if it is fit for nobody else."""

    __slots__ = ("began", "made")

    def __init__(self, began: int) -> None:
        self.began = began
        self.made: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for the handler with this key; `headers` are those of `headers_of`."""

    handler: str
    visit: Visit
    headers: Mapping[str, str]
    visitor: VisitorState | None

    @property
    def for_all(self) -> bool:
        """Whether everybody would be answered alike. Whoever has just written is not: what is kept
        may be from before."""
        if JUST_WRITTEN in self.headers.get("cookie", ""):
            return False
        if self.visitor is None:  # then nobody is known, whatever cookies come
            return asks_for_what_all_get(self.visit.method, self.headers, (), ())
        contracts, cookies = self.visitor.contracts, self.visitor.cookies
        own = (contracts.session_settings.cookie_name, contracts.message_settings.cookie_name)
        return asks_for_what_all_get(self.visit.method, self.headers, cookies, own)

    @property
    def turned_out_own(self) -> bool:
        """Whether the handler made the answer this visitor's own, or for this moment only."""
        touched = self.visitor is not None and self.visitor.touched
        visit = self.visit
        # What else a path means may be another side's to say by the next time.
        elsewhere = visit.found_beyond and not visit.unmatched
        return touched or elsewhere or visit.legacy_knows or visit.good_for <= 0


class Answering:
    """`shown` has the tables that each declared route shows, by the key of its handler."""

    def __init__(
        self, cache: AnswerCache, handlers: ASGIApp, shown: Mapping[str, frozenset[str]]
    ) -> None:
        self._cache = cache
        self._handlers = handlers
        self._shown = shown
        self._making: dict[Key, Making] = {}

    async def answer(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """`scope`, `receive` and `send` are those of the handler."""
        tables = self._shown.get(asked.handler)
        if tables is None or not asked.for_all:
            await self._handlers(scope, receive, send)
            return
        if not self._cache.trusted:
            self._cache.count("untrusted", 1)
            await self._handlers(scope, receive, send)
            return
        visit = asked.visit
        key = Key(visit.scheme, visit.host, visit.path, visit.query)
        if kept := self._cache.find(key):
            self._cache.count("hit", 1)
            await _give(kept, send)
            return
        if kept := await self._others(key, tables):
            self._cache.count("joined", 1)
            await _give(kept, send)
            return
        self._cache.count("miss", 1)
        recording = Recording(send)
        await self._make(key, tables, asked, recording, scope, receive)
        await recording.give()

    async def _others(self, key: Key, tables: frozenset[str]) -> Kept | None:
        """What somebody else is being answered. It is as new as if it were made for this request,
        since nothing had changed when this one joined."""
        making = self._making.get(key)
        if making is None or not self._cache.stands(tables, making.began):
            return None
        kept = await asyncio.shield(making.made)
        if kept is None or not self._cache.stands(kept.tables - tables, making.began):
            return None  # what its page asked for beside its own rows may be from before
        return kept

    async def _make(
        self,
        key: Key,
        tables: frozenset[str],
        asked: Asked,
        recording: "Recording",
        scope: Scope,
        receive: Receive,
    ) -> None:
        making = self._making[key] = Making(self._cache.now)
        kept = None
        try:
            await self._handlers(scope, receive, recording.send)
            kept = self._kept(recording, tables, asked)
        finally:
            if self._making.get(key) is making:
                del self._making[key]
            making.made.set_result(kept)
        if kept is None:
            self._cache.count("unfit", 1)
        elif not self._cache.keep(key, kept, making.began):
            self._cache.count("outdated", 1)

    def _kept(self, recording: "Recording", tables: frozenset[str], asked: Asked) -> Kept | None:
        """None where the answer is not for all, or not for later."""
        if asked.turned_out_own or not recording.whole:
            return None
        if not may_be_kept(recording.status, recording.headers):
            return None
        until = self._cache.clock() + asked.visit.good_for
        every = tables | asked.visit.read_tables
        return Kept(recording.status, recording.headers, recording.body, every, until)


class Recording:
    """A handler's answer, held back until it is whole or too long to be held."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self.headers: Headers = ()
        self.whole = False
        self._send = send
        self._messages: list[Message] = []
        self._octets = 0
        self._passing = False

    @property
    def body(self) -> bytes:
        return b"".join(_body(message) for message in self._messages)

    async def send(self, message: Message) -> None:
        if self._passing:
            await self._send(message)
            return
        self._messages.append(message)
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], tuple(message["headers"])
        elif message["type"] == "http.response.body":
            self._octets += len(_body(message))
            self.whole = not message.get("more_body", False)
        if self._octets > LARGEST:
            await self.give()

    async def give(self) -> None:
        """What was held back goes on its way."""
        self._passing, self.whole = True, False
        held, self._messages = self._messages, []
        for message in held:
            await self._send(message)


async def _give(kept: Kept, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": kept.status, "headers": list(kept.headers)}
    )
    await send({"type": "http.response.body", "body": kept.body, "more_body": False})


def _body(message: Message) -> bytes:
    body: Any = message.get("body", b"")
    return bytes(body)
