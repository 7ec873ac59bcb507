"""The changes of a database as they are committed: a logical replication stream that runs.

In threads rather than asyncio: psycopg and the copy are used that way, decoding is work for the
processor that would hold up an event loop, and while an applier waits for its database the reading
goes on (`receiver`). A stream belongs to one thread; `acknowledge` may come from any.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import NoReturn

from psycopg.errors import Diagnostic, UndefinedObject, error_from_result
from psycopg.pq import ExecStatus

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.frames import (
    UNSTATED,
    Keepalive,
    decode_frame,
    encode_status,
    message_in,
)
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import Message, PgoutputError
from legacy_bridge.replication.pgoutput.progress import Idle, Progress
from legacy_bridge.replication.pgoutput.transactions import Assembler, Transaction
from legacy_bridge.replication.stream_access import StreamLost, told, wait_for_socket

STATUS_SECONDS = 2.0
SILENCE_SECONDS = 120.0
"""After half of it the server is asked for a sign of life; after all of it it counts as gone."""

Item = Transaction | Message | Idle


class ReplicationStream:
    """Made by `ReplicationSource.start`. Whatever fails raises `BridgeError`.

    After a `StreamLost` another stream goes on where this one was; every other error is for
    somebody to repair.
    """

    def __init__(
        self,
        connection: Connection,
        what: str,
        publication: str,
        progress: Progress,
        assembler: Assembler,
    ) -> None:
        self._connection = connection
        self._what = what
        self._publication = publication
        self._progress = progress
        self._assembler = assembler
        self._fault = ""
        self._unsent = False
        self._next_status = 0.0
        self._heard_at = monotonic()
        connection.add_notice_handler(self._notice)

    def receive(self, timeout: float) -> Item | None:
        """What came next, in the order of commits; None if nothing did within `timeout` seconds.

        A transaction that was handed out belongs to the caller, who closes it.
        """
        deadline = monotonic() + timeout
        with self._told():
            while True:
                self.tend()
                if item := self._next():
                    return item
                now = monotonic()
                if now >= deadline:
                    return None
                until = min(deadline, self._next_status)
                wait_for_socket(self._connection, until - now, write=self._unsent)
                self._connection.pgconn.consume_input()

    def arrived(self) -> Iterator[Item]:
        """What else has come by now, without waiting: less work for each than to `receive` it."""
        with self._told():
            while item := self._next():
                yield item

    def is_drained(self) -> bool:
        """Whether nothing has come that was not read yet: libpq reads some 16 KiB at a time."""
        return not wait_for_socket(self._connection, 0)

    def acknowledge(self, position: Lsn) -> None:
        """Everything up to `position` is committed, and written down, on the other side.

        The server hears of it with the next status. Raises `ValueError` for a position beyond
        every transaction and `Idle` that was handed out.
        """
        self._progress.acknowledge(position)

    def tend(self) -> None:
        """Send what is due. For whoever does not get to `receive` for a while."""
        now = monotonic()
        if now >= self._next_status:
            silence = now - self._heard_at
            if silence > SILENCE_SECONDS:
                raise StreamLost(f"{self._what} has not said anything for {silence:.0f} s")
            self._send_status(asking=silence > SILENCE_SECONDS / 2)
        elif self._unsent:
            with self._told():
                self._unsent = bool(self._connection.pgconn.flush())

    def close(self) -> None:
        """Tell the server how far things are, and leave."""
        with suppress(BridgeError):
            self._send_status()
        self._assembler.close()
        self._connection.close()

    def _next(self) -> Item | None:
        """Of what has arrived; None if that is not enough for anything."""
        copy_data, feed = self._connection.pgconn.get_copy_data, self._assembler.feed
        while True:
            size, data = copy_data(1)
            if self._fault:
                raise BridgeError(self._fault)
            if size == 0:
                break
            if size < 0:
                self._ended()
            self._heard_at = monotonic()
            if (message := message_in(frame := bytes(data))) is None:
                self._keepalive(frame)
            elif (item := feed(message)) and self._wanted(item):
                return item
            if self._heard_at >= self._next_status:
                self.tend()
        within = self._assembler.within_transaction
        return None if within else self._progress.idle(monotonic())

    def _keepalive(self, data: bytes) -> None:
        frame = decode_frame(data)
        assert isinstance(frame, Keepalive)  # noqa: S101  # there are two kinds
        self._progress.keepalive(frame.position)
        if frame.reply_requested:
            self._send_status()
            if self._progress.behind:
                self._send_status(flushed=UNSTATED)

    def _wanted(self, item: Transaction | Message) -> bool:
        """One that was applied before is not."""
        if isinstance(item, Transaction) and not self._progress.transaction(item.end_lsn):
            item.close()
            return False
        return True

    def _send_status(self, *, flushed: int | None = None, asking: bool = False) -> None:
        acknowledged = self._progress.acknowledged if flushed is None else flushed
        status = encode_status(
            written=self._progress.received,
            flushed=acknowledged,
            applied=acknowledged,
            at=datetime.now(UTC),
            reply=asking,
        )
        with self._told():
            # 0 means that there was no room for it; the next status says more anyway.
            self._connection.pgconn.put_copy_data(status)
            self._unsent = bool(self._connection.pgconn.flush())
        self._next_status = monotonic() + STATUS_SECONDS

    def _notice(self, notice: Diagnostic) -> None:
        # Since version 18 the server goes on without a publication that is gone, leaving changes
        # out. Its words may be in any language, the name is in them.
        about_ours = f'"{self._publication}"' in (notice.message_primary or "")
        if about_ours and notice.sqlstate == "55000":
            self._fault = no_publication(self._what, self._publication)

    def _ended(self) -> NoReturn:
        result = self._connection.pgconn.get_result()
        if result is not None and result.status == ExecStatus.FATAL_ERROR:
            error = error_from_result(result)
            if isinstance(error, UndefinedObject):
                raise BridgeError(no_publication(self._what, self._publication))
            raise error
        raise StreamLost(f"{self._what} has ended the stream: it is shutting down")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever went wrong as a `BridgeError`."""
        try:
            with told(self._what):
                yield
        except PgoutputError as error:
            raise BridgeError(
                f"{self._what} sent what cannot be read: {error} — please report this with the "
                f"server's version ({self._connection.info.server_version})"
            ) from error
        except OSError as error:
            raise BridgeError(
                f"a transaction is too large for memory, and the disk does not take it: {error} — "
                "make room there, or set TMPDIR to a folder with more"
            ) from None


def no_publication(what: str, name: str) -> str:
    return (
        f"{what} has no publication {name}, or had none when something was changed, so that the "
        "change cannot be known — copy anew and start a new stream with `strangler sync init`"
    )
