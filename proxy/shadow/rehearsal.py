"""A native handler that writes, in a transaction of which nothing lasts.

    begin      one snapshot (REPEATABLE READ); the handler finds a bridge_owners of its own, in
               which the native side owns the domain
    handler    whatever it commits stays open: the driver is told nothing of it
    look       rows that are newer than the snapshot: in it, only the handler's own can be
    end        the connection is closed

Should anything commit after all, the server itself refuses: a deferred trigger fails there. Others
wait for the locks of it at most as long as `PATIENCE` says, by the server's clock.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from legacy_bridge.replication.mapping import TableMapping
from proxy.databases import for_asyncpg
from proxy.shadow.rows import Effect, Key, Row, Written

PATIENCE = {
    "statement_timeout": "1s",
    "lock_timeout": "100ms",
    "idle_in_transaction_session_timeout": "1s",
}
_GAVE_WAY = frozenset(("55P03", "57014", "25P03", "40001", "40P01", "57P01"))
"""Lock not to be had, statement or transaction too long, serialisation, deadlock, shut down."""
MOST_KEYS = 20_000
"""Rows of a table that are looked through for those that are gone."""


class Stage:
    """Where handlers write: one connection, which is closed after each rehearsal."""

    def __init__(self, url: str) -> None:
        self.engine = create_async_engine(
            for_asyncpg(url),
            pool_size=1,
            max_overflow=0,
            pool_timeout=1,
            pool_reset_on_return=None,
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
            connect_args={
                "timeout": 3,
                "command_timeout": 2,
                "server_settings": {"application_name": "strangler rehearsal", **PATIENCE},
            },
        )
        self.engine.sync_engine.dialect.do_commit = _stay_open  # type: ignore[assignment,method-assign]
        event.listen(self.engine.sync_engine, "handle_error", self._failed)
        self._alone = asyncio.Lock()
        self.disturbed = False
        """Whether the last rehearsal had to give way to others, or took too long."""

    @property
    def busy(self) -> bool:
        return self._alone.locked()

    @asynccontextmanager
    async def rehearsal(self, domain: str) -> AsyncIterator["Rehearsal"]:
        """What is written through `engine` in the block is gone at its end."""
        async with self._alone:
            self.disturbed = False
            try:
                yield await self._begin(domain)
            finally:
                await self._end()

    async def _begin(self, domain: str) -> "Rehearsal":
        async with self.engine.connect() as connection:
            snapshot = (await connection.execute(_SNAPSHOT)).scalar_one()
            for statement in _NEVER:
                await connection.execute(statement)
            await connection.execute(_OWNS, {"domain": domain})
            await connection.commit()
        return Rehearsal(self.engine, snapshot)

    def _failed(self, context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) in _GAVE_WAY:
            self.disturbed = True

    async def _end(self) -> None:
        """Whatever state it is in, a connection that is closed has committed nothing."""
        await self.engine.dispose()


class Rehearsal:
    """`snapshot`: what was there before, as PostgreSQL writes one."""

    def __init__(self, engine: AsyncEngine, snapshot: str) -> None:
        self._engine = engine
        self.snapshot = snapshot

    async def before(self, mappings: Sequence[TableMapping]) -> dict[str, frozenset[Key]]:
        """The keys that are there, by table; of tables that are too large none."""
        async with self._engine.connect() as connection:
            found = {one.native: await keys(connection, one) for one in mappings}
            await connection.commit()
        return found

    async def effect(
        self, mappings: Sequence[TableMapping], before: dict[str, frozenset[Key]]
    ) -> Effect:
        """What the handler has written."""
        async with self._engine.connect() as connection:
            found = await written(connection, mappings, self.snapshot, before)
            await connection.commit()
        return found


async def written(
    connection: AsyncConnection,
    mappings: Sequence[TableMapping],
    snapshot: str,
    before: dict[str, frozenset[Key]],
) -> Effect:
    """Rows that are newer than the snapshot, and keys that are gone since."""
    return {
        one.native: await _written(connection, one, snapshot, before[one.native])
        for one in mappings
    }


async def keys(connection: AsyncConnection, mapping: TableMapping) -> frozenset[Key]:
    names = ", ".join(map(_quoted, mapping.key))
    asked = text(f"SELECT {names} FROM {_quoted(mapping.native)} LIMIT {MOST_KEYS + 1}")  # noqa: S608 - the mapping's
    found = frozenset(tuple(row) for row in await connection.execute(asked))
    return found if len(found) <= MOST_KEYS else frozenset()


async def _written(
    connection: AsyncConnection, mapping: TableMapping, snapshot: str, before: frozenset[Key]
) -> Written:
    asked = text(f"SELECT to_jsonb(t)::text FROM {_quoted(mapping.native)} AS t WHERE {_NEWER}")  # noqa: S608 - the mapping's
    end, _, running = snapshot.partition(":")[2].partition(":")
    newer = {"end": end, "running": [int(one) % _XIDS for one in running.split(",") if one]}
    found = await connection.execute(asked, newer)
    rows: list[Row] = [json.loads(row) for row in found.scalars()]
    gone = before - await keys(connection, mapping) if before else frozenset()
    by_key = {tuple(row[name] for name in mapping.key): row for row in rows}
    return Written(by_key, gone, before)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _stay_open(connection: DBAPIConnection) -> None:
    """The transaction goes on."""


class Split(AsyncEngine):
    """Connects to the stage, but for who asks for options of reading: they read elsewhere."""

    def __init__(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        super().__init__(writing.sync_engine)
        self._reading = reading

    def execution_options(self, **options: Any) -> AsyncEngine:
        return self._reading.execution_options(**options)


_XIDS = 1 << 32
"""Rows bear the number of their transaction without its epoch."""
_SNAPSHOT = text("SELECT pg_current_snapshot()::text")
_NEWER = (
    "age(t.xmin) <= age(CAST(CAST(:end AS text) AS xid8)::xid)"
    " OR t.xmin::text::bigint = ANY(CAST(:running AS bigint[]))"
)
_NEVER = (
    text("CREATE TEMPORARY TABLE bridge_owners (domain text, owner text, epoch bigint)"),
    text(
        "CREATE FUNCTION pg_temp.never() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'a rehearsal is never committed'; END$$"
    ),
    text(
        "CREATE CONSTRAINT TRIGGER never AFTER INSERT ON pg_temp.bridge_owners"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.never()"
    ),
)
_OWNS = text("INSERT INTO pg_temp.bridge_owners VALUES (:domain, 'native', 0)")
