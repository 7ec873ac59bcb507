"""Whole transactions of the source become one transaction of the target.

Readers see all of it or nothing, and the position in the stream moves in it. First as if nothing
could be refused, in one round trip; if something is, once more with the refused rows set apart.
Of tables whose rows the target owns, what comes are strays: see `strays`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg.errors import ForeignKeyViolation

from legacy_bridge.replication import conflicts
from legacy_bridge.replication.apply import arrays, marks, strays
from legacy_bridge.replication.apply.answers import Answer
from legacy_bridge.replication.apply.applied import Applied, Tally
from legacy_bridge.replication.apply.batch import Batch, chunked
from legacy_bridge.replication.apply.coalesce import Coalesced, Key, TableChanges
from legacy_bridge.replication.apply.forms import (
    DriftError,
    Forms,
    Lifting,
    TableForm,
    UnfitError,
)
from legacy_bridge.replication.apply.horizons import Seen, Unseen
from legacy_bridge.replication.apply.refusing import (
    let_go,
    named,
    refused,
    refused_singly,
    take_out_doubtful,
)
from legacy_bridge.replication.apply.rereading import resent
from legacy_bridge.replication.apply.settling import READ_AGAIN
from legacy_bridge.replication.apply.writing import Changes, UnknownRowError, write
from legacy_bridge.replication.clock import ask
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.owners import VERSION, Owners, OwnersChangedError
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.quarantine import (
    REFUSALS,
    remove_orphans,
)
from legacy_bridge.replication.records import quarantined, set_apart
from legacy_bridge.replication.streams import Step, StreamRecord, advance


class Applier:
    """`pairs` are all tables of the stream, in its direction, parents first; `record` as read by
    the applier that has taken over. `answered`: there is a stream in the other direction.

    After an error the target's transaction is as if it had never begun, and the connections are
    not to be used any more.
    """

    def __init__(
        self,
        target: Connection,
        source: Connection,
        pairs: Sequence[TablePair],
        *,
        record: StreamRecord,
        owners: Owners,
        answered: bool,
    ) -> None:
        arrays.register(target)
        self.position = record.applied
        self.source_horizon: int | None = None
        """Of the source, once all that was finished below it is applied."""
        self.meanwhile: Callable[[Answer], None] = _nothing
        """Called once everything of a batch is sent, while the target is busy with it."""
        self._target = target
        self._source = source
        self._direction = Direction(record.name)
        self._pairs = pairs
        self._order = {pair.target.name: place for place, pair in enumerate(pairs)}
        self._forms = Forms(source, pairs)
        self._lifting = Lifting(target)
        self._record = record
        self._native = target if self._direction is Direction.FORWARD else source
        self._version = owners.version
        self.owned = [pair for pair in pairs if owners.owns(pair.domain, self._direction)]
        """Tables whose rows the source owns: what comes is what the target has to be."""
        self._owned = {pair.target.name for pair in self.owned}
        self._strays = [pair for pair in pairs if pair not in self.owned]
        self._answered = answered
        self._seen = Seen(record.horizon, set(record.own_xids))
        self._quarantined = quarantined(target)
        self._read_until = ask(source).position
        """Up to where rows may have been read besides the stream: it is ahead of itself there."""

    @property
    def _unseen(self) -> Unseen | None:
        return Unseen(self._seen.horizon) if self._answered else None

    @property
    def quarantined(self) -> int:
        """How many rows are set apart."""
        return sum(self._quarantined.values())

    def count_quarantined(self) -> None:
        """Anew: others put rows there, too, as a repair does."""
        self._quarantined = quarantined(self._target)

    def batch(self) -> Batch:
        """An empty one, for what comes after all that was begun."""
        whole = self._record.at(self.position).whole
        return Batch(Coalesced(self._forms.known) if whole else None)

    def apply(self, batch: Batch) -> Applied:
        """All of it, or what is before a fault. Raises `DriftError` when all that is before the
        drift is applied, and `OwnersChangedError`."""
        if batch.coalesced is not None:
            return self._apply(batch.transactions, batch.coalesced)
        done = Applied(0, 0)
        for part in marks.parts(batch.transactions, strays=bool(self._strays)):
            done += self._apply(part)
        return done

    def pass_over(self, transactions: Sequence[Transaction]) -> bool:
        """Whether they bring nothing but word of what was seen, of which note is taken then: it
        is not worth a transaction, which the other direction would answer with one of its own."""
        if not marks.only_marks(transactions) or self._written_over(transactions):
            return False
        heard = marks.heard(transactions)
        self._seen.advance(heard.horizon, heard.here)
        return True

    def _assure(self, heard: marks.Heard) -> None:
        """That both sides have what the owner has. What is in doubt is sent back also if it was
        handed over since: the new owner's table was without it before."""
        strays.assure(self._target, self._pairs, heard.doubted)
        strays.assure(self._target, self._strays, self._written_over(heard.transactions))

    def _written_over(self, transactions: Sequence[Transaction]) -> dict[str, dict[Key, None]]:
        """Rows that are here as strays wrote them, over which we have written there since, without
        knowing of them: whoever changes them there now has not seen that any more."""
        if not (self._seen.own and self._strays):
            return {}
        put: dict[str, dict[Key, None]] = {}
        for relation, row in marks.put_by_us(transactions):
            if (form := self._forms.fitting(relation)) is not None:
                put.setdefault(form.table, {})[self._lifting.key(form, form.key(row.new))] = None
        return strays.written(self._target, self._strays, put, self._seen.own)

    def stay(self, position: Lsn, source_at: datetime | None) -> None:
        """Nothing came up to `position`, or nothing since `source_at` by the source's clock."""
        with self._target.transaction():
            marks.mark(self._target, self.source_horizon)
            step = Step(before=self.position, after=position, source_at=source_at)
            self._advance(step)
        self.position = position

    def rewrite(self, rows: Coalesced[TableForm]) -> Applied:
        """Rows that were read anew, at no position of the stream."""
        self._read_until = ask(self._source).position
        try:
            tally = self._rewrite(rows, careful=False)
        except ForeignKeyViolation:
            tally = self._rewrite(rows, careful=True)
        self._quarantined = quarantined(self._target)
        return Applied(0, 0, tally.refused, tally.released, tally.lost)

    def _rewrite(self, rows: Coalesced[TableForm], *, careful: bool) -> Tally:
        with self._target.transaction():
            marks.mark(self._target, self.source_horizon)
            if self._answered:
                self._leave_changed(rows)
            tally = self._settle(iter([rows]), None, careful=careful)
            self._advance(Step(before=self.position, after=self.position, source_at=None))
        return tally

    def _leave_changed(self, rows: Coalesced[TableForm]) -> None:
        """Not to write over what the source may still be told of: these are for the next time."""
        for form, table in rows.tables.values():
            keys = {self._lifting.key(form, key): key for key in table.rows}
            found = strays.versions(self._target, form.pair, list(keys), lock=True)
            for key, xid in found.items():
                if xid not in self._seen:
                    del table.rows[keys[key]]

    def _apply(
        self, transactions: Sequence[Transaction], coalesced: Coalesced[TableForm] | None = None
    ) -> Applied:
        """`coalesced`: what they come to, if that is known."""
        heard = marks.heard(transactions)
        theirs, last = heard.theirs, heard.last
        step = Step(
            before=self.position,
            after=last.end_lsn,
            source_at=last.committed_at,
            transactions=len(theirs),
            rows=sum(transaction.rows for transaction in theirs),
        )
        asked = marks.asked_for(transactions)
        again = resent(self._source, self._pairs, asked, self._forms, self._owned)
        if again.tables:
            self._read_until = ask(self._source).position
        seen: list[Transaction] = []
        ahead = not self._record.at(self.position).whole

        def empty() -> Coalesced[TableForm]:
            return Coalesced(self._forms, ahead=ahead)

        def chunks() -> Iterator[Coalesced[TableForm]]:
            yield from chunked(theirs, empty, seen)
            if again.tables:
                yield again

        first = chunks() if coalesced is None else iter([coalesced])
        try:
            return self._carry_out(first, chunks, step, heard)
        except DriftError:
            before = transactions[: [t is seen[-1] for t in transactions].index(True)]
            if before:
                self._apply(before)
            raise

    def _carry_out(
        self,
        first: Iterator[Coalesced[TableForm]],
        chunks: Callable[[], Iterator[Coalesced[TableForm]]],
        step: Step,
        heard: marks.Heard,
    ) -> Applied:
        """As if nothing could be refused; else with what is refused set apart; else row by row.
        `first`: the chunks of the first attempt, which may change what is in them."""
        seen = self._seen.copy()
        try:
            tally = self._write(first, step, heard)
        except (*REFUSALS, UnknownRowError, UnfitError, _StraysError):
            try:
                tally = self._write_settled(chunks(), step, heard, seen, careful=False)
            except ForeignKeyViolation:
                # Rows that the source does not own, or does not have, refer to what is to go.
                tally = self._write_settled(chunks(), step, heard, seen, careful=True)
        failpoint("apply.after_commit")
        self.position = step.after
        return Applied(step.transactions, step.rows, tally.refused, tally.released, tally.lost)

    def _write_settled(
        self,
        chunks: Iterator[Coalesced[TableForm]],
        step: Step,
        heard: marks.Heard,
        seen: Seen,
        *,
        careful: bool,
    ) -> Tally:
        self._seen = seen.copy()
        with self._target.transaction():
            marks.mark(self._target, self.source_horizon, self._carried(heard))
            tally = self._settle(chunks, heard, careful=careful)
            self._assure(heard)
            self._seen.advance(heard.horizon, heard.here)
            self._advance(step)
        self._quarantined = quarantined(self._target)
        return tally

    def _carried(self, heard: marks.Heard) -> list[int]:
        """Of whom the other direction is told, if there is one."""
        return [transaction.xid for transaction in heard.theirs] if self._answered else []

    def _advance(self, step: Step) -> None:
        failpoint("apply.before_position")
        version = self._native.execute(VERSION)
        step = replace(step, horizon=self._seen.horizon, own_xids=self._seen.own)
        advance(self._target, self._record.name, self._record.epoch, step)
        if version.fetchone() != (self._version,):
            raise OwnersChangedError("a domain has changed its owner")
        failpoint("apply.before_commit")

    def _write(
        self, chunks: Iterator[Coalesced[TableForm]], step: Step, heard: marks.Heard
    ) -> Tally:
        released = 0
        # The statements are sent without waiting for the answers to those before.
        with self._target.pipeline(), self._target.transaction():
            marks.mark(self._target, self.source_horizon, self._carried(heard))
            self._target.execute("SET CONSTRAINTS ALL DEFERRED")
            for number, chunk in enumerate(chunks):
                if number:  # what the server has not taken yet would pile up in memory
                    self._target.execute("SELECT 1").fetchone()
                if chunk.tables.keys() - self._owned:
                    raise _StraysError
                changes = self._lifted(chunk, None)
                write(self._target, changes, self._unseen)
                released += sum(self._let_go(*change, ()) for change in changes)
                failpoint("apply.chunk_written")
            self._target.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.meanwhile(Answer(self._target))
            self._assure(heard)
            self._seen.advance(heard.horizon, heard.here)
            self._advance(step)
        if released:
            self._quarantined = quarantined(self._target)
        return Tally(released=released)

    def _settle(
        self,
        chunks: Iterator[Coalesced[TableForm]],
        heard: marks.Heard | None,
        *,
        careful: bool = False,
    ) -> Tally:
        """Raises `ForeignKeyViolation`, unless `careful`."""
        tally = Tally()
        for chunk in chunks:
            self._target.execute("SET CONSTRAINTS ALL DEFERRED")
            unfit: _Unfit = {}
            changes = self._lifted(chunk, unfit)
            owned = [change for change in changes if change[0].target.name in self._owned]
            self._settle_owned(owned, unfit, tally, careful=careful)
            if len(owned) < len(changes):
                assert heard is not None  # noqa: S101  # only owned rows are read anew
                self._remove_orphans(tally)
                self._carry_strays([c for c in changes if c not in owned], heard, tally)
        self._remove_orphans(tally)
        return tally

    def _settle_owned(
        self, changes: Changes, unfit: "_Unfit", tally: Tally, *, careful: bool
    ) -> None:
        if careful:
            left = refused_singly(self._target, changes, self._unseen, self.owned)
        else:
            left = refused(self._target, changes, self._unseen)
        for pair, table in changes:
            rows = left.setdefault(pair.target.name, [])
            rows += named(self._target, pair, unfit.get(pair.target.name, ()))
            tally.released += self._let_go(pair, table, [row.key for row in rows])
        for name, rows in left.items():  # of other tables as well: what has lost its parent
            set_apart(self._target, name, rows)
            tally.refused += len(rows)

    def _let_go(
        self, pair: TablePair, table: TableChanges, again: Sequence[Mapping[str, Any]]
    ) -> int:
        if pair.target.name not in self._quarantined:
            return 0
        return let_go(self._target, pair, table, again, self._unseen)

    def _remove_orphans(self, tally: Tally) -> None:
        for name, orphans in remove_orphans(self._target, self.owned).items():
            set_apart(self._target, name, orphans)
            tally.refused += len(orphans)

    def _carry_strays(self, changes: Changes, heard: marks.Heard, tally: Tally) -> None:
        first, last = heard.first, heard.last
        carried = strays.carry(self._target, changes, self._seen, self._source, first.commit_lsn)
        conflicts.keep(
            self._target,
            carried.conflicts,
            self._direction.origin,
            str(last.end_lsn),
            last.committed_at,
        )
        tally.lost += len(carried.conflicts)

    def _lifted(self, chunk: Coalesced[TableForm], unfit: "_Unfit | None") -> Changes:
        """With the values that the target has for them, parents first.

        Rows that have none go to `unfit`; without it the first one raises `UnfitError`.
        """
        changes = []
        for form, table in chunk.tables.values():
            rows: list[tuple[Key, str]] = []
            lifted = self._lifting.table(form, table, rows)
            ahead = self.position < self._read_until
            doubted = form.table in self._quarantined or (ahead and lifted.moved)
            if form.table in self._owned and (unfit is not None or doubted):
                doubtful = take_out_doubtful(self._target, form.pair, lifted, ahead=ahead)
                rows += ((key, READ_AGAIN) for key in doubtful)
            changes.append((form.pair, lifted))
            if rows and unfit is None:
                raise UnfitError(rows[0][1])
            if unfit is not None:
                unfit[form.table] = rows
        return sorted(changes, key=lambda change: self._order[change[0].target.name])


def _nothing(answer: Answer) -> None:
    """Wait for it as for any other."""


class _StraysError(Exception):
    """Rows that the target owns are among the changes: these have to be looked at first."""


_Unfit = dict[str, list[tuple[Key, str]]]
