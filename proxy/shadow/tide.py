"""Whether the native rows are at least those that the legacy side had at some moment before now.

One question to the legacy database serves all who come before it is asked: with many of them that
is one after the other, each for those who came meanwhile.
"""

import asyncio
import time

import structlog
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.replication.causality import Arrivals, written
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.telemetry.events import Seldom

log = structlog.get_logger("shadow")


class Tide:
    """`legacy` and `native` lead to the two databases."""

    def __init__(self, legacy: AsyncEngine, native: AsyncEngine) -> None:
        self._legacy = legacy
        self._arrivals = Arrivals(native, Owner.LEGACY)
        self._next: asyncio.Task[Lsn] | None = None
        self._current: asyncio.Task[Lsn] | None = None
        self._unreachable = Seldom("shadow_position_unknown")

    async def is_in(self, seconds: float) -> bool:
        """Whether what is committed on the legacy side now has come over within `seconds`; False
        where nothing comes, or nobody can say."""
        until = time.monotonic() + seconds
        try:
            async with asyncio.timeout(seconds):
                position = await asyncio.shield(self._asked())
        except TimeoutError:
            return False
        except (OSError, PostgresError, SQLAlchemyError) as error:
            self._unreachable.add(1, " ".join(str(error).split()))
            return False
        return await self._arrivals.wait_for(position, until - time.monotonic())

    async def close(self) -> None:
        await self._arrivals.close()

    def _asked(self) -> "asyncio.Task[Lsn]":
        """A question that is asked from now on."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask(self._current))
        return self._next

    async def _ask(self, before: "asyncio.Task[Lsn] | None") -> Lsn:
        if before is not None:
            await asyncio.wait([before])
        self._current, self._next = self._next, None
        return await written(self._legacy)
