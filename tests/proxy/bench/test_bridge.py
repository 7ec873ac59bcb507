"""`strangler bench bridge`: each part measured for real, as small as can be, and how it is told."""

import json

import pytest
from click.testing import CliRunner, Result

from proxy.bench.bridge import report
from proxy.bench.bridge.figures import Figure, Memory, Wanted, beside
from proxy.bench.bridge.plan import DEFAULT, FULL, PARTS, SHORT, BridgePlan
from proxy.bench.bridge.report import BridgeReport
from proxy.cli import main
from proxy.cli.bench.bridge import PARTS as OFFERED
from tests.longer import LONGER

MACHINE = {"processor": "Z80", "cores": 2, "load": 0.5}
AT_LEAST_HALF = Wanted("ratio", 0.5)


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", "bridge", *arguments])


def give(monkeypatch: pytest.MonkeyPatch, *figures: Figure) -> list[BridgePlan]:
    """Have it measure nothing and report these; the plans that it was asked."""
    asked: list[BridgePlan] = []

    def given(plan: BridgePlan, on_turn: object) -> BridgeReport:
        asked.append(plan)
        return BridgeReport(plan=plan, machine=MACHINE, load_after=1.5, results=list(figures))

    monkeypatch.setattr(report, "measure", given)
    return asked


def test_ratios_are_taken_within_rounds_and_the_worst_memory_counts() -> None:
    figure = beside(
        "copy",
        "boxes",
        [10.0, 30.0, 20.0],
        [20.0, 30.0, 80.0],
        "psql",
        wanted=AT_LEAST_HALF,
        memory=[Memory(80.0, 90.0), Memory(82.0, 95.5), Memory(81.0, 91.0)],
    )
    assert (figure.ours, figure.peer, figure.ratio, figure.met) == (20.0, 30.0, 0.5, True)
    assert (figure.before_mib, figure.peak_mib, figure.added_mib) == (82.0, 95.5, 13.5)


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        (Wanted("ours", 10.0, least=False), True),
        (Wanted("ours", 9.9, least=False), False),
        (Wanted("ours", 10.1), False),
        (Wanted("ratio", 0.5), None),
        (None, None),
    ],
)
def test_whether_what_is_wanted_is_met(wanted: Wanted | None, met: bool | None) -> None:
    figure = Figure(part="latency", name="p50", unit="ms", ours=10.0, wanted=wanted)
    assert figure.met is met


def test_the_table_and_what_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = [Memory(80.0, 90.0)]
    give(
        monkeypatch,
        beside("copy", "boxes", [600.0], [1000.0], "psql", wanted=AT_LEAST_HALF, memory=memory),
        Figure(part="idle", name="idle", unit="tx/s", ours=0.5, errors=("rows differ",)),
    )
    done = bench()
    assert done.exit_code == 1
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "Z80, 2 cores, load before 0.5, after 1.5" in lines
    assert "boxes psql 600.0 rows/s 1,000.0 0.60 ratio ≥ 0.5 met 80 → 90" in lines
    assert "idle - 0.5 tx/s - - - -" in lines
    assert "idle: rows differ" in lines


def test_what_is_measured_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = give(monkeypatch)
    assert bench("--only", "idle,copy", "--only", "large", "--rounds", "2").exit_code == 0
    assert bench("--full").exit_code == 0
    first, second = asked
    assert (first.names, first.rounds, first.narrow) == (
        ["copy", "large", "idle"],
        2,
        DEFAULT.narrow,
    )
    assert (second.names, second.narrow) == (list(PARTS), FULL.narrow)
    refused = bench("--only", "sky")
    assert refused.exit_code == 2
    assert f"there is no 'sky'; choose from {', '.join(OFFERED)}" in refused.stderr


@LONGER
def test_each_part_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OFFERED == PARTS
    done = bench("--short", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["rounds"] == SHORT.rounds
    assert {"processor", "cores", "load", "load_after"} <= told["machine"].keys()
    rows = [(row["part"], row["unit"], row["peer_name"]) for row in told["results"]]
    assert rows == EXPECTED
    for row in told["results"]:
        assert row["errors"] == []
        assert row["ours"] >= 0
        assert (row["met"] is None) == (row["wanted"] is None)
        assert (row["ratio"] is not None) == (row["part"] in {"copy", "verify", "backlog"})
        assert row["peak_mib"] is None or row["peak_mib"] >= row["before_mib"] > 0


_UPSERTS = ("psql: an upsert each", "psycopg: an upsert each")
_SCANS = ("scan: count(*)", "scan: sum of row hashes, 1 process")
EXPECTED = [
    *[("copy", "rows/s", "psql: binary COPY, piped")] * 2,
    *[("verify", "rows/s", peer) for peer in _SCANS] * 2,
    *[("backlog", "rows/s", peer) for peer in _UPSERTS] * 2,
    *[("latency", "ms", "")] * 8,
    ("large", "MiB/s", ""),
    ("idle", "tx/s", "nobody follows"),
    ("idle", "KiB/s", "nobody follows"),
]
