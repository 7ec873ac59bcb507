"""A visitor who has just written on one side reads at least that from the other.

    a request that may write   the answer brings a token: on which side, since when
    a request with a token     by the side that answers it:
       the same side               it answers
       the other, arrived          it answers; what is known of a token is remembered
       the other                   the request waits: arrived ─▶ it answers
                                                      late    ─▶ the side that was written to does

One of a worker. How long a visitor waits is bounded; what is late is asked where it was written, if
that side can answer it, and else answered as it is.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import time

from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.replication.causality import (
    COOKIE,
    TOKEN_SECONDS,
    CatchingUp,
    Token,
    read_token,
)
from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Side
from proxy.wire.cookies import cookie, set_cookie

WAIT_SECONDS = 0.5
REMEMBERED = 10_000
"""Tokens that are known to have arrived."""

_COOKIES = {side: f"{COOKIE}{side}" for side in Owner}
_MARK = COOKIE.encode("ascii")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a request waits for; `late_side` answers it if that does not come in time."""

    token: Token
    late_side: Side


class Freshness:
    """`engines` lead to both databases. `shared` are the domains whose native pages read and write
    the legacy database. `key` signs tokens."""

    def __init__(
        self, engines: Mapping[Owner, AsyncEngine], shared: Collection[str], key: bytes
    ) -> None:
        self._shared = frozenset(shared)
        self._key = key
        self._catching_up = {
            side: CatchingUp(engines[side], engines[side.other], side) for side in Owner
        }
        self._arrived: OrderedDict[Token, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def token_line(self, domain: str | None, side: Side, *, secure: bool) -> bytes:
        """The field line for the answer to a request that may write."""
        database = self._database(domain, side)
        text = Token.of(database, time()).text(self._key)
        return set_cookie(_COOKIES[database], text, secure=secure, seconds=int(TOKEN_SECONDS))

    def wait(self, fields: bytes, domain: str | None, side: Side, *, late: Side) -> Wait | None:
        """What a request has to wait for before `side` answers it; `late` does if that is late.

        `fields` are the lines of its head.
        """
        if _MARK not in fields:
            return None
        other = self._database(domain, side).other
        text = cookie(fields, _COOKIES[other])
        token = read_token(text, self._key, time()) if text else None
        if token is None or token in self._arrived:
            return None
        return Wait(token, late)

    def then(self, wait: Wait, answer: Callable[[bool], None]) -> None:
        """`answer` is told, soon, whether it has arrived."""
        task = asyncio.get_running_loop().create_task(self._see(wait.token, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for catching_up in self._catching_up.values():
            await catching_up.close()

    def _database(self, domain: str | None, side: Side) -> Owner:
        native = side is Side.NATIVE and domain not in self._shared
        return Owner.NATIVE if native else Owner.LEGACY

    async def _see(self, token: Token, answer: Callable[[bool], None]) -> None:
        arrived = False
        try:
            arrived = await self._catching_up[token.side].within(WAIT_SECONDS)
        except (OSError, PostgresError, SQLAlchemyError) as error:
            log.warning("the %s database cannot be asked: %s", token.side, error)
        if arrived:
            self._remember(token)
        answer(arrived)

    def _remember(self, token: Token) -> None:
        self._arrived[token] = None
        if len(self._arrived) > REMEMBERED:
            self._arrived.popitem(last=False)
