"""The transactions of one turn of the applier, coalesced while they are taken."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from legacy_bridge.replication.apply.coalesce import Coalesced
from legacy_bridge.replication.apply.forms import TableForm, UnknownFormError
from legacy_bridge.replication.pgoutput.messages import PgoutputError
from legacy_bridge.replication.pgoutput.transactions import Transaction

BATCH_ROWS = 5_000
BATCH_BYTES = 8 << 20
BATCH_TRANSACTIONS = 4_000
CHUNK_ROWS = 2 * BATCH_ROWS
CHUNK_BYTES = BATCH_BYTES
"""Of one transaction, so much is held in memory at a time."""
ROW_BYTES = CHUNK_BYTES / CHUNK_ROWS
"""A row of more than that counts for several."""


class Waiting(Protocol):
    """Where transactions wait in the order of the stream."""

    def take_transactions(self, count: int, rows: int, size: int) -> list[Transaction]: ...


class Batch:
    """`coalesced` is what all of it comes to; None if that is to be found out in its turn: what
    somebody says in between, a table that was altered or a fault has to wait for what is before.
    """

    def __init__(self, coalesced: Coalesced[TableForm] | None) -> None:
        """`coalesced`: empty, if the time before its turn may be used."""
        self.coalesced = coalesced
        self.transactions: list[Transaction] = []
        self._rows = BATCH_ROWS
        self._bytes = BATCH_BYTES

    @property
    def is_full(self) -> bool:
        full = len(self.transactions) >= BATCH_TRANSACTIONS
        return full or self._rows <= 0 or self._bytes <= 0

    def take(self, waiting: Waiting, most: int = BATCH_TRANSACTIONS) -> int:
        """As many of those that wait as there is room for, `most` of them; how many it were."""
        room = min(most, BATCH_TRANSACTIONS - len(self.transactions))
        taken = waiting.take_transactions(room, self._rows, self._bytes)
        self.add(taken)
        return len(taken)

    def add(self, transactions: Iterable[Transaction]) -> None:
        for transaction in transactions:
            self.transactions.append(transaction)
            self._rows -= transaction.rows
            self._bytes -= transaction.size
            if self.coalesced is not None and not _coalesce(transaction, self.coalesced):
                self.coalesced = None


def chunked(
    transactions: Iterable[Transaction],
    empty: Callable[[], Coalesced[TableForm]],
    seen: list[Transaction],
) -> Iterator[Coalesced[TableForm]]:
    """What is to be done, one piece at a time. Each leaves the target as the source was. `seen` is
    told which transactions were begun."""
    chunk, left = empty(), float(CHUNK_ROWS)
    for transaction in transactions:
        seen.append(transaction)
        share = max(1.0, transaction.size / (ROW_BYTES * transaction.rows or 1))
        for change in transaction.changes:
            chunk.add(change)
            left -= share
            if left <= 0:
                yield chunk
                chunk, left = empty(), float(CHUNK_ROWS)
    yield chunk


def _coalesce(transaction: Transaction, coalesced: Coalesced[TableForm]) -> bool:
    """Whether that is all there is to it."""
    if transaction.messages or transaction.spilled or transaction.size > BATCH_BYTES:
        return False
    try:
        for change in transaction.changes:
            coalesced.add(change)
    except (UnknownFormError, PgoutputError):
        return False
    return True
