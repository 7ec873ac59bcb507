"""Whole transactions of the source become one transaction of the target.

Readers see all of it or nothing, and the position in the stream moves in it. First as if nothing
could be refused, in one round trip; if something is, once more with the refused rows set apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from legacy_bridge.replication.apply import arrays
from legacy_bridge.replication.apply.coalesce import Coalesced, Key, TableChanges
from legacy_bridge.replication.apply.forms import (
    DriftError,
    Forms,
    Lifting,
    TableForm,
    UnfitError,
    key_names,
)
from legacy_bridge.replication.apply.marks import ours
from legacy_bridge.replication.apply.settling import settle_changes, settle_orphans
from legacy_bridge.replication.apply.writing import Changes, UnknownRowError, unknown, write
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.quarantine import KEPT_OLD, KEPT_OUT, REFUSALS, Refused
from legacy_bridge.replication.records import quarantined, release, set_apart
from legacy_bridge.replication.streams import Step, advance

CHUNK_ROWS = 10_000
CHUNK_BYTES = 16 << 20
"""Of one transaction, so much is held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one transaction did. `refused` rows are in quarantine now, `released` were."""

    transactions: int
    rows: int
    refused: int = 0
    released: int = 0


@dataclass(slots=True)
class _Tally:
    refused: int = 0
    released: int = 0


class Applier:
    """`pairs` are all tables of the stream, parents first; `position` and `epoch` as written down.

    After an error the target's transaction is as if it had never begun, and the connections are
    not to be used any more.
    """

    def __init__(
        self,
        target: Connection,
        source: Connection,
        pairs: Sequence[TablePair],
        *,
        stream: str,
        epoch: int,
        position: Lsn,
    ) -> None:
        arrays.register(target)
        self.position = position
        self._target = target
        self._pairs = pairs
        self._order = {pair.target.name: place for place, pair in enumerate(pairs)}
        self._forms = Forms(source, pairs)
        self._lifting = Lifting(target)
        self._stream = stream
        self._epoch = epoch
        self._quarantined = quarantined(target)

    @property
    def quarantined(self) -> int:
        """How many rows are set apart."""
        return sum(self._quarantined.values())

    def apply(self, transactions: Sequence[Transaction]) -> Applied:
        """All of them, or none. Raises `DriftError` when all those before the drift are applied."""
        theirs = [transaction for transaction in transactions if not ours(transaction)]
        last = transactions[-1]
        step = Step(
            before=self.position,
            after=last.end_lsn,
            source_at=last.committed_at,
            transactions=len(theirs),
            rows=sum(transaction.rows for transaction in theirs),
        )
        seen: list[Transaction] = []
        try:
            return self._carry_out(lambda: self._chunks(theirs, seen), step)
        except DriftError:
            before = transactions[: [t is seen[-1] for t in transactions].index(True)]
            if before:
                self.apply(before)
            raise

    def stay(self, position: Lsn, source_at: datetime | None) -> None:
        """Nothing came up to `position`, or nothing since `source_at` by the source's clock."""
        with self._target.transaction():
            step = Step(before=self.position, after=position, source_at=source_at)
            advance(self._target, self._stream, self._epoch, step)
        self.position = position

    def rewrite(self, rows: Coalesced[TableForm]) -> Applied:
        """Rows that were read anew, at no position of the stream."""
        step = Step(before=self.position, after=self.position, source_at=None)
        with self._target.transaction():
            tally = self._settle(iter([rows]))
            advance(self._target, self._stream, self._epoch, step)
        self._quarantined = quarantined(self._target)
        return Applied(0, 0, tally.refused, tally.released)

    def _chunks(
        self, transactions: Sequence[Transaction], seen: list[Transaction]
    ) -> Iterator[Coalesced[TableForm]]:
        """What is to be done, one piece at a time. Each leaves the target as the source was."""
        chunk, left = Coalesced(self._forms), float(CHUNK_ROWS)
        for transaction in transactions:
            seen.append(transaction)
            share = max(1.0, CHUNK_ROWS * transaction.size / (CHUNK_BYTES * transaction.rows or 1))
            for change in transaction.changes:
                chunk.add(change)
                left -= share
                if left <= 0:
                    yield chunk
                    chunk, left = Coalesced(self._forms), float(CHUNK_ROWS)
        yield chunk

    def _carry_out(
        self, chunks: Callable[[], Iterator[Coalesced[TableForm]]], step: Step
    ) -> Applied:
        try:
            tally = self._write(chunks(), step)
        except (*REFUSALS, UnknownRowError, UnfitError):
            with self._target.transaction():
                tally = self._settle(chunks())
                self._advance(step)
            self._quarantined = quarantined(self._target)
        failpoint("apply.after_commit")
        self.position = step.after
        return Applied(step.transactions, step.rows, tally.refused, tally.released)

    def _advance(self, step: Step) -> None:
        failpoint("apply.before_position")
        advance(self._target, self._stream, self._epoch, step)
        failpoint("apply.before_commit")

    def _write(self, chunks: Iterator[Coalesced[TableForm]], step: Step) -> _Tally:
        released = 0
        # The statements are sent without waiting for the answers to those before.
        with self._target.pipeline(), self._target.transaction():
            self._target.execute("SET CONSTRAINTS ALL DEFERRED")
            for chunk in chunks:
                changes = self._lifted(chunk, None)
                write(self._target, changes)
                released += sum(self._release(*change, ()) for change in changes)
                failpoint("apply.chunk_written")
            self._target.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._advance(step)
        if released:
            self._quarantined = quarantined(self._target)
        return _Tally(released=released)

    def _settle(self, chunks: Iterator[Coalesced[TableForm]]) -> _Tally:
        tally = _Tally()
        self._target.execute("SET CONSTRAINTS ALL DEFERRED")
        for chunk in chunks:
            unfit: _Unfit = {}
            changes = self._lifted(chunk, unfit)
            settled = settle_changes(self._target, changes)
            for pair, table in changes:
                name = pair.target.name
                lost = [*unfit.get(name, ()), *settled.texts.get(name, ())]
                refused = [*settled.refused.get(name, ()), *self._refused(pair, lost)]
                tally.released += self._release(pair, table, [row.key for row in refused])
                set_apart(self._target, name, refused)
                tally.refused += len(refused)
        for name, orphans in settle_orphans(self._target, self._pairs).items():
            set_apart(self._target, name, orphans)
            tally.refused += len(orphans)
        return tally

    def _refused(self, pair: TablePair, lost: Sequence[tuple[Key, str]]) -> list[Refused]:
        """Rows that could not even be staged."""
        keys = [key for key, _ in lost]
        absent = set(unknown(self._target, pair, pair.key, keys)) if keys else set()
        return [
            Refused(key_names(pair, key), why, KEPT_OUT if key in absent else KEPT_OLD)
            for key, why in lost
        ]

    def _lifted(self, chunk: Coalesced[TableForm], unfit: "_Unfit | None") -> Changes:
        """With the values that the target has for them, parents first.

        Rows that have none go to `unfit`; without it the first one raises `UnfitError`.
        """
        changes = []
        for form, table in chunk.tables.values():
            rows: list[tuple[Key, str]] = []
            changes.append((form.pair, self._lifting.table(form, table, rows)))
            if rows and unfit is None:
                raise UnfitError(rows[0][1])
            if unfit is not None:
                unfit[form.table] = rows
        return sorted(changes, key=lambda change: self._order[change[0].target.name])

    def _release(
        self, pair: TablePair, table: TableChanges, refused: Sequence[Mapping[str, Any]]
    ) -> int:
        """Whatever came anew, or went, is not refused any more, unless it is again."""
        name = pair.target.name
        if name not in self._quarantined:
            return 0
        if table.emptied:
            return release(self._target, name, None)
        touched = {**table.gone, **dict.fromkeys(table.moved.values()), **table.rows}
        keys = [key_names(pair, key) for key in touched]
        return release(self._target, name, [key for key in keys if key not in refused])


_Unfit = dict[str, list[tuple[Key, str]]]
