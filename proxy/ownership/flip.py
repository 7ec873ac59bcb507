"""A domain's rows get another owner, while everybody goes on.

    1. look       both streams are nearly at the end; nothing is changed yet, nobody waits
    2. fence      requests that may write are held in every worker, those under way end
    3. drain      what was written on the side that is to own the rows has reached the other
    4. lock       whoever writes to the owner's tables past the proxy waits, open transactions end
    5. drain      everything that the owner wrote has reached the other side
    6. count      both sides have as many rows
    7. number     the new owner goes on where the old one is
    8. decide     one transaction: until its commit the old owner owns, after it the new one
    9. release    held requests go to the owner that there is; the old side numbers apart

Whatever fails before 8 takes the fence down, and all is as before. So does the end of the fence's
time, without anybody's doing; whoever was frozen meanwhile cannot decide any more.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import psycopg
from psycopg import sql

from legacy_bridge.replication import home, rejecting
from legacy_bridge.replication.connections import Connection, open_connection
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.handing_over import go_on_numbering, number_apart
from legacy_bridge.replication.owners import Owner, Strays, read_owners, write_owner
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.ownership import store
from proxy.ownership.draining import NotNowError, mark, pause, wait_until_applied
from proxy.ownership.phases import FOR_GOOD
from proxy.ownership.store import Change, FenceLostError

PAUSE_SECONDS = 1.0
MARGIN_SECONDS = 0.1
"""Before the end of the fence the decision has to be made."""
LOOK_SECONDS = 10.0
SHARE_OF_DRAINING = 0.2
"""Of the time for which requests may be held: both streams together, before anybody waits."""


@dataclass(slots=True)
class Step:
    """`seconds` since the fence was put up, when it was done."""

    name: str
    seconds: float


@dataclass(slots=True)
class Done:
    """`pause`: seconds for which requests were held."""

    owner: Owner
    pause: float
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, by whom and why."""

    domain: str
    to: Owner
    made_by: str
    why: str
    holder: str
    seconds: float = PAUSE_SECONDS

    def change(self, result: str, reason: str = "") -> Change:
        """For the record."""
        return Change(
            domain=self.domain,
            action="owner",
            before=str(self.to.other),
            after=str(self.to),
            made_by=self.made_by,
            why=self.why,
            result=result,
            reason=reason,
        )


