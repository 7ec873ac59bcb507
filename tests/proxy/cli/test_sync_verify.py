"""`strangler sync verify` and `repair`: what they print, and their exit codes."""

import json
from itertools import count

import pytest
from click.testing import CliRunner, Result

from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, run
from tests.proxy.cli.commands import strangler

NUMBERS = count(1)


@pytest.fixture(scope="module")
def equal_sides(stack: EmbeddedStack, native_template: str) -> tuple[str, str]:
    """Names of a legacy and a native database with equal rows in `downloads` and below."""
    legacy = stack.create_database("verify_legacy")
    run(legacy, TABLES.decode())
    run(legacy, ROWS)
    assert Sides(legacy, stack.create_database("verify_native", native_template)).copy().equal
    return "verify_legacy", "verify_native"


@pytest.fixture
def sides(stack: EmbeddedStack, equal_sides: tuple[str, str]) -> Sides:
    """Copies of those."""
    number = next(NUMBERS)
    legacy, native = (
        stack.create_database(f"{template}_{number}", template) for template in equal_sides
    )
    return Sides(legacy, native)


def lines(result: Result) -> list[str]:
    """Without figures about time."""
    return [line.partition(" in ")[0][:86].rstrip() for line in result.stdout.splitlines()]


DAMAGE = """
    UPDATE releases SET name = 'x', content = 'x' WHERE id = 1;
    DELETE FROM release_files WHERE id = 2;
    INSERT INTO sites VALUES (9, 'other.example', 'other');
"""


def test_equal(sides: Sides) -> None:
    result = strangler(sides, "sync", "verify", "--domain", "boxes")
    assert result.exit_code == 0
    assert lines(result) == [
        "table                   owner        rows  missing    extra   differ    known  unclear",
        "boxes                   legacy          1        0        0        0        0        0",
        "1 rows",
    ]
    assert result.stdout.endswith(": equal\n")
    assert result.stderr.startswith("boxes: 1 rows read (")


def test_rows_that_differ_are_named(sides: Sides) -> None:
    run(sides.native, DAMAGE)
    result = strangler(sides, "sync", "verify", "--domain", "downloads")
    assert result.exit_code == 1
    told = lines(result)
    assert told[8:10] == [
        "releases                legacy          2        0        0        1        0        0",
        "release_files           legacy          3        1        0        0        0        0",
    ]
    assert told[10:12] == ["sites id=9: extra", "releases id=1: differs"]
    assert "\nreleases id=1: differs in name, content\n" in result.stdout
    assert told[12] == "release_files id=2: missing"
    assert "\nno `strangler sync run` is running: rows changed since 20" in result.stdout
    assert result.stdout.endswith(": NOT equal: see the rows above; `strangler sync repair`\n")


def test_for_programs(sides: Sides) -> None:
    run(sides.native, DAMAGE)
    result = strangler(sides, "sync", "verify", "--domain", "downloads", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"], report["warnings"]) == (1, False, [])
    releases = report["tables"][-2]
    for figure in ("seconds", "as_of", "position"):
        assert releases.pop(figure)
    assert releases == {
        "domain": "downloads",
        "legacy": "downloads_release",
        "native": "releases",
        "owner": "legacy",
        "rows": 2,
        "replica_rows": 2,
        "differences": [{"key": {"id": 1}, "kind": "differs", "columns": ["name", "content"]}],
        "quarantined": 0,
        "unsettled": [],
        "complete": True,
        "streaming": False,
        "equal": False,
    }


def test_repair(sides: Sides) -> None:
    run(sides.native, DAMAGE)
    dry = strangler(sides, "sync", "repair", "--domain", "downloads", "--dry-run")
    assert dry.exit_code == 1
    assert dry.stdout.endswith(" s: dry run: nothing was changed\n")
    result = strangler(sides, "sync", "repair", "--domain", "downloads")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines()[10:] if "is running" not in line][:-1] == [
        "sites id=9: extra",
        "sites: 0 rows inserted, 0 updated, 1 deleted",
        "releases id=1: differs in name, content",
        "releases: 0 rows inserted, 1 updated, 0 deleted",
        "release_files id=2: missing",
        "release_files: 1 rows inserted, 0 updated, 0 deleted",
    ]
    assert result.stdout.endswith(" s: equal now\n")
    assert strangler(sides, "sync", "verify", "--domain", "downloads").exit_code == 0
    again = strangler(sides, "sync", "repair", "--domain", "downloads", "--json")
    assert (again.exit_code, json.loads(again.stdout)["ok"]) == (0, True)


def test_only_so_many_rows_are_named(sides: Sides) -> None:
    run(
        sides.native,
        "INSERT INTO sites SELECT n, 'domain ' || n, '' FROM generate_series(11, 40) AS n",
    )
    told = strangler(sides, "sync", "verify", "--domain", "pages").stdout
    assert "\nsites id=30: extra\nsites: 10 more rows; --json has all\n" in told


@pytest.mark.parametrize("command", ["verify", "repair"])
def test_what_cannot_run(sides: Sides, command: str) -> None:
    run(sides.native, "DROP TABLE boxes")
    result = strangler(sides, "sync", command, "--json")
    problems = json.loads(result.stdout)["problems"]
    assert (result.exit_code, problems[0], problems[-1]) == (
        2,
        "boxes: is not there in the native database",
        "the native database is not up to date: run `strangler db upgrade`",
    )
    assert result.stderr.splitlines() == problems


@pytest.mark.parametrize("command", ["verify", "repair"])
def test_without_settings(command: str) -> None:
    result = CliRunner().invoke(main, ["sync", command])
    assert (result.exit_code, result.stdout) == (2, "")
    names = [line.partition(" ")[0] for line in result.stderr.splitlines()]
    assert names == ["STRANGLER_LEGACY_DATABASE_URL", "STRANGLER_DATABASE_URL"]
