"""How far a domain is let: what routing.yaml wants, held against what the domain has shown.

nobody has said          as far as the file wants, for it was so before
the file wants less      at once
the file wants more      when the gates let it; else why not, and it is looked at again
the canary goes wrong    back to where its visitors were safe, until somebody asks anew
it is retired            it stays so
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Self

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.lag import stream_statuses
from proxy.ownership import store
from proxy.ownership.gates import Gate, breaches, is_open, judge
from proxy.ownership.measures import Measures, measure, watch
from proxy.ownership.phases import FOR_GOOD, Phase, up_to
from proxy.ownership.standing import Placed, is_met
from proxy.ownership.store import NOBODY_ASKED, Asked, Change, Let
from proxy.routing.config import DomainConfig, GatesConfig, RoutingConfig

FORWARD_SECONDS = 1.0
"""Between two looks at gates that did not let a domain pass."""
CANARY_SECONDS = 0.5
ROLLED_BACK = "rolled back: "
"""Before what was asked for, when it went wrong."""

Measure = Callable[[Connection, str, Let, GatesConfig], Measures]


def measure_by(ends: Ends, tables: Mapping[str, Sequence[str]]) -> Measure:
    """`tables` are the native ones of each domain."""

    def measured(native: Connection, name: str, let: Let, gates: GatesConfig) -> Measures:
        streams = stream_statuses(ends.legacy_url, ends.native_url)
        return measure(native, streams, name, tables.get(name, ()), let.since, gates.window)

    return measured


class Step(Enum):
    """What comes next."""

    ADOPT = "adopt"
    STAY = "stay"
    BACK = "back"
    FORWARD = "forward"


def target(domain: DomainConfig) -> Placed:
    """How far the file wants it, as long as the legacy side owns the rows."""
    canary = domain.held is Phase.CANARY
    return Placed(domain.held, (domain.weight or 0.0) if canary else 0.0)


def next_step(wanted: Placed, let: Let | None, asked: str) -> Step:
    if let is None:
        return Step.ADOPT
    if up_to(wanted.phase, let.placed.phase) is not let.placed.phase:
        return Step.BACK
    if wanted.phase is let.placed.phase and wanted.weight <= let.placed.weight:
        return Step.STAY if wanted.weight == let.placed.weight else Step.BACK
    return Step.STAY if let.asked == ROLLED_BACK + asked else Step.FORWARD


def refusals(gates: Sequence[Gate], *, forced: bool) -> tuple[str, ...]:
    """Why a domain may not pass, each with what to do."""
    return tuple(
        f"{gate.name}: {gate.value}; wanted: {gate.wanted} — {gate.remedy}"
        for gate in gates
        if not gate.passed and not (forced and gate.soft)
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What the file wants of a domain. `asked` tells this wish from the one before; `forced`: the
    last asking for just this was with --force."""

    name: str
    domain: DomainConfig
    gates: GatesConfig
    asked: str
    forced: bool

    @classmethod
    def of(cls, name: str, config: RoutingConfig, asking: Asked) -> Self:
        """`asking`: the last one for the domain."""
        domain = config.domains[name]
        wanted = str(Placed(domain.phase, domain.weight or 0.0))
        asked = f"{wanted} #{asking.number}"
        return cls(name, domain, config.gates_of(name), asked, asking.forces(wanted))

    @property
    def target(self) -> Placed:
        return target(self.domain)


