"""Whoever has just written on one side reads at least that from the other.

    a request that may write ─▶ Token ─▶ text, which the visitor brings back ─▶ read_token
    a read on the other side ─▶ written: a position behind everything that is committed there by now
                             ─▶ Arrivals.wait_for: the stream from there has passed the position

A token says only on which side its visitor may have written, and when that was begun: it is made
before the answer, and no answer waits for it. What is waited for is found out by whoever reads.

Texts are signed, though they grant nothing: with one made up, a visitor could have each of their
requests wait, and could choose the side that answers them. One that was signed and is kept for long
is worth no more: it is read for `TOKEN_SECONDS` only.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import getrandbits
from time import monotonic
from typing import LiteralString

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.signatures import signature

COOKIE = "strangler_written_"
"""And the name of the side: a visitor may bring a token of each."""
TOKEN_SECONDS = 60.0
"""A bridge that is further behind than this is an alarm of its own."""
CLOCK_SECONDS = 5.0
"""By so much the clocks of two machines with a proxy may differ."""
PURPOSE = "written"
"""Of its signature."""
LONGEST_TEXT = 80
POLL_SECONDS = (0.002, 0.025)
"""Between two looks at a stream that somebody waits for: at first, and at most. Each look in vain
doubles it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A request that may have written on `side` began at `at`, in milliseconds since 1970. `nonce`
    tells it from others of the same moment."""

    side: Owner
    at: int
    nonce: int

    @classmethod
    def of(cls, side: Owner, now: float) -> "Token":
        """`now` in seconds since 1970."""
        return cls(side, int(now * 1000), getrandbits(32))

    def text(self, key: bytes) -> str:
        """Some 50 characters, fit for a cookie, signed with `key`."""
        said = f"{self.side[0]}.{self.at:x}.{self.nonce:x}"
        return f"{said}.{signature(key, PURPOSE, said)}"

    def age(self, now: float) -> float:
        return now - self.at / 1000


def read_token(text: str, key: bytes, now: float) -> Token | None:
    """None for whatever is not a token that was signed with `key` in the last `TOKEN_SECONDS`."""
    said, _, signed = text.rpartition(".")
    if len(text) > LONGEST_TEXT or not text.isascii():
        return None
    if not hmac.compare_digest(signed, signature(key, PURPOSE, said)):
        return None
    side, at, nonce = said.split(".")  # we have written it
    token = Token(_SIDES[side], int(at, 16), int(nonce, 16))
    return token if -CLOCK_SECONDS <= token.age(now) <= TOKEN_SECONDS else None


_SIDES: Mapping[str, Owner] = {side[0]: side for side in Owner}


async def written(engine: AsyncEngine) -> Lsn:
    """A position behind everything that is committed in the database to which `engine` leads.

    A message goes into its log, which the stream carries at once: the end of the log alone, with
    nothing of the stream's behind it, would be passed within a second or so. Raises what the
    database raises.
    """
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            found = await alone.exec_driver_sql(_EMIT)
        except DBAPIError as error:
            # Only those may who have the right to; the bridge itself is somebody else.
            if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
                raise
            found = await alone.exec_driver_sql(_END)
        return Lsn.parse(found.scalar_one())


class Arrivals:
    """How much of what is committed on `side` is on the other one, whose database `engine` leads
    to: asked only while somebody waits, once for all who do. Belongs to one event loop."""

    def __init__(self, engine: AsyncEngine, side: Owner) -> None:
        self.known = Lsn(0)
        """As of the last look: everything before it is there."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._side = side
        self._waiting: dict[asyncio.Future[bool], Lsn] = {}
        self._watching: asyncio.Task[None] | None = None
        self._slot = ""
        self._said = ""
        self._stuck = False
        self._unseen = asyncio.Event()

    def arrived(self, position: Lsn) -> bool:
        """Whether what is before it is known to be there; nobody is asked."""
        return position <= self.known

    async def wait_for(self, position: Lsn, seconds: float) -> bool:
        """Whether what is before it is there, within `seconds`.

        False at once where nothing comes: there is no stream, or it has stopped, or those who
        waited before have waited for the whole of their time without its moving.
        """
        if self.arrived(position) or seconds <= 0:
            return self.arrived(position)
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[future] = position
        self._unseen.set()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        before = self.known
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            self._stuck = self.known == before
            return False
        finally:
            self._waiting.pop(future, None)

    async def close(self) -> None:
        """Whoever still waits is told no."""
        self._answer(_none)
        if (watching := self._watching) is not None:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        try:
            async with self._engine.connect() as connection:
                await self._look(connection)
                # From here on another one watches for whoever comes.
                self._watching = None
        except (OSError, TimeoutError, PostgresError, SQLAlchemyError) as error:
            self._lost(error)
        finally:
            if self._watching is asyncio.current_task():
                self._watching = None
                self._answer(_none)

    async def _look(self, connection: AsyncConnection) -> None:
        """Until nobody waits."""
        pause, longest = POLL_SECONDS
        while self._waiting:
            self._unseen.clear()
            before = self.known
            comes = await self._read(connection)
            self._stuck &= self.known == before
            self._answer(lambda position: True if position <= self.known else None)
            if not comes or self._stuck:
                self._answer(_none)
            if self._waiting:
                newcomers = await self._pause(pause)
                pause = POLL_SECONDS[0] if newcomers else min(2 * pause, longest)

    async def _read(self, connection: AsyncConnection) -> bool:
        """Whether anything comes from the other side."""
        found = (await connection.exec_driver_sql(_APPLIED[self._side])).one_or_none()
        self._said = ""
        if found is None:
            self.known = Lsn(0)
            return False
        applied = Lsn.parse(found.applied_lsn)
        # A stream that was begun anew counts from where it began, be that before.
        self.known = max(self.known, applied) if found.slot == self._slot else applied
        self._slot = found.slot
        return found.fault is None

    async def _pause(self, seconds: float) -> bool:
        """Whether somebody came to wait meanwhile, which ends it early, but not at once: however
        many come, the database is asked no oftener than that."""
        await asyncio.sleep(POLL_SECONDS[0])
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - POLL_SECONDS[0]):
                await self._unseen.wait()
        return self._unseen.is_set()

    def _answer(self, answer: Callable[[Lsn], bool | None]) -> None:
        """Those for whom there is one."""
        for future, position in list(self._waiting.items()):
            if (said := answer(position)) is not None:
                del self._waiting[future]
                if not future.done():
                    future.set_result(said)

    def _lost(self, error: Exception) -> None:
        said = " ".join(str(error).split()) or type(error).__name__
        if said != self._said:
            log.warning("what came from the %s database cannot be asked: %s", self._side, said)
        self._said = said


