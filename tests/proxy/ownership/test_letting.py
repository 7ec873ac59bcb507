"""How far a domain is let: the table of what comes next, and what becomes of it in a database."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership import store
from proxy.ownership.letting import ROLLED_BACK, Letting, Step, next_step
from proxy.ownership.measures import Measures
from proxy.ownership.phases import FOR_GOOD, Phase
from proxy.ownership.standing import Placed
from proxy.ownership.store import FORCED, Change, Let
from proxy.routing.config import GatesConfig, RoutingConfig

LEGACY, SHADOW, CANARY, READS, NATIVE, RETIRED = Phase
OFF = GatesConfig.model_validate("off")


def let(phase: Phase, weight: float = 0.0, asked: str = "x") -> Let:
    return Let(Placed(phase, weight), asked, "")


@pytest.mark.parametrize(
    ("wanted", "known", "step"),
    [
        (Placed(READS), None, Step.ADOPT),
        (Placed(READS), let(READS), Step.STAY),
        (Placed(SHADOW), let(READS), Step.BACK),
        (Placed(READS), let(SHADOW), Step.FORWARD),
        (Placed(CANARY, 10), let(CANARY, 10), Step.STAY),
        (Placed(CANARY, 5), let(CANARY, 10), Step.BACK),
        (Placed(CANARY, 20), let(CANARY, 10), Step.FORWARD),
        (Placed(CANARY, 20), let(READS), Step.BACK),
        (Placed(CANARY, 10), let(SHADOW, asked=ROLLED_BACK + "x"), Step.STAY),
        (Placed(CANARY, 10), let(SHADOW, asked=ROLLED_BACK + "y"), Step.FORWARD),
        (Placed(LEGACY), let(SHADOW, asked=ROLLED_BACK + "x"), Step.BACK),
    ],
)
def test_what_comes_next(wanted: Placed, known: Let | None, step: Step) -> None:
    assert next_step(wanted, known, "x") is step


@dataclass
class Site:
    """One domain, and what it has shown."""

    native: Connection
    measures: Measures = field(default_factory=lambda: Measures(domain="downloads"))

    def __post_init__(self) -> None:
        self.letting = Letting(lambda *_: self.measures, "test")

    def see_to(self, phase: Phase, weight: float | None = None, gates: GatesConfig = OFF) -> Let:
        share = {} if weight is None else {"weight": weight}
        domain = {"phase": phase, **share}
        config = RoutingConfig.model_validate({"version": 1, "domains": {"downloads": domain}})
        self.letting._looked.clear()  # not only once a second
        assert store.lead(self.native, "test")
        self.letting.see_to_all(self.native, config.model_copy(update={"gates": gates}))
        return store.read_phases(self.native)["downloads"]

    def ask(self, after: str = "reads", *, forced: bool = False) -> None:
        reason = FORCED if forced else ""
        change = Change(
            domain="downloads",
            action="phase",
            before="",
            after=after,
            made_by="a test",
            why="",
            result="done",
            reason=reason,
        )
        store.write_change(self.native, change)

    def recorded(self) -> list[tuple[str, str, str]]:
        found = self.native.execute(
            "SELECT before, after, result FROM ownership_changes WHERE action = 'let' ORDER BY id"
        )
        return [(before, after, result) for before, after, result in found]


@pytest.fixture(scope="module")
def url(stack: EmbeddedStack, native_template: str) -> str:
    return stack.create_database("letting", native_template)


@pytest.fixture
def site(url: str) -> Iterator[Site]:
    with psycopg.connect(url, autocommit=True) as native:
        native.execute("TRUNCATE ownership_phases, ownership_changes, ownership_leader")
        yield Site(native)


def test_what_was_so_before_is_taken_over(site: Site) -> None:
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is READS
    assert site.recorded() == []


def test_without_anything_shown_it_is_refused_and_said_once(site: Site) -> None:
    site.see_to(SHADOW)
    for _ in range(3):
        there = site.see_to(READS, gates=GatesConfig())
    assert there.placed.phase is SHADOW
    assert "strangler" in there.trouble or "shadow" in there.trouble
    assert site.recorded() == [("shadow", "reads", "refused")]
    site.ask()
    site.see_to(READS, gates=GatesConfig())
    assert site.recorded() == [("shadow", "reads", "refused")] * 2


def test_gates_that_are_off_let_it(site: Site) -> None:
    began = site.see_to(LEGACY)
    there = site.see_to(READS)
    assert (there.placed.phase, there.trouble) == (READS, "")
    assert there.placed.epoch > began.placed.epoch
    assert site.recorded() == [("legacy", "reads", "done")]


def test_force_passes_soft_gates(site: Site) -> None:
    site.see_to(SHADOW)
    site.ask(forced=True)
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is READS


def test_back_needs_no_gate(site: Site) -> None:
    site.see_to(READS)
    assert site.see_to(SHADOW, gates=GatesConfig()).placed.phase is SHADOW


def test_native_is_let_as_reads_are(site: Site) -> None:
    site.see_to(LEGACY)
    assert site.see_to(NATIVE).placed.phase is READS


def test_a_weight_changes_and_the_canary_is_the_same(site: Site) -> None:
    site.see_to(SHADOW)
    first = site.see_to(CANARY, 10)
    more = site.see_to(CANARY, 20)
    less = site.see_to(CANARY, 5)
    assert [one.placed.weight for one in (first, more, less)] == [10, 20, 5]
    assert len({one.placed.epoch for one in (first, more, less)}) == 1
    assert first.since == less.since


def test_a_canary_that_goes_wrong_ends_until_somebody_asks(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.see_to(SHADOW)
    began = site.see_to(CANARY, 10)
    monkeypatch.setattr("proxy.ownership.letting.breaches", lambda *_: ("it fails",))
    ended = site.see_to(CANARY, 10)
    assert (ended.placed.phase, ended.trouble) == (SHADOW, "the canary was ended: it fails")
    assert ended.placed.epoch > began.placed.epoch
    monkeypatch.undo()
    assert site.see_to(CANARY, 10).placed.phase is SHADOW
    site.ask()
    assert site.see_to(CANARY, 10).placed.phase is CANARY
    assert site.recorded() == [
        ("shadow", "canary 10 %", "done"),
        ("canary 10 %", "shadow", "done"),
        ("shadow", "canary 10 %", "done"),
    ]


def test_a_canary_is_watched_whatever_the_file_wants_by_now(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.see_to(SHADOW)
    site.see_to(CANARY, 10)
    monkeypatch.setattr("proxy.ownership.letting.breaches", lambda *_: ("it fails",))
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is SHADOW


def test_asking_again_for_the_same_does_not_undo_its_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.see_to(SHADOW)
    site.see_to(CANARY, 10)
    site.ask("canary 10 %", forced=True)
    site.see_to(CANARY, 10)
    monkeypatch.setattr("proxy.ownership.letting.breaches", lambda *_: ("it fails",))
    site.see_to(CANARY, 10)
    monkeypatch.undo()
    assert site.see_to(CANARY, 10).placed.phase is SHADOW


def test_force_is_for_what_was_asked_for_only(site: Site) -> None:
    site.see_to(SHADOW)
    site.ask("canary 10 %", forced=True)
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is SHADOW


def test_a_domain_that_is_new_in_the_file_begins_at_legacy(site: Site) -> None:
    site.native.execute(
        "INSERT INTO ownership_phases VALUES ('users', 'reads', NULL, 1, now(), '', '')"
    )
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is LEGACY


def test_who_does_not_lead_any_more_writes_nothing(site: Site) -> None:
    there = site.see_to(SHADOW)
    site.native.execute("UPDATE ownership_leader SET holder = 'another'")
    new = Let(Placed(READS), "x", "")
    assert not store.write_phase(site.native, "downloads", new, seen=there, holder="test")
    assert store.read_phases(site.native)["downloads"] == there


def test_what_was_written_meanwhile_stays(site: Site) -> None:
    seen = site.see_to(SHADOW)
    ended = site.see_to(LEGACY)
    new = Let(Placed(READS), "x", "")
    assert not store.write_phase(site.native, "downloads", new, seen=seen, holder="test")
    assert store.read_phases(site.native)["downloads"] == ended


def test_what_cannot_be_measured_is_refused_and_says_why(site: Site) -> None:
    def measure(*_: object) -> Measures:
        raise BridgeError("the legacy database cannot be reached")

    site.see_to(LEGACY)
    site.letting.measure = measure
    there = site.see_to(READS, gates=GatesConfig())
    assert (there.placed.phase, there.trouble) == (
        LEGACY,
        "the legacy database cannot be reached",
    )
    assert site.see_to(READS).placed.phase is READS
    assert site.see_to(LEGACY).placed.phase is LEGACY
    site.ask("reads", forced=True)
    assert site.see_to(READS, gates=GatesConfig()).placed.phase is READS


def test_a_retired_domain_stays_so_and_an_edit_that_wants_it_back_is_told_once(site: Site) -> None:
    site.see_to(READS)
    before = store.read_phases(site.native)["downloads"]
    store.write_retired(site.native, "downloads")
    stale = Let(Placed(LEGACY), "x", "")
    assert not store.write_phase(site.native, "downloads", stale, seen=before, holder="test")
    for wanted in (NATIVE, RETIRED, READS, READS, LEGACY):
        there = site.see_to(wanted)
        assert there.placed.phase is RETIRED
        assert there.trouble == ("" if wanted in (NATIVE, RETIRED) else FOR_GOOD)
    assert site.recorded() == [
        ("retired", "reads", "refused"),
        ("retired", "legacy", "refused"),
    ]
    assert site.see_to(NATIVE).trouble == ""