class Flip:
    """One attempt. `pairs` are all tables of the domain."""

    def __init__(self, ends: Ends, pairs: Sequence[TablePair], order: Order) -> None:
        self._ends = ends
        self._pairs = pairs
        self._order = order
        self._steps: list[Step] = []
        self._began = 0.0
        self._deadline = 0.0
        self._decided = False
        self._strays = Strays.CAPTURE
        self._pause_seconds = 0.0

    def carry_out(self) -> Done:
        """Raises `NotNowError` if it was given up."""
        with ExitStack() as opened:
            self._connect(opened)
            try:
                self._carry_out()
            except FenceLostError:
                raise NotNowError("the fence was over before everything was done") from None
            except (psycopg.Error, BridgeError) as error:
                if not self._decided:
                    said = " ".join(str(error).split())
                    raise NotNowError(f"{said} — it is tried again") from error
            return Done(self._order.to, self._pause_seconds, self._steps)

    def _connect(self, opened: ExitStack) -> None:
        ends = self._ends
        legacy, native = ends.target(Direction.REVERSE), ends.target(Direction.FORWARD)
        self._legacy = opened.enter_context(open_connection(legacy.url, legacy.what))
        home.look_there(self._legacy)
        self._native = opened.enter_context(open_connection(native.url, native.what))
        to_native = self._order.to is Owner.NATIVE
        self._old, self._new = (
            (self._legacy, self._native) if to_native else (self._native, self._legacy)
        )
        for connection in (self._legacy, self._native):
            # What is drained has to be in the log before the server sends it.
            connection.execute("SET synchronous_commit = 'local'")
        locking = legacy if to_native else native
        self._locking = opened.enter_context(open_connection(locking.url, locking.what))

    def _carry_out(self) -> None:
        order = self._order
        self._look()
        epoch = store.put_up(self._native, order.domain, order.to, order.holder, order.seconds)
        self._began = monotonic()
        self._deadline = self._began + order.seconds - MARGIN_SECONDS
        if epoch is None:
            raise NotNowError("another one is handing it over right now")
        try:
            self._did("fenced", "flip.fenced")
            self._wait_for_workers(epoch)
            self._drain(order.to.direction, self._new, self._old)
            with self._locked():
                self._drain(order.to.direction.opposite, self._old, self._new)
                self._drain(order.to.direction, self._new, self._old)
                self._count()
                self._number()
                self._decide(epoch)
                self._decided = True
                number_apart(self._old, self._pairs, order.to)
                self._did("numbered apart", "flip.numbered_apart")
            # Behind the lock, which keeps us out as well; until then changes there are captured.
            rejecting.as_said(self._old, self._pairs, order.to, self._strays)
        except BaseException:
            with suppress(psycopg.Error):
                store.take_down(self._native, order.domain, epoch)
            if not self._decided and self._strays is Strays.REJECT:
                with suppress(psycopg.Error, BridgeError):
                    rejecting.reject(self._new, self._pairs, order.to.other)
            raise

    def _look(self) -> None:
        """That draining will not take long. Raises `NotNowError` if it would."""
        until = monotonic() + LOOK_SECONDS
        while True:
            began, self._deadline = monotonic(), until
            for direction, source, target in (
                (Direction.FORWARD, self._legacy, self._native),
                (Direction.REVERSE, self._native, self._legacy),
            ):
                self._await(mark(source, self._order.domain), direction, target)
            if monotonic() - began < self._order.seconds * SHARE_OF_DRAINING:
                return

    def _wait_for_workers(self, epoch: int) -> None:
        domain = self._order.domain
        while missing := store.missing(self._native, domain, epoch):
            pause(
                self._deadline,
                f"{', '.join(missing)} still has requests under way, or does not answer",
            )
        self._did("workers hold", "flip.held")

    def _drain(self, direction: Direction, source: Connection, target: Connection) -> None:
        """Everything that `source` has committed is applied to `target`."""
        self._await(mark(source, self._order.domain), direction, target)
        self._did(f"{direction} drained", f"flip.drained_{direction}")

    def _await(self, marker: Lsn, direction: Direction, target: Connection) -> None:
        wait_until_applied(marker, direction, target, self._deadline)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Nobody else writes to the owner's tables. The server ends it if we are frozen."""
        names = sql.SQL(", ").join(
            pair.towards(self._order.to.direction.opposite).source_name for pair in self._pairs
        )
        left = max(1, int(1000 * (self._deadline - monotonic())))
        self._locking.execute("SELECT set_config('lock_timeout', %s, false)", [f"{left}ms"])
        self._locking.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [f"{left}ms"]
        )
        with self._locking.transaction(force_rollback=True):
            try:
                self._locking.execute(
                    sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names)
                )
            except psycopg.errors.LockNotAvailable:
                raise NotNowError(self._blockers()) from None
            self._did("locked", "flip.locked")
            yield

    def _blockers(self) -> str:
        """Who has written to the tables, in a transaction that is still open."""
        names = [
            pair.towards(self._order.to.direction.opposite).source_name.as_string()
            for pair in self._pairs
        ]
        found = self._old.execute(
            """
            SELECT DISTINCT a.pid, a.application_name, a.usename, a.xact_start
            FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
            WHERE l.relation = ANY (%s::regclass[]) AND l.granted
                  AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                 'AccessExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock')
                  AND a.pid <> pg_backend_pid()
            ORDER BY a.xact_start
            """,
            [names],
        ).fetchall()
        who = ", ".join(
            f"pid {pid} ({name or 'unnamed'}, user {user}, since {since:%H:%M:%S})"
            for pid, name, user, since in found
        )
        return (
            f"a transaction that has written to the tables does not end: {who or 'it just has'} — "
            "let it end, or run: SELECT pg_terminate_backend(pid);"
        )

    def _count(self) -> None:
        for pair in self._pairs:
            counts = [
                self._one(connection, sql.SQL("SELECT count(*) FROM {}").format(name))
                for connection, name in (
                    (self._legacy, pair.towards(Direction.FORWARD).source_name),
                    (self._native, pair.towards(Direction.FORWARD).target_name),
                )
            ]
            if counts[0] != counts[1]:
                raise NotNowError(
                    f"{pair.native.name}: {counts[1]} rows natively, {counts[0]} on the legacy side"
                    " — `strangler sync verify` tells which differ, `sync repair` makes them equal"
                )
        self._did("counted", "flip.counted")

    def _number(self) -> None:
        go_on_numbering(self._old, self._new, self._pairs, self._order.to)
        ownership = read_owners(self._native).of(self._order.domain)
        if ownership.retired:
            raise NotNowError(FOR_GOOD)
        self._strays = ownership.strays
        rejecting.let_pass(self._new, self._pairs, self._order.to)
        self._did("numbered", "flip.before_decision")

    def _decide(self, epoch: int) -> None:
        order = self._order
        with self._native.transaction():
            store.require_fence(self._native, order.domain, epoch, MARGIN_SECONDS / 2)
            write_owner(self._native, order.domain, order.to, self._strays)
            self._native.execute("DELETE FROM ownership_fences WHERE domain = %s", [order.domain])
            self._did("decided", "flip.deciding")
            self._pause_seconds = self._steps[-1].seconds
            steps = [{"step": s.name, "seconds": s.seconds} for s in self._steps]
            change = order.change("done")
            store.write_change(
                self._native, replace(change, pause_seconds=self._pause_seconds, steps=steps)
            )
            store.announce(self._native)
        failpoint("flip.decided")

    def _did(self, name: str, point: str) -> None:
        self._steps.append(Step(name, round(monotonic() - self._began, 4)))
        failpoint(point)

    @staticmethod
    def _one(connection: Connection, query: sql.Composed) -> Any:
        row = connection.execute(query).fetchone()
        return row[0] if row else None
