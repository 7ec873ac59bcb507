"""A domain is retired: its rows are the native side's alone, and nothing of them travels any more.

    1. look       phase native, streams that go on, nothing set apart, nobody else's rows hang on it
    2. guard      the legacy tables refuse changes; transactions that are writing there end
    3. drain      what was changed there before has come to the native side
    4. compare    both sides have the same rows, and nothing lost
    5. decide     one transaction: writers through the site wait, everything that was written has
                  reached the legacy side, then the domain is retired with its commit
    6. tidy       neither database publishes the tables any more

Whatever fails before the commit leaves the domain native, and what becomes of changes on the legacy
side as it was; killed there, it goes on refusing them. After it the domain is retired, appliers
leave it out from their next transaction on, and what is left of 6 is done when it is repeated.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from time import monotonic, sleep

import psycopg

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, open_connection
from legacy_bridge.replication.copy import Domains, table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import (
    Owner,
    Ownership,
    Strays,
    read_owners,
    travelling,
    write_retired,
)
from legacy_bridge.replication.pairs import Direction, TablePair
from legacy_bridge.replication.rejecting import let_pass, set_strays
from legacy_bridge.replication.retiring import left_behind, referring, tidy, unneeded
from legacy_bridge.replication.streams import read_stream
from legacy_bridge.replication.verify.compare import Watch, verify_domains
from proxy.ownership import store
from proxy.ownership.draining import NotNowError, mark, wait_until_applied
from proxy.ownership.looking import drifted, standing_still
from proxy.ownership.phases import Phase
from proxy.ownership.store import Change

PAUSE_SECONDS = 1.0
"""For which the domain's writers may wait."""
APPLIER_SECONDS = 3.0
"""An applier that begins anew, as after a change of an owner, is there again by then."""
POLL_SECONDS = 0.05
STEPS = (
    "look: streams, quarantine, conflicts, differences, other domains' tables that refer to these",
    "guard: the legacy tables refuse changes from now on; open transactions there end",
    "drain: what was changed there before has arrived natively",
    "compare: both sides have the same rows",
    "decide: writers wait, what is written natively has arrived, one transaction: it is for good",
    "tidy: neither database publishes the tables any more; the legacy ones keep refusing changes",
    "tell: routing.yaml says retired, every worker knows",
)


@dataclass(frozen=True, slots=True)
class Order:
    """`seconds`: how long the streams may take to get to their ends, each time."""

    domain: str
    made_by: str
    why: str
    seconds: float = 30.0

    def change(self, result: str, reason: str = "") -> Change:
        """For the record."""
        return Change(
            domain=self.domain,
            action="retire",
            before=str(Phase.NATIVE),
            after=str(Phase.RETIRED),
            made_by=self.made_by,
            why=self.why,
            result=result,
            reason=reason,
        )


@dataclass(slots=True)
class Ended:
    """`pause`: seconds for which writers of the domain waited; None if it was retired before.
    `left`: what somebody has to do, or may, each with how."""

    pause: float | None = None
    steps: dict[str, float] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def objections(ends: Ends, domains: Domains, name: str) -> Iterator[str]:
    """What keeps the rows of a domain from being retired, each with what to do. `domains`: all with
    rows. Changes nothing. Raises `BridgeError`."""
    deadline = monotonic() + APPLIER_SECONDS
    while (still := tuple(standing_still(ends))) and monotonic() < deadline:
        sleep(POLL_SECONDS)
    if still:
        yield from still
        return
    with ExitStack() as opened:
        legacy, native = _connected(opened, ends)
        others = _others(native, domains, name)
        for direction, target in ((Direction.FORWARD, native), (Direction.REVERSE, legacy)):
            record = read_stream(target, direction)
            if record is None or name not in record.domains:
                yield f"the {direction} stream does not carry {name} — run `strangler sync init`"
                return
        pairs = _pairs(legacy, native, domains, name)
        for found in referring(pairs, others):
            yield f"{found} — retire that domain first"
        yield from left_behind(legacy, native, pairs)
        yield from drifted(native, pairs)


