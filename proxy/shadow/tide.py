"""Whether the native rows are at least those that the legacy side had at some moment before now."""

from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.replication.causality import CatchingUp
from legacy_bridge.replication.owners import Owner
from proxy.telemetry.events import Seldom


class Tide:
    """`legacy` and `native` lead to the two databases."""

    def __init__(self, legacy: AsyncEngine, native: AsyncEngine) -> None:
        self._catching_up = CatchingUp(legacy, native, Owner.LEGACY)
        self._unreachable = Seldom("shadow_position_unknown")

    async def is_in(self, seconds: float) -> bool:
        """Whether what is committed on the legacy side now has come over within `seconds`; False
        where nothing comes, or nobody can say."""
        try:
            return await self._catching_up.within(seconds)
        except (OSError, PostgresError, SQLAlchemyError) as error:
            self._unreachable.add(1, " ".join(str(error).split()))
            return False

    async def close(self) -> None:
        await self._catching_up.close()
