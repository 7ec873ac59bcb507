"""From the receiver to the applier, one turn after the other; what is committed is acknowledged.

A turn takes what has come meanwhile: one transaction when there is little to do, so that it is
visible at once, and as many as a batch holds when there is a backlog.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from legacy_bridge.replication.apply import marks
from legacy_bridge.replication.apply.answers import Answer
from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.apply.applier import Applier
from legacy_bridge.replication.apply.batch import BATCH_TRANSACTIONS
from legacy_bridge.replication.apply.rereading import Rounds
from legacy_bridge.replication.apply.visibly import VISIBLE_SECONDS, Visible
from legacy_bridge.replication.clock import Reading, SourceClock, ask, nudge
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import Message
from legacy_bridge.replication.pgoutput.progress import Idle
from legacy_bridge.replication.pgoutput.transactions import Transaction
from legacy_bridge.replication.receiver import Receiver

GATHER_SECONDS = (50e-6, 0.02)
"""Behind a batch of several, twice as many are waited for: so long for each that there was, up to
the second. Where they come faster than they are applied, few at a time would be more work for both
servers, which slows them down still more. A lone one goes at once."""
WAIT_SECONDS = 0.05
AT_ONCE = 200
"""Transactions that are read ahead between two looks at the target."""
LOOK_SECONDS = 0.002
"""It is waited for so long when nothing is there to be read ahead."""
ASK_SECONDS = 1.0
STAY_SECONDS = 1.0
ASK_SOON_SECONDS = 0.05
"""After something was applied."""
REREAD_SECONDS = (5.0, 600.0)
"""Rows in quarantine are tried again after the first; each time in vain doubles it."""
REREAD_REST = 5
"""Times as long as it took, at least, until the next time: the stream goes on in between."""


class Following:
    """`acknowledge` is told every position that has been committed. `visible`: what has come by
    the source's log. `reading`: of the source, as of now or before."""

    def __init__(
        self,
        receiver: Receiver,
        acknowledge: Callable[[Lsn], None],
        applier: Applier,
        source: Connection,
        target: Connection,
        visible: Visible,
        reading: Reading | None = None,
    ) -> None:
        self._receiver = receiver
        self._acknowledge = acknowledge
        self._applier = applier
        self._source = source
        self._visible = visible
        self._rounds = Rounds(target, source)
        self._clock = SourceClock(reading)
        self._through = applier.position  # nothing before it is left to do
        self._next_ask = 0.0
        self._next_stay = 0.0
        self._asked = 0.0
        self._patience = REREAD_SECONDS[0]
        self._next_count = monotonic() + REREAD_SECONDS[0]
        self._next_reread = 0.0
        self._helped = False
        self._earliest_reread = 0.0
        self._last_batch = 1
        self._next = applier.batch()
        applier.meanwhile = self._read_ahead

    def turn(self) -> Applied | None:
        """Apply what has come, or wait a moment; None if nothing was applied."""
        done = self._apply() if self._next.transactions else self._take()
        now = monotonic()
        if now >= self._next_count:
            self._next_count = now + REREAD_SECONDS[0]
            self._applier.count_quarantined()
        if self._applier.quarantined and now >= self._next_reread:
            self.reread()
        return done

    def _take(self) -> Applied | None:
        done = None
        match item := self._receiver.take(WAIT_SECONDS):
            case Transaction():
                self._next.add([item])
                done = self._apply()
            case Idle():
                self._stay(item.position)
            case Message():
                pass  # of no concern to this direction
            case None:
                self._quiet()
        return done

    def reread(self) -> bool:
        """Try again what is in quarantine, as long as that helps; the rest of a round is soon.

        Not while the source still shows what was before a change that is applied, which is False:
        a row whose deletion was refused would seem to be as it should be.
        """
        if self._applier.quarantined and not self._visible.in_time():
            self._next_reread = monotonic() + VISIBLE_SECONDS
            return False
        began = monotonic()
        while before := self._applier.quarantined:
            self._applier.rewrite(self._rounds.reread(self._applier.owned))
            if self._applier.quarantined >= before:
                break
            self._helped = True
        now = monotonic()
        self._earliest_reread = now + REREAD_REST * (now - began)
        if self._applier.quarantined and not self._rounds.complete:
            self._next_reread = self._earliest_reread
            return True
        first, last = REREAD_SECONDS
        self._patience = first if self._helped else min(2 * self._patience, last)
        self._next_reread, self._helped = now + self._patience, False
        return True

    def finish(self) -> None:
        """What there is left to do when nobody goes on: quarantine is tried again, and the other
        direction told what was seen on this side."""
        while self.reread() and self._applier.quarantined and not self._rounds.complete:
            pass
        self._applier.stay(self._through, self._at(self._through))

    def close(self) -> None:
        """What was read ahead will come again."""
        for transaction in self._next.transactions:
            transaction.close()

    def _apply(self) -> Applied | None:
        self._gather()
        batch, self._next = self._next, self._applier.batch()
        transactions = batch.transactions
        try:
            failpoint("apply.received")
            self._visible.add(transaction.xid for transaction in transactions)
            if marks.ask_again(transactions) and not self._visible.at_last():
                return None  # told to stop; nothing of the batch is applied
            self._at(self._through)
            done = None if self._applier.pass_over(transactions) else self._applier.apply(batch)
        finally:
            for transaction in transactions:
                transaction.close()
        if done is None:
            self._stay(transactions[-1].end_lsn)
            return None
        self._committed()
        if done.transactions:
            self._next_ask = min(self._next_ask, monotonic() + ASK_SOON_SECONDS)
            self._ask()  # where there is always something to apply, it is never quiet
        if done.released or done.refused:
            # A parent that came may let its children in, a value that was given up its next owner.
            self._patience, self._next_reread = REREAD_SECONDS[0], self._earliest_reread
        return done

    def _gather(self) -> None:
        """With those that have come meanwhile, as many as are good for one transaction."""
        last, (each, most) = self._last_batch, GATHER_SECONDS
        if last > 1:
            wanted = min(2 * last, BATCH_TRANSACTIONS) - len(self._next.transactions)
            self._receiver.gather(wanted, min(each * last, most))
        self._next.take(self._receiver)
        self._last_batch = len(self._next.transactions)

    def _read_ahead(self, answer: Answer) -> None:
        """While the target is busy with several, take and coalesce what is next."""
        if self._last_batch == 1:
            return
        while not self._next.is_full and not answer.has_come():
            if not self._next.take(self._receiver, AT_ONCE) and answer.has_come(LOOK_SECONDS):
                break

    def _stay(self, position: Lsn) -> None:
        self._through = position
        at, now = self._at(position), monotonic()
        if at is None and now < self._next_stay:
            return  # a position of its own is not worth a transaction; another one will come
        self._next_stay = now + STAY_SECONDS
        self._applier.stay(position, at)
        self._committed()

    def _quiet(self) -> None:
        """Everything that was received is applied."""
        self._ask()
        if at := self._at(self._through):
            self._applier.stay(self._through, at)
            self._committed()

    def _ask(self) -> None:
        """How far the source is. Soon after something was applied, for what the other side writes
        on top of it is to be known as such."""
        now = monotonic()
        if self._clock.waiting is None and now >= self._next_ask:
            self._next_ask, self._asked = now + ASK_SECONDS, now
            self._clock.read(ask(self._source))
        elif self._clock.waiting is not None and now >= self._asked + ASK_SECONDS:
            self._asked = now
            nudge(self._source)

    def _at(self, position: Lsn) -> datetime | None:
        reading = self._clock.reached(position)
        if reading is None:
            return None
        self._applier.source_horizon = reading.horizon
        self._visible.ended(reading.horizon)
        return reading.at

    def _committed(self) -> None:
        self._through = max(self._through, self._applier.position)
        self._acknowledge(self._applier.position)
        failpoint("apply.acknowledged")
