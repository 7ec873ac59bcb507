"""`strangler bench crowd`, `memory` and `all`: what they print, and their exit codes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from proxy.bench import crowded, forward, memory, shadow
from proxy.bench.bridge import plan as bridge_plan
from proxy.bench.bridge import report as bridge
from proxy.bench.bridge.plan import BridgePlan
from proxy.bench.bridge.report import BridgeReport
from proxy.bench.cases import CASES
from proxy.bench.cores import Cores
from proxy.bench.crowded import VISITORS, Beside, CrowdPlan, CrowdReport
from proxy.bench.figures import Ratio, Round, result
from proxy.bench.forward import Plan, Report
from proxy.bench.memory import MIB, Added, MemoryPlan, MemoryReport
from proxy.bench.pages import report as pages
from proxy.bench.pages.report import PagesPlan, PagesReport
from proxy.bench.passage import Passage, Passed
from proxy.bench.shadow import PLAIN, SHADOWED, ShadowPlan, ShadowReport
from proxy.cli import main

MACHINE = {"processor": "Z80", "cores": 2, "load": 0.5}
CORES = Cores(peer=frozenset({1}), driver=frozenset({0}))


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", *arguments])


def give(monkeypatch: pytest.MonkeyPatch, module: Any, report: Callable[[Any], Any]) -> list[Any]:
    """Have a benchmark measure nothing and report this of its plan; the plans that it was asked."""
    asked: list[Any] = []

    def given(plan: Any, on_turn: object) -> Any:
        asked.append(plan)
        return report(plan)

    monkeypatch.setattr(module, "measure", given)
    return asked


def a_round(requests: int, errors: dict[str, int]) -> Round:
    return Round(
        requests=requests,
        seconds=1.0,
        p50_ms=1.0,
        p95_ms=1.5,
        p99_ms=2.0,
        errors=errors,
        peer_cpu=0.9,
        driver_cpu=0.5,
    )


def crowd_report(kept: float, errors: dict[str, int]) -> Callable[[CrowdPlan], CrowdReport]:
    def report(plan: CrowdPlan) -> CrowdReport:
        ours = Beside(
            name="strangler",
            alone=result("strangler", VISITORS, [a_round(1000, {})]),
            crowded=result("strangler", VISITORS, [a_round(900, errors)]),
            kept=Ratio(against="alone", case=VISITORS, rps=kept, p50=1.0),
            slow_answers=7,
        )
        skipped = {"nginx": "it is not there"}
        return CrowdReport(plan=plan, cores=CORES, machine=MACHINE, skipped=skipped, results=[ours])

    return report


def shadow_report(kept: float, errors: int = 0) -> Callable[[ShadowPlan], ShadowReport]:
    def report(plan: ShadowPlan) -> ShadowReport:
        reasons = {"reset": errors} if errors else {}
        return ShadowReport(
            plan=plan,
            cores=CORES,
            machine=MACHINE,
            results=[
                result(PLAIN, shadow.CASE, [a_round(1000, {})]),
                result(SHADOWED, shadow.CASE, [a_round(970, reasons)]),
            ],
            ratio=Ratio(against=PLAIN, case=shadow.CASE, rps=kept, p50=1.0),
            compared=12,
            dropped=3400,
        )

    return report


@pytest.mark.parametrize(("kept", "verdict"), [(0.95, "met"), (0.949, "not met")])
def test_what_comparing_aside_costs(
    monkeypatch: pytest.MonkeyPatch, kept: float, verdict: str
) -> None:
    (asked,) = (give(monkeypatch, shadow, shadow_report(kept)),)
    shown = bench("shadow", "--short")
    assert shown.exit_code == 0
    assert "compared meanwhile: 12 answers; for 3,400 there was no time" in shown.stdout
    (line,) = [one for one in shown.stdout.splitlines() if "shadow ÷ off" in one]
    assert line.split()[-2 if verdict == "not met" else -1 :] == verdict.split()
    assert [(plan.rounds, plan.seconds) for plan in asked] == [(4, 0.5)]
    give(monkeypatch, shadow, shadow_report(kept, errors=1))
    failed = bench("shadow", "--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["ratio"] == kept


def memory_report(kib: int, *errors: str) -> Callable[[MemoryPlan], MemoryReport]:
    def report(plan: MemoryPlan) -> MemoryReport:
        passage = Passage(direction="up", framing="chunked", pace="slow")
        passed = Passed(
            octets=plan.size, seconds=2.0, pauses=3, waits=3, ahead=5 * MIB, errors=errors
        )
        results = [Added(passage=passage, passed=passed, kib=kib)]
        return MemoryReport(plan=plan, machine=MACHINE, before_kib=90_000, results=results)

    return report


def forward_report(plan: Plan) -> Report:
    direct = result("direct", CASES[0], [a_round(1000, {})])
    return Report(
        plan=plan,
        cores=CORES,
        machine=MACHINE,
        skipped={},
        results=[direct],
        ratios=[],
        verdicts=[],
    )


def bridge_report(plan: BridgePlan) -> BridgeReport:
    return BridgeReport(plan=plan, machine=MACHINE, load_after=1.5, results=[])


def pages_report(plan: PagesPlan) -> PagesReport:
    return PagesReport(plan=plan, cores=CORES, machine=MACHINE, results=[], written=0)


@pytest.mark.parametrize(("kept", "verdict"), [(0.9, "met"), (0.899, "not met")])
def test_the_crowds_table_tells_what_was_kept(
    monkeypatch: pytest.MonkeyPatch, kept: float, verdict: str
) -> None:
    give(monkeypatch, crowded, crowd_report(kept, {}))
    done = bench("crowd")
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "nginx left out: it is not there" in lines
    assert "alone strangler 1,000 1.000 2.000 0 900 90% -" in lines
    assert (
        f"beside 2,000 idle and 200 slow strangler 900 1.000 2.000 0 1000 90% {kept:.2f}" in lines
    )
    target = "requests/s of strangler beside the crowd ÷ alone at least 0.9"
    assert f"{target} {kept:.2f} {verdict}" in lines


def test_what_the_crowd_met_is_told_and_makes_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, crowded, crowd_report(1.0, {"idle: closed": 3, "status 502": 1}))
    done = bench("crowd")
    assert done.exit_code == 1
    told = "strangler, beside the crowd: 3 × idle: closed, 1 × status 502"  # noqa: RUF001
    assert told in done.stdout.splitlines()
    as_json = bench("crowd", "--json")
    assert as_json.exit_code == 1
    assert [row["errors"] for row in json.loads(as_json.stdout)["results"]] == [0, 4]


def test_the_crowd_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = give(monkeypatch, crowded, crowd_report(0.95, {}))
    done = bench("crowd", "--json", "--short", "--seconds", "2", "--peers", "strangler")
    assert done.exit_code == 0
    assert asked == [CrowdPlan(names=["strangler"], rounds=3, seconds=2.0, idle=2000, slow=200)]
    told = json.loads(done.stdout)
    crowds = [(row["idle"], row["slow"], row["slow_answers"]) for row in told["results"]]
    assert crowds == [(0, 0, 0), (2000, 200, 7)]
    assert told["ratios"] == [{"name": "strangler", "against": "alone", "rps": 0.95, "p50": 1.0}]
    target = {"measure": "rps", "against": "alone", "wanted": 0.9, "reached": 0.95, "met": True}
    assert told["targets"] == [target]


def test_memory_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = give(monkeypatch, memory, memory_report(65_536))
    done = bench("memory")
    assert done.exit_code == 0
    assert asked == [MemoryPlan(size=1024 * MIB, pauses=8)]
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "up, chunked, slow upstream 1,024 - 3 of 3 5,120 0 65,536" in lines
    assert "memory added, at most below 65,536 KiB 65,536 not met" in lines


def test_wrong_octets_are_told_and_make_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = give(monkeypatch, memory, memory_report(100, "other octets came than were sent"))
    done = bench("memory", "--short")
    assert done.exit_code == 1
    assert asked == [MemoryPlan(size=64 * MIB, pauses=3)]
    told = "up, chunked, slow upstream: other octets came than were sent"
    assert told in done.stdout.splitlines()
    as_json = bench("memory", "--short", "--json")
    assert as_json.exit_code == 1
    (row,) = json.loads(as_json.stdout)["results"]
    assert (row["added_kib"], row["errors"]) == (100, 1)
    assert row["error_reasons"] == ["other octets came than were sent"]


def test_all_of_them_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (
        give(monkeypatch, forward, forward_report),
        give(monkeypatch, crowded, crowd_report(0.95, {})),
        give(monkeypatch, memory, memory_report(100)),
        give(monkeypatch, bridge, bridge_report),
        give(monkeypatch, shadow, shadow_report(0.97)),
        give(monkeypatch, pages, pages_report),
    )
    told = json.loads(bench("all", "--json", "--short").stdout)
    assert [row["name"] for row in told["results"]] == ["direct"]
    assert told["crowd"]["targets"][0]["met"] is True
    assert told["memory"]["results"][0]["added_kib"] == 100
    assert [plan.rounds for (plan,) in asked[:2]] == [3, 3]
    assert (told["shadow"]["ratio"], told["shadow"]["met"]) == (0.97, True)
    assert told["bridge"]["machine"]["load_after"] == 1.5
    assert told["pages"]["targets"][0]["reached"] is None
    assert asked[2][0].size == 64 * MIB
    assert asked[3] == [replace(bridge_plan.SHORT, names=bridge_plan.PARTS)]
    done = bench("all", "--peers", "direct,nginx")
    assert done.exit_code == 0
    for heading in ("requests/s", "kept", "added KiB", "MiB"):
        assert any(heading in line for line in done.stdout.splitlines())
    assert asked[0][1].names == ["direct", "nginx"]
    assert asked[1][1].names == ["nginx"]


def test_one_that_failed_makes_exit_code_1_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, forward, forward_report)
    give(monkeypatch, crowded, crowd_report(0.95, {"slow: reset": 1}))
    give(monkeypatch, memory, memory_report(100))
    give(monkeypatch, bridge, bridge_report)
    give(monkeypatch, shadow, shadow_report(0.97))
    give(monkeypatch, pages, pages_report)
    assert bench("all").exit_code == 1
