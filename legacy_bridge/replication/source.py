"""The database whose changes are wanted: where a stream is prepared, and where it starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, Self

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from legacy_bridge.replication.connections import connected
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.progress import Progress
from legacy_bridge.replication.pgoutput.transactions import SPILL_BYTES, Assembler
from legacy_bridge.replication.slots import in_use, read_slot, require_usable
from legacy_bridge.replication.stream import ReplicationStream, no_publication
from legacy_bridge.replication.stream_access import (
    StreamLost,
    open_replication,
    require_logical_wal,
    send_command,
    told,
    wait_for_result,
)

PREFIX = "strangler"
IDLE_SECONDS = 10.0
COMMAND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class System:
    """The server. `id` stays with its data; a failover, or going back in time, makes a new
    `timeline`. `position` is the end of its log."""

    id: str
    timeline: int
    position: Lsn
    database: str


@dataclass(frozen=True, slots=True)
class NewSlot:
    """The rows that `snapshot` shows and the changes after `consistent_point` have no seam."""

    consistent_point: Lsn
    snapshot: str


class ReplicationSource:
    """Connected from construction until `close()`. `what` is LEGACY or NATIVE.

    1. first time: the publication, then `create_slot`, then the copy from its snapshot
    2. `start` where the copy was made, or where the last applied transaction ended

    `prefix` is that of the logical messages that are handed out; `skipped` and `mixed`, as for
    `Assembler`, of those that mark transactions whose rows are mostly not wanted. An `Idle`
    comes every `idle_seconds` at most. Whatever fails raises `BridgeError`; after a `StreamLost` or
    a `SlotInUse` it is worth trying again.
    """

    def __init__(
        self,
        url: str,
        what: str,
        *,
        slot: str,
        publication: str,
        prefix: str = PREFIX,
        skipped: str | None = None,
        mixed: bool = False,
        idle_seconds: float = IDLE_SECONDS,
        spill_bytes: int = SPILL_BYTES,
        spill_folder: Path | None = None,
    ) -> None:
        self._url = url
        self._what = what
        self._slot = slot
        self._publication = publication
        self._idle_seconds = idle_seconds
        self._assembler = Assembler(
            prefix=prefix,
            skipped=skipped,
            mixed=mixed,
            spill_bytes=spill_bytes,
            folder=spill_folder,
        )
        self._connection = open_replication(url, what)

    def identify(self) -> System:
        """To be compared with what was written down: with another server one cannot go on."""
        with told(self._what):
            row = self._connection.execute("IDENTIFY_SYSTEM").fetchone()
        assert row is not None  # noqa: S101  # the command always answers with one row
        return System(str(row[0]), int(row[1]), Lsn.parse(row[2]), row[3])

    def create_slot(self, patience: float = COMMAND_SECONDS) -> NewSlot:
        """Make the slot. Waits for the transactions that are writing, `patience` seconds at most.

        Until this source is used again or closed, others can see the database as it was: with
        `SET TRANSACTION SNAPSHOT '…'` at the head of a REPEATABLE READ transaction.
        """
        with told(self._what):
            require_logical_wal(self._connection, self._what)
            send_command(self._connection, sql.SQL(_CREATE).format(sql.Identifier(self._slot)))
            with self._create_faults():
                result = wait_for_result(self._connection, patience)
            if result is None:
                fault = self._blocked(patience)
                self._connection.cancel_safe()
                self.close()
                raise BridgeError(fault)
        point, snapshot = (result.get_value(0, column) or b"" for column in (1, 2))
        return NewSlot(Lsn.parse(point.decode()), snapshot.decode())

    @contextmanager
    def _create_faults(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.DuplicateObject:
            raise BridgeError(
                f"{self._what} has a replication slot {self._slot} already — if no stream is "
                f"meant to go on with it: SELECT pg_drop_replication_slot('{self._slot}');"
            ) from None
        except psycopg.errors.ConfigurationLimitExceeded:
            raise BridgeError(
                f"{self._what}: all replication slots are in use — drop one that nobody needs "
                "(pg_replication_slots lists them), or set max_replication_slots higher and "
                "restart the server"
            ) from None

    def _blocked(self, patience: float) -> str:
        with connected(self._url, self._what) as connection:
            found = connection.execute(_BLOCKERS, [self._connection.info.backend_pid]).fetchall()
        blockers = ", ".join(
            f"pid {pid} ({name or 'unnamed'}, user {user}, since {since:%Y-%m-%d %H:%M:%S %Z})"
            for pid, name, user, since in found
        )
        return (
            f"{self._what}: a stream can start only after the transactions that are writing now, "
            f"and after {patience:g} s one has not ended: {blockers or 'which, cannot be told'} — "
            "let it end, or run: SELECT pg_terminate_backend(pid);"
        )

    def start(self, from_: Lsn) -> ReplicationStream:
        """Everything committed after `from_`, where what was applied and written down ends.

        Raises `SlotInUse`; `BridgeError` if the slot or the publication does not allow that.
        The connection is the stream's from now on.
        """
        with told(self._what):
            require_logical_wal(self._connection, self._what)
            slot = read_slot(self._connection, self._slot)
            require_usable(slot, self._slot, from_, self.identify().position)
            self._require_publication()
            send_command(self._connection, self._start_command(from_))
            try:
                result = wait_for_result(self._connection, COMMAND_SECONDS)
            except psycopg.errors.ObjectInUse:
                raise self._in_use() from None
        if result is None or result.status != ExecStatus.COPY_BOTH:
            raise StreamLost(f"{self._what} has not started the stream")
        progress = Progress(from_, self._idle_seconds)
        return ReplicationStream(
            self._connection, self._what, self._publication, progress, self._assembler
        )

    def _start_command(self, from_: Lsn) -> sql.Composed:
        publications = sql.Identifier(self._publication).as_string()
        return sql.SQL(_START).format(
            slot=sql.Identifier(self._slot),
            lsn=sql.SQL(str(from_)),  # two hexadecimal numbers
            publications=sql.Literal(publications),
        )

    def _require_publication(self) -> None:
        known = self._connection.execute(
            sql.SQL(_PUBLICATION).format(sql.Literal(self._publication))
        ).fetchone()
        if not known:
            raise BridgeError(no_publication(self._what, self._publication))

    def _in_use(self) -> BridgeError:
        with connected(self._url, self._what) as connection:
            return in_use(self._slot, read_slot(connection, self._slot))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_CREATE: LiteralString = "CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export')"
# Protocol version 1: each transaction whole and after its commit. The server keeps what it has
# decoded of a large one on its own disk until then.
_START: LiteralString = (
    "START_REPLICATION SLOT {slot} LOGICAL {lsn}"
    " (proto_version '1', publication_names {publications}, messages 'true')"
)
_PUBLICATION: LiteralString = "SELECT 1 FROM pg_publication WHERE pubname = {}"
_BLOCKERS: LiteralString = """
SELECT pid, application_name, usename, xact_start FROM pg_stat_activity
WHERE pid = ANY (pg_blocking_pids(%s)) ORDER BY xact_start
"""