class CatchingUp:
    """Whether one side has what is committed on the other one, `side`. `there` and `here` lead to
    the databases of that side and of the one that reads. Belongs to one event loop.

    One question for the position serves all who come before it is asked: with many of them that is
    one after the other, each for those who came meanwhile.
    """

    def __init__(self, there: AsyncEngine, here: AsyncEngine, side: Owner) -> None:
        self._there = there
        self._arrivals = Arrivals(here, side)
        self._next: asyncio.Task[Lsn] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def within(self, seconds: float) -> bool:
        """Whether all that is committed there now is here within `seconds`; False where nothing
        comes. Raises what the database of that side raises."""
        until = monotonic() + seconds
        try:
            async with asyncio.timeout(seconds):
                position = await self._position()
        except TimeoutError:
            return False
        # Not within that time-out: who waits in vain tells those who come after.
        return await self._arrivals.wait_for(position, until - monotonic())

    async def close(self) -> None:
        await self._arrivals.close()

    async def _position(self) -> Lsn:
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    async def _ask(self) -> Lsn:
        async with self._one_at_a_time:
            # Whoever comes from now on needs the next one: this may be from before their write.
            self._next = None
            return await written(self._there)


def _none(position: Lsn) -> bool:
    return False


_EMIT: LiteralString = "SELECT pg_logical_emit_message(true, 'strangler.written', '')::text"
_END: LiteralString = "SELECT pg_current_wal_insert_lsn()::text"
_NO_RIGHT = "42501"
_APPLIED: Mapping[Owner, LiteralString] = {
    Owner.LEGACY: "SELECT slot, applied_lsn, fault FROM bridge_streams WHERE name = 'forward'",
    Owner.NATIVE: (
        "SELECT slot, applied_lsn, fault FROM strangler.bridge_streams WHERE name = 'reverse'"
    ),
}
