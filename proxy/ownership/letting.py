"""How far a domain is let: what routing.yaml wants, held against what the domain has shown.

nobody has said          as far as the file wants, for it was so before
the file wants less      at once
the file wants more      when the gates let it; else why not, and it is looked at again
the canary goes wrong    back to where its visitors were safe, until somebody asks anew
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.lag import stream_statuses
from proxy.ownership import store
from proxy.ownership.gates import Gate, breaches, judge
from proxy.ownership.measures import Measures, measure, watch
from proxy.ownership.phases import Phase, up_to
from proxy.ownership.standing import Placed
from proxy.ownership.store import Change, Let
from proxy.routing.config import DomainConfig, GatesConfig

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


@dataclass(slots=True)
class Letting:
    """`measure` tells what a domain has shown since it was let so far."""

    measure: Measure
    _looked: dict[str, float] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)

    def see_to(
        self, native: Connection, name: str, domain: DomainConfig, gates: GatesConfig
    ) -> None:
        """One look at one domain."""
        wanted = target(domain)
        let = store.read_phases(native).get(name)
        asked = f"{wanted} #{store.last_asking(native, name)}"
        step = next_step(wanted, let, asked)
        if let is None:
            store.write_phase(native, name, wanted.phase, wanted.weight, asked, "")
        elif step is Step.BACK:
            self._let(native, name, let, wanted, asked, "the file wants it")
        elif step is Step.FORWARD:
            self._forward(native, name, let, wanted, asked, gates)
        elif let.placed.phase is Phase.CANARY:
            self._watch(native, name, let, gates)
        elif let.trouble and let.asked == asked:
            store.write_phase(native, name, wanted.phase, wanted.weight, asked, "")

    def against_moving(
        self, native: Connection, name: str, let: Let, gates: GatesConfig
    ) -> tuple[str, ...]:
        """Why the rows of a domain in `reads` may not go native."""
        measures = self.measure(native, name, let, gates)
        judged = judge(measures, Phase.READS, Phase.NATIVE, gates)
        return refusals(judged, forced=store.was_forced(native, name))

    def _forward(
        self,
        native: Connection,
        name: str,
        let: Let,
        wanted: Placed,
        asked: str,
        gates: GatesConfig,
    ) -> None:
        if let.asked == asked and not self._due(name, FORWARD_SECONDS):
            return
        measures = self.measure(native, name, let, gates)
        judged = judge(measures, let.placed.phase, wanted.phase, gates)
        reasons = refusals(judged, forced=store.was_forced(native, name))
        if not reasons:
            self._let(native, name, let, wanted, asked, "the gates let it")
            return
        trouble = "; ".join(reasons)
        if let.asked != asked or let.trouble != trouble:
            store.write_phase(native, name, let.placed.phase, let.placed.weight, asked, trouble)
        if self._refused.get(name) != asked:
            self._refused[name] = asked
            self._record(native, name, let.placed, wanted, "refused", trouble)

    def _watch(self, native: Connection, name: str, let: Let, gates: GatesConfig) -> None:
        """A canary that goes wrong ends."""
        if not self._due(name, CANARY_SECONDS):
            return
        found = breaches(watch(native, name, let.since, gates.window), gates)
        if not found:
            return
        trouble = f"the canary was ended: {'; '.join(found)}"
        back = Placed(Phase.SHADOW)
        asked = let.asked.removeprefix(ROLLED_BACK)
        store.write_phase(native, name, back.phase, None, ROLLED_BACK + asked, trouble)
        self._record(native, name, let.placed, back, "done", trouble)

    def _let(
        self, native: Connection, name: str, let: Let, wanted: Placed, asked: str, why: str
    ) -> None:
        store.write_phase(native, name, wanted.phase, wanted.weight, asked, "")
        self._record(native, name, let.placed, wanted, "done", why)

    def _due(self, name: str, seconds: float) -> bool:
        due = monotonic() - self._looked.get(name, float("-inf")) >= seconds
        if due:
            self._looked[name] = monotonic()
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