@dataclass(slots=True)
class Letting:
    """`measure` tells what a domain has shown since it was let so far; `holder` has to lead."""

    measure: Measure
    holder: str
    _looked: dict[tuple[str, float], float] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)

    def see_to_all(self, native: Connection, config: RoutingConfig) -> None:
        """One look at every domain; at canaries first, as nothing of theirs needs another
        database."""
        askings = store.last_askings(native)
        wishes = [Wish.of(name, config, askings.get(name, NOBODY_ASKED)) for name in config.domains]
        known = store.read_phases(native)
        if not known:
            self._adopt(native, wishes)
            return
        ended = {wish.name for wish in wishes if self._watch(native, wish, known.get(wish.name))}
        for wish in wishes:
            if wish.name not in ended:
                self.see_to(native, wish, known.get(wish.name))

    def see_to(self, native: Connection, wish: Wish, let: Let | None) -> None:
        """One look at one domain."""
        if let is None:  # new in the file: it has shown nothing yet
            self._write(native, wish, None, Placed(Phase.LEGACY), "")
            return
        if let.placed.phase is Phase.RETIRED:
            self._stay_retired(native, wish, let)
            return
        step = next_step(wish.target, let, wish.asked)
        if step is Step.BACK:
            self._let(native, wish, let, "the file wants it")
        elif step is Step.FORWARD:
            self._forward(native, wish, let)
        elif let.asked not in (wish.asked, ROLLED_BACK + wish.asked) or (
            let.trouble and let.asked == wish.asked
        ):
            self._write(native, wish, let, let.placed, "")

    def _stay_retired(self, native: Connection, wish: Wish, let: Let) -> None:
        """An edit that wants it back is held, and said so once."""
        trouble = "" if is_met(Placed(wish.domain.phase), let.placed) else FOR_GOOD
        if (let.asked, let.trouble) == (wish.asked, trouble):
            return
        if self._write(native, wish, let, let.placed, trouble) and trouble:
            self._record(native, wish.name, let.placed, wish.target, "refused", trouble)

    def against_moving(self, native: Connection, wish: Wish, let: Let) -> tuple[str, ...]:
        """Why the rows of a domain in `reads` may not go native."""
        measures = self.measure(native, wish.name, let, wish.gates)
        judged = judge(measures, Phase.READS, Phase.NATIVE, wish.gates)
        return refusals(judged, forced=wish.forced)

    def _adopt(self, native: Connection, wishes: Sequence[Wish]) -> None:
        """What was served before there were gates goes on; all of it, or none."""
        with native.transaction():
            for wish in wishes:
                self._write(native, wish, None, wish.target, "")

    def _forward(self, native: Connection, wish: Wish, let: Let) -> None:
        if let.asked == wish.asked and not self._due(wish.name, FORWARD_SECONDS):
            return
        reasons = self._against(native, wish, let)
        if not reasons:
            self._let(native, wish, let, "the gates let it")
            return
        trouble = "; ".join(reasons)
        if let.asked != wish.asked or let.trouble != trouble:
            self._write(native, wish, let, let.placed, trouble)
        if self._refused.get(wish.name) != wish.asked:
            self._refused[wish.name] = wish.asked
            self._record(native, wish.name, let.placed, wish.target, "refused", trouble)

    def _against(self, native: Connection, wish: Wish, let: Let) -> tuple[str, ...]:
        """Before `native` nothing stands in the way that `gates: off` or --force do not pass, so
        that it need not be possible to ask; an installation without a stream has no figures."""
        if is_open(wish.gates):
            return ()
        try:
            measures = self.measure(native, wish.name, let, wish.gates)
        except BridgeError as error:
            return () if wish.forced else (str(error),)
        judged = judge(measures, let.placed.phase, wish.target.phase, wish.gates)
        return refusals(judged, forced=wish.forced)

    def _watch(self, native: Connection, wish: Wish, let: Let | None) -> bool:
        """Whether a canary went wrong, and was ended, whatever the file wants by now."""
        if let is None or let.placed.phase is not Phase.CANARY:
            return False
        if not self._due(wish.name, CANARY_SECONDS):
            return False
        found = breaches(watch(native, wish.name, let.since, wish.gates.window), wish.gates)
        if not found:
            return False
        trouble = f"the canary was ended: {'; '.join(found)}"
        back = Placed(Phase.SHADOW)
        if self._write(native, wish, let, back, trouble, mark=ROLLED_BACK):
            self._record(native, wish.name, let.placed, back, "done", trouble)
        return True

    def _let(self, native: Connection, wish: Wish, let: Let, why: str) -> None:
        if self._write(native, wish, let, wish.target, ""):
            self._record(native, wish.name, let.placed, wish.target, "done", why)

    def _write(
        self,
        native: Connection,
        wish: Wish,
        let: Let | None,
        placed: Placed,
        trouble: str,
        mark: str = "",
    ) -> bool:
        """Whether we still lead, and it was as we saw it."""
        new = Let(placed, asked=mark + wish.asked, trouble=trouble)
        return store.write_phase(native, wish.name, new, seen=let, holder=self.holder)

    def _due(self, name: str, seconds: float) -> bool:
        looked = self._looked.get((name, seconds), float("-inf"))
        due = monotonic() - looked >= seconds
        if due:
            self._looked[name, seconds] = monotonic()
        return due

    @staticmethod
    def _record(
        native: Connection, name: str, before: Placed, after: Placed, result: str, reason: str
    ) -> None:
        store.write_change(
            native,
            Change(
                domain=name,
                action="let",
                before=str(before),
                after=str(after),
                made_by="gates",
                why="",
                result=result,
                reason=reason,
            ),
        )