class Retirement:
    """One attempt. `domains` are all with rows; `watch` is told how far the comparison is."""

    def __init__(self, ends: Ends, domains: Domains, order: Order, watch: Watch) -> None:
        self._ends = ends
        self._domains = domains
        self._order = order
        self._watch = watch
        self._began = monotonic()
        self._ended = Ended()

    def carry_out(self) -> Ended:
        """Steps 2 to 6; of a domain that is retired what is left of the last. Raises `NotNowError`
        if it was given up, `BridgeError` where it cannot be at all."""
        with ExitStack() as opened:
            self._legacy, self._native = _connected(opened, self._ends)
            # What is drained has to be in the log before the server sends it.
            self._marking = opened.enter_context(open_connection(self._ends.native_url, NATIVE))
            for connection in (self._legacy, self._marking):
                connection.execute("SET synchronous_commit = 'local'")
            # Whoever waits behind us waits no longer; should we be frozen, twice as long.
            limits = {"lock_timeout": 1, "idle_in_transaction_session_timeout": 2}
            for setting, pauses in limits.items():
                limit = f"{1000 * pauses * PAUSE_SECONDS:.0f}ms"
                self._native.execute("SELECT set_config(%s, %s, false)", [setting, limit])
            if not self._ownership().retired:
                try:
                    self._retire()
                except psycopg.errors.LockNotAvailable:
                    raise NotNowError(
                        f"a transaction that writes {self._order.domain} natively does not end: "
                        "find it in pg_stat_activity, then repeat this"
                    ) from None
                except psycopg.Error as error:
                    said = " ".join(str(error).split())
                    raise NotNowError(f"{said} — repeat it, whichever phase it has now") from error
            self._tidy()
        return self._ended

    def _ownership(self) -> Ownership:
        return read_owners(self._native).of(self._order.domain)

    def _retire(self) -> None:
        name = self._order.domain
        pairs = _pairs(self._legacy, self._native, self._domains, name)
        before = self._ownership()
        if before.owner is not Owner.NATIVE:
            raise NotNowError(f"the legacy side owns {name} — `strangler flip {name} native` first")
        try:
            guarded = set_strays(self._legacy, self._native, pairs, Strays.REJECT)
            self._did("guarded")
            self._drain(Direction.FORWARD, self._legacy, self._native)
            self._did("drained")
            self._compare()
            self._did("compared")
            self._drain(Direction.REVERSE, self._marking, self._legacy)
            self._decide(pairs, guarded)
        except BaseException:
            if before.strays is Strays.CAPTURE:
                with suppress(psycopg.Error, BridgeError):
                    self._let_pass_again(pairs)
            raise

    def _let_pass_again(self, pairs: Sequence[TablePair]) -> None:
        """As it was before, over connections of its own: those at work may be what broke. A domain
        that was retired after all keeps its guard."""
        with ExitStack() as opened:
            legacy, native = _connected(opened, self._ends)
            now = read_owners(native).of(self._order.domain)
            if now.strays is Strays.REJECT:
                set_strays(legacy, native, pairs, Strays.CAPTURE)
            elif now.strays is Strays.CAPTURE:  # it had not been written down yet
                let_pass(legacy, pairs, Owner.LEGACY)

    def _drain(self, direction: Direction, source: Connection, target: Connection) -> None:
        deadline = monotonic() + self._order.seconds
        wait_until_applied(mark(source, self._order.domain), direction, target, deadline)

    def _compare(self) -> None:
        name = self._order.domain
        report = verify_domains(
            self._ends.legacy_url, self._ends.native_url, {name: self._domains[name]}, self._watch
        )
        for table in report.tables:
            if not table.equal:
                count = len(table.differences) + len(table.unsettled)
                raise NotNowError(
                    f"{count} rows of {table.native} differ: "
                    f"`strangler sync verify --domain {name}` tells which, "
                    f"`strangler sync repair --domain {name}` makes them equal"
                )

    def _decide(self, pairs: Sequence[TablePair], seen: Ownership) -> None:
        """Until the commit it is native; a process that is frozen meanwhile loses the connection
        when the time of its writers is over, and with it all that it did here."""
        name, began = self._order.domain, monotonic()
        with self._native.transaction():
            if not write_retired(self._native, name, seen):
                raise NotNowError("its owner, or what becomes of strays, was changed meanwhile")
            self._did("locked")
            marker = mark(self._marking, name)
            wait_until_applied(marker, Direction.REVERSE, self._legacy, began + PAUSE_SECONDS)
            if left := left_behind(self._legacy, self._native, pairs):
                raise NotNowError("; ".join(left))
            self._did("arrived")
            self._write_down(pairs)
            self._did("deciding")
        self._ended.pause = round(monotonic() - began, 4)
        failpoint("retire.decided")

    def _write_down(self, pairs: Sequence[TablePair]) -> None:
        order, native = self._order, self._native
        store.write_retired(native, order.domain)
        native.execute(
            "DELETE FROM bridge_verifies WHERE table_name = ANY (%s)",
            [[pair.native.name for pair in pairs]],
        )
        steps = [{"step": s, "seconds": at} for s, at in self._ended.steps.items()]
        store.write_change(native, replace(order.change("done"), steps=steps))
        store.announce(native)

    def _tidy(self) -> None:
        name = self._order.domain
        others = _others(self._native, self._domains, name)
        left = tidy(self._legacy, self._native, name, self._domains[name], others)
        self._ended.left = (*left, *unneeded(others))
        self._did("tidied")

    def _did(self, step: str) -> None:
        self._ended.steps[step] = round(monotonic() - self._began, 4)
        failpoint(f"retire.{step}")


def refused(native: Connection, order: Order, reason: str) -> None:
    """For the record: somebody wanted it, and it did not come about."""
    store.write_change(native, order.change("refused", reason))


def _connected(opened: ExitStack, ends: Ends) -> tuple[Connection, Connection]:
    """Legacy, native."""
    legacy = opened.enter_context(open_connection(ends.legacy_url, LEGACY))
    home.look_there(legacy)
    return legacy, opened.enter_context(open_connection(ends.native_url, NATIVE))


def _others(native: Connection, domains: Domains, name: str) -> Domains:
    """Those whose rows go on travelling."""
    record = read_stream(native, Direction.FORWARD)
    carried = set(record.domains if record else ()) - {name}
    found = travelling(domains, read_owners(native))
    return {other: mapped for other, mapped in found.items() if other in carried}


def _pairs(
    legacy: Connection, native: Connection, domains: Domains, name: str
) -> tuple[TablePair, ...]:
    """Raises `BridgeError` where the tables do not fit."""
    return table_pairs(legacy, native, {name: domains[name]})[0]
