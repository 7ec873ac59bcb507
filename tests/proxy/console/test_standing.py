"""What is wanted, what is, and how far the migration has come: decided without a database."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from legacy_bridge.replication.owners import Owner, Owners, Ownership
from proxy.console.progress import Part, Route, progress
from proxy.console.reading.state import State
from proxy.console.standing import Standing, stand
from proxy.ownership.phases import Phase, Side
from proxy.ownership.standing import Placed
from proxy.ownership.store import Let
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable
from proxy.traffic.load import Load
from proxy.traffic.reading import Hit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=31)


def routing(phase: str) -> str:
    return f"""version: 1
domains:
  downloads:
    phase: {phase}
    routes:
      - /downloads/**
      - {{path: /api/**, methods: [GET, HEAD]}}
      - {{path: /downloads/old/**, pin: legacy}}
"""


def state(
    owner: Owner = Owner.LEGACY,
    let: Let | None = None,
    troubles: Mapping[str, str] | None = None,
) -> State:
    return State(
        owners=Owners({"downloads": Ownership(owner)}),
        owned_since={"downloads": LONG_AGO},
        let={"downloads": let} if let else {},
        flipped={},
        troubles=troubles or {},
        fenced=frozenset(),
        rows={},
        workers=(),
    )


def let(phase: Phase, weight: float = 0.0, trouble: str = "") -> Let:
    return Let(Placed(phase, weight, 1), "", trouble, NOW)


def stood(phase: str, known: State | None) -> Standing:
    config = parse(routing(phase), {"downloads"}).domains["downloads"]
    return stand("downloads", config, known)


@pytest.mark.parametrize(
    ("phase", "known", "wanted", "has", "reason"),
    [
        ("reads", None, "reads", "reads", None),
        ("reads", state(), "reads", "reads", None),
        (
            "reads",
            state(let=let(Phase.SHADOW)),
            "reads",
            "shadow",
            "it has not been let further yet",
        ),
        ("legacy", state(let=let(Phase.READS)), "legacy", "legacy", None),
        (
            "reads",
            state(let=let(Phase.SHADOW, trouble="parity is 90 %")),
            *("reads", "shadow", "parity is 90 %"),
        ),
        ("native", state(Owner.NATIVE), "native", "native", None),
        ("native", state(), "native", "reads", "its rows are the legacy side's until"),
        (
            "native",
            state(troubles={"downloads": "the stream is 9 s behind"}),
            *("native", "reads", "its rows are the legacy side's until"),
        ),
        ("reads", state(Owner.NATIVE), "reads", "native", "its rows are still the native side's"),
        ("retired", state(Owner.NATIVE), "retired", "native", "that is for good, so that the file"),
        ("native", state(Owner.NATIVE, let(Phase.RETIRED)), "native", "retired", None),
        ("reads", state(Owner.NATIVE, let(Phase.RETIRED)), "reads", "retired", "it is retired"),
    ],
)
def test_standing(
    phase: str, known: State | None, wanted: str, has: str, reason: str | None
) -> None:
    found = stood(phase, known)
    assert (str(found.wanted), str(found.has)) == (wanted, has)
    assert found.settled is (wanted == has or (wanted, has) == ("native", "retired"))
    if reason is None:
        assert found.reason is None
    else:
        assert found.reason is not None
        assert found.reason.startswith(reason)


def test_the_last_attempt_is_told() -> None:
    found = stood("native", state(troubles={"downloads": "the stream is 9 s behind"}))
    assert found.reason is not None
    assert found.reason.endswith("; the last attempt: the stream is 9 s behind")


def test_a_canary_has_its_weight() -> None:
    config = parse(
        "version: 1\ndomains:\n  downloads:\n    phase: canary\n    weight: 20\n"
        "    routes: [/x/**]\n",
        {"downloads"},
    ).domains["downloads"]
    found = stand("downloads", config, state(let=let(Phase.CANARY, 5.0)))
    assert (str(found.wanted), str(found.has), found.settled) == (
        "canary 20 %",
        "canary 5 %",
        False,
    )


def test_a_domain_that_the_file_does_not_name() -> None:
    found = stand("downloads", None, state())
    assert (found.wanted, found.has.phase, found.reason) == (None, Phase.LEGACY, None)
    left = stand("downloads", None, state(Owner.NATIVE))
    assert left.has.phase is Phase.NATIVE
    assert left.reason is not None


def routes(phase: str, known: State, hits: list[Hit]) -> dict[str, Route]:
    table = RoutingTable.build(parse(routing(phase), {"downloads"}))
    standings = {"downloads": stood(phase, known)}
    found = progress(standings, {"downloads": ("a", "b")}, table, hits, {}, None, NOW)
    assert found is not None
    return {route.route: route for route in found.routes}


def hit(days: float, side: Side = Side.LEGACY, route: str = "/downloads/**") -> Hit:
    return Hit("downloads", route, side, NOW - timedelta(days=days), 7)


@pytest.mark.parametrize(
    ("known", "hits", "safe", "idle"),
    [
        (state(Owner.NATIVE), [], True, None),
        (state(Owner.NATIVE), [hit(30)], True, 30),
        (state(Owner.NATIVE), [hit(29.99)], False, 29),
        (state(Owner.NATIVE), [hit(0, Side.NATIVE)], True, None),
        (state(), [hit(100)], False, 100),
    ],
)
def test_what_is_safe_to_delete(
    known: State, hits: list[Hit], safe: bool, idle: int | None
) -> None:
    route = routes("native", known, hits)["/downloads/**"]
    assert (route.safe, route.idle_days) == (safe, idle)


def test_what_became_native_lately_is_not_safe() -> None:
    known = state(Owner.NATIVE)
    recent = State(
        **{name: getattr(known, name) for name in State.__slots__}
        | {"owned_since": {"downloads": NOW - timedelta(days=29)}}
    )
    assert not routes("native", recent, [])["/downloads/**"].safe


def test_in_reads_only_rules_for_reading_are_native() -> None:
    found = routes("reads", state(let=let(Phase.READS)), [])
    assert {name: (route.native, route.pinned) for name, route in found.items()} == {
        "/downloads/**": (False, False),
        "GET,HEAD /api/**": (True, False),
        "/downloads/old/**": (False, True),
    }


def test_progress_counts() -> None:
    table = RoutingTable.build(parse(routing("native"), {"downloads"}))
    standings = {"downloads": stood("native", state(Owner.NATIVE))}
    day = {("downloads", "native"): Load(30), ("", "legacy"): Load(70)}
    found = progress(standings, {"downloads": ("a", "b")}, table, [], day, None, NOW)
    assert found is not None
    assert (found.rules, found.requests, found.tables) == (Part(2, 3), Part(30, 100), Part(2, 2))
    assert progress(standings, {}, table, None, None, None, NOW) is None
