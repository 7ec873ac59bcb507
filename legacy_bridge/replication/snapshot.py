"""The source at one moment, and its rows on their way into staging tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.sql import Composed
from psycopg.waiting import Wait

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.source import NewSlot
from legacy_bridge.replication.statements import copy_in, copy_out, create_staging

BATCH_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every row read belongs to this moment. All that it shows was committed before `lsn`, where a
    stream could take over. `horizon`: it shows all transactions below it; None: not known any
    more."""

    lsn: str
    taken_at: datetime
    horizon: int | None = None


@contextmanager
def snapshot(
    source: Connection, tables: Sequence[str], exported: NewSlot | None = None
) -> Iterator[Snapshot]:
    """Within the block `source` sees one moment of `tables`, and nobody alters or empties them.

    That moment is now, or the one at which the changes of a new slot begin.
    """
    with source.transaction():
        source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Before the snapshot: TRUNCATE and ALTER do not respect one that is there already.
        if tables:
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            source.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
        if exported:
            name = sql.Literal(exported.snapshot)
            source.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(name))
        row = source.execute(
            """
            SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END::text,
                   clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            """
        ).fetchone()
        assert row is not None  # noqa: S101  # a SELECT without FROM has one row
        failpoint("copy.after_snapshot")
        lsn = str(exported.consistent_point) if exported else row[0]
        yield Snapshot(lsn=lsn, taken_at=row[1], horizon=row[2])


@dataclass(frozen=True, slots=True)
class Load:
    """What was carried: rows, and bytes of them as COPY writes them."""

    rows: int
    size: int


def stage(
    source: Connection,
    target: Connection,
    pair: TablePair,
    on_rows: Callable[[int], None],
    out: Composed | None = None,
) -> Load:
    """Carry a table, or what `out` reads of it, into its staging table."""
    target.execute(create_staging(pair))
    load = carry(source, target, out or copy_out(pair), copy_in(pair), on_rows)
    failpoint("copy.staged")
    target.execute(sql.SQL("ANALYZE {}").format(pair.staging))
    return load


def carry(
    source: Connection,
    target: Connection,
    out: Composed,
    into: Composed,
    on_rows: Callable[[int], None],
) -> Load:
    """From one COPY into the other; `on_rows` hears how many rows came so far.

    Memory is bounded by the batch and the largest row. The source's transaction can go on if the
    target refuses a row: that is said at the end, when all has been read.
    """
    with source.cursor() as reading, target.cursor() as writing:
        with reading.copy(out), writing.copy(into) as written:
            size = seen = 0
            for data, rows in _batches(source):
                written.write(data)
                seen, size = seen + rows, size + len(data)
                if len(data) >= BATCH_BYTES:  # the last one has a trailer besides rows
                    on_rows(seen)
        count = writing.rowcount
    on_rows(count)
    return Load(count, size)


def _batches(source: Connection) -> Iterator[tuple[bytes, int]]:
    """What a COPY sends, and how many rows it is. Row by row, as `psycopg.Copy` hands it out, takes
    three times as long for small ones."""
    get, batch, rows = source.pgconn.get_copy_data, bytearray(), 0
    while True:
        length, data = get(1)
        if length > 0:
            batch += data
            rows += 1
            if len(batch) >= BATCH_BYTES:
                yield bytes(batch), rows
                batch.clear()
                rows = 0
        elif length == 0:
            source.wait(_more(source))
        else:
            break
    yield bytes(batch), rows
    while result := source.pgconn.get_result():
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


def _more(source: Connection) -> PQGen[None]:
    yield Wait.R
    source.pgconn.consume_input()
