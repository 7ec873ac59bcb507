"""`strangler bench forward`: what it prints, and its exit codes."""

import json
import shutil
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from proxy.bench import forward, peers
from proxy.bench.cases import CASES
from proxy.bench.figures import TARGETS
from proxy.bench.forward import Plan, Report, measure
from proxy.cli import main
from tests.longer import LONGER

CONTRACT = {
    "name": str,
    "connections": int,
    "body": int,
    "direction": str,
    "fields": str,
    "rps": float,
    "p50_ms": float,
    "p99_ms": float,
    "errors": int,
}
"""The keys of a result: those of contract.md, and `fields`."""


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", "forward", *arguments])


@LONGER
def test_json_has_the_shape_of_the_contract() -> None:
    nginx = ["nginx"] if shutil.which("nginx", path=peers.PLACES_OF_NGINX) else []
    names = ["strangler", *nginx, "direct"]
    done = bench("--json", "--seconds", "0.3", "--rounds", "1", "--peers", ",".join(names))
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    for one in told["results"]:
        assert {name: type(one[name]) for name in CONTRACT} == CONTRACT
    seen = [
        (one["name"], one["connections"], one["body"], one["direction"], one["fields"])
        for one in told["results"]
    ]
    assert seen == [
        (name, case.connections, case.body, case.direction, case.fields)
        for case in CASES
        for name in names
    ]
    assert [one["errors"] for one in told["results"]] == [0] * len(seen)
    assert [one["against"] for one in told["ratios"]] == nginx * len(CASES)
    assert [one["met"] is None for one in told["targets"]] == [not nginx] * 2 + [True, True]


@pytest.fixture(scope="module")
def measured() -> Report:
    return measure(Plan(names=["direct"], rounds=1, seconds=0.05, cases=CASES[:1]))


def give(monkeypatch: pytest.MonkeyPatch, report: Report) -> list[Plan]:
    """Have the command measure nothing and get this report; the plans that it asked for."""
    asked: list[Plan] = []

    def given(plan: Plan, on_turn: object) -> Report:
        asked.append(plan)
        return report

    monkeypatch.setattr(forward, "measure", given)
    return asked


def with_errors(report: Report) -> Report:
    (direct,) = report.results
    wrong = replace(direct, errors=3, error_reasons={"closed": 2, "status 502": 1})
    return replace(report, results=[wrong])


def test_wrong_answers_are_told_and_make_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, measured: Report
) -> None:
    give(monkeypatch, with_errors(measured))
    done = bench("--peers", "direct")
    assert done.exit_code == 1
    assert "1 KB down, 1 connection, direct: 2 × closed, 1 × status 502" in done.stdout.splitlines()  # noqa: RUF001
    as_json = bench("--peers", "direct", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["results"][0]["errors"] == 3


def test_the_table_names_every_peer_and_target(
    monkeypatch: pytest.MonkeyPatch, measured: Report
) -> None:
    report = replace(measured, skipped={"nginx": "it is not there"})
    give(monkeypatch, report)
    done = bench()
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert "nginx left out: it is not there" in lines
    (row,) = [line.split() for line in lines if " direct " in line]
    assert row[:5] == ["1", "KB", "down,", "1", "connection"]
    assert [line for line in lines if "not measured" in line] == [
        line for line in lines if " at " in line
    ]
    assert len([line for line in lines if "not measured" in line]) == len(TARGETS)


@pytest.mark.parametrize(
    ("arguments", "rounds", "seconds"),
    [
        ([], 5, 1.0),
        (["--short"], 3, 0.3),
        (["--short", "--seconds", "2"], 3, 2.0),
        (["--rounds", "9"], 9, 1.0),
    ],
)
def test_how_long_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    measured: Report,
    arguments: list[str],
    rounds: int,
    seconds: float,
) -> None:
    asked = give(monkeypatch, measured)
    bench(*arguments, "--peers", " direct,nginx,direct")
    assert asked == [Plan(names=["direct", "nginx"], rounds=rounds, seconds=seconds)]


def test_a_missing_package_is_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None if name == "aiohttp" else object())
    done = bench()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "strangler bench: not installed: aiohttp — install them (pip install aiohttp), "
        "or measure without: --peers strangler,nginx,direct"
    )


def test_a_peer_that_nobody_knows_is_exit_code_2() -> None:
    done = bench("--peers", "strangler,apache")
    assert done.exit_code == 2
    assert (
        "there is no 'apache'; choose from strangler, nginx, httpx, aiohttp, direct" in done.stderr
    )


def test_another_system_than_linux_is_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    done = bench()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("strangler bench: this benchmark needs Linux")
