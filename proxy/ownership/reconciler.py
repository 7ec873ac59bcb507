"""What routing.yaml wants becomes so: one replica leads, and hands over one domain at a time.

    lead? ─▶ read the file ─▶ clear what is over ─▶ let each domain go as far as its gates do
                                                 ─▶ a domain whose owner is not the wanted one
                                                    ─▶ look ─▶ flip ─▶ the record of changes

Whoever leads may change at any time, and be killed at any point: each round begins from what is
written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg
import structlog

from legacy_bridge.replication import rejecting
from legacy_bridge.replication.connections import Connection, connected
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.ends import End, Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.handing_over import number_apart
from legacy_bridge.replication.one_way import directed_pairs
from legacy_bridge.replication.owners import Owner, Owners, read_owners, travelling
from legacy_bridge.replication.pairs import Direction, TablePair
from proxy.ownership import store
from proxy.ownership.attempts import held_seconds, seconds_until_next
from proxy.ownership.draining import NotNowError
from proxy.ownership.flip import Done, Flip, Order
from proxy.ownership.letting import Letting, Wish
from proxy.ownership.looking import objections
from proxy.ownership.phases import Phase
from proxy.ownership.standing import owner_for
from proxy.ownership.store import Let
from proxy.routing.config import RoutingConfig
from proxy.routing.faults import Fault, RoutingError
from proxy.routing.parse import Known, parse_bytes, read_bytes

ROUND_SECONDS = 0.25

log = structlog.get_logger("ownership")


@dataclass(slots=True)
class _Trouble:
    """Why a domain does not get on, after how many attempts, and when it is tried again. An edit
    of the file begins anew."""

    wanted: Owner
    reason: str
    failed: int
    at: float


@dataclass(slots=True)
class Reconciler:
    """`domains` are those whose rows can be handed over, each with its tables."""

    ends: Ends
    domains: Domains
    routing: Path
    abilities: Known
    holder: str
    letting: Letting
    _content: bytes = b""
    _config: RoutingConfig | None = None
    _troubles: dict[str, _Trouble] = field(default_factory=dict)
    _numbered: bool = False

    def run(self, stop: Event) -> None:
        """Until `stop`. A database that is away is waited for."""
        said = ""
        while not stop.is_set():
            try:
                with _unhindered(self.ends.source(Direction.REVERSE)) as native:
                    while not stop.wait(ROUND_SECONDS):
                        self.round(native)
                        said = ""
                    with suppress(psycopg.Error):
                        store.resign(native, self.holder)
            except (psycopg.Error, BridgeError) as error:
                fault = " ".join(str(error).split())
                if fault != said:
                    log.warning("ownership_unknown", reason=fault)
                said = fault
                stop.wait(1.0)

    def round(self, native: Connection) -> None:
        if not store.lead(native, self.holder):
            self._numbered = False
            return
        store.clear(native)
        self._read()
        owners = read_owners(native)
        if self._config is not None:
            self.letting.see_to_all(native, self._config)
        self._number_apart(native, owners)
        phases = store.read_phases(native)
        for domain, wanted in travelling(self._wanted(), owners).items():
            if owners.of(domain).owner is wanted:
                self._troubles.pop(domain, None)
            elif self._due(domain, wanted) and _may_move(phases.get(domain), wanted):
                self._hand_over(native, domain, wanted)
                return  # the lead is to be renewed before the next one

    def _read(self) -> None:
        """The last good file counts; the workers tell of a faulty one."""
        content = read_bytes(self.routing)
        if isinstance(content, Fault) or content == self._content:
            return
        self._content = content
        with suppress(RoutingError):
            self._config = parse_bytes(content, self.abilities)
            self._troubles.clear()

    def _wanted(self) -> Mapping[str, Owner]:
        if self._config is None:
            return {}
        return {
            name: owner_for(domain.phase)
            for name, domain in self._config.domains.items()
            if name in self.domains
        }

    def _due(self, domain: str, wanted: Owner) -> bool:
        trouble = self._troubles.get(domain)
        return trouble is None or trouble.wanted is not wanted or monotonic() >= trouble.at

    def _hand_over(self, native: Connection, domain: str, to: Owner) -> None:
        held = held_seconds(self._failed(domain, to))
        order = Order(domain, to, "routing.yaml", "the file wants it", self.holder, held)
        try:
            with _unhindered(self.ends.source(Direction.FORWARD)) as legacy:
                pairs = self._pairs(legacy, native, domain)
            wish = self._wish(native, domain)
            reasons = objections(self.ends, pairs, to, forced=wish.forced)
            if reasons := reasons or self._against_moving(native, wish, to):
                self._refused(native, order, "refused", "; ".join(reasons))
                return
            done = Flip(self.ends, pairs, order).carry_out()
        except NotNowError as error:
            self._refused(native, order, "given up", str(error))
        except BridgeError as error:
            self._refused(native, order, "refused", str(error))
        else:
            self._done(order, done)

    def _failed(self, domain: str, to: Owner) -> int:
        """How many attempts came to nothing."""
        trouble = self._troubles.get(domain)
        return trouble.failed if trouble and trouble.wanted is to else 0

    def _wish(self, native: Connection, domain: str) -> Wish:
        assert self._config is not None  # noqa: S101  # it wants another owner
        asking = store.last_askings(native).get(domain, store.NOBODY_ASKED)
        return Wish.of(domain, self._config, asking)

    def _against_moving(self, native: Connection, wish: Wish, to: Owner) -> tuple[str, ...]:
        """Going back needs no gate."""
        let = store.read_phases(native).get(wish.name)
        if to is Owner.LEGACY or let is None:
            return ()
        return self.letting.against_moving(native, wish, let)

    def _done(self, order: Order, done: Done) -> None:
        self._troubles.pop(order.domain, None)
        log.info(
            "handed_over",
            domain=order.domain,
            to=str(order.to),
            pause=done.pause,
            steps={step.name: step.seconds for step in done.steps},
        )

    def _refused(self, native: Connection, order: Order, result: str, reason: str) -> None:
        before = self._troubles.get(order.domain)
        failed = self._failed(order.domain, order.to) + 1
        again_at = monotonic() + seconds_until_next(failed)
        self._troubles[order.domain] = _Trouble(order.to, reason, failed, again_at)
        if failed > 1 and before and before.reason == reason:
            return  # it was said
        log.warning("not_handed_over", domain=order.domain, to=str(order.to), reason=reason)
        store.write_change(native, order.change(result, reason))

    def _pairs(self, legacy: Connection, native: Connection, domain: str) -> Sequence[TablePair]:
        wanted = {domain: self.domains[domain]}
        return directed_pairs(legacy, native, wanted, Direction.FORWARD)

    def _number_apart(self, native: Connection, owners: Owners) -> None:
        """Once a leadership: whoever led before may have been killed before it came to that."""
        if self._numbered:
            return
        with _unhindered(self.ends.source(Direction.FORWARD)) as legacy:
            for domain in travelling(self.domains, owners):
                ownership = owners.known.get(domain)
                if ownership is not None:
                    other = native if ownership.owner is Owner.LEGACY else legacy
                    pairs = self._pairs(legacy, native, domain)
                    number_apart(other, pairs, ownership.owner)
                    rejecting.as_said(other, pairs, ownership.owner, ownership.strays)
        self._numbered = True


@contextmanager
def _unhindered(end: End) -> Iterator[Connection]:
    """Whoever leads says what is in the way, also where commits wait for a standby: its own do
    not."""
    with connected(end.url, end.what) as side:
        side.execute("SET synchronous_commit = 'local'")
        yield side


def _may_move(let: Let | None, to: Owner) -> bool:
    """Rows go native only where the gates have let the domain's pages go before."""
    return to is Owner.LEGACY or let is None or let.placed.phase is Phase.READS
