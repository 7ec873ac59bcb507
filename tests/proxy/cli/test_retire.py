"""`strangler retire`, and what other commands say of a retired domain: texts and exit codes."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from legacy_bridge.replication import standbys
from legacy_bridge.replication.owners import Owner
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.manifest.exporting import BUNDLED
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, prepared
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, ask, run
from tests.legacy_bridge.unseen import no_standby, wait_for_standby
from tests.proxy.ownership.conftest import streaming
from tests.proxy.telling import told, written

ROUTING = """version: 1
gates: off
domains:
  downloads:  # moved in spring
    phase: native
    routes: [/downloads/**]
"""
LED = """
INSERT INTO ownership_leader (holder, until) VALUES ('a test', clock_timestamp() + interval '1 h');
INSERT INTO ownership_phases (domain, phase, epoch, since, asked, trouble)
VALUES ('downloads', 'reads', 1, now(), '', '')
"""
"""What whoever leads has written down."""
NUMBERS = count(1)


@pytest.fixture
def both(stack: EmbeddedStack, native_template: str, folder: Path) -> Iterator[TwoWay]:
    """The native side owns the downloads, and streams run."""
    number = next(NUMBERS)
    legacy = stack.create_database(f"retire_legacy_{number}")
    run(legacy, TABLES.decode())
    run(legacy, ROWS)
    both = prepared(
        Sides(legacy, stack.create_database(f"retire_native_{number}", native_template))
    )
    both.settle()
    both.hand_over("downloads", Owner.NATIVE)
    run(both.native, LED)
    (folder / "routing.yaml").write_text(ROUTING)
    with streaming(both):
        yield both
    drop_slots(both.legacy)
    drop_slots(both.native)


def settings(both: TwoWay) -> dict[str, str]:
    return {
        "STRANGLER_LEGACY_DATABASE_URL": both.legacy,
        "STRANGLER_DATABASE_URL": both.native,
        "STRANGLER_OPERATOR": "a person",
    }


def strangler(both: TwoWay, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=settings(both))


def owner(both: TwoWay) -> list[tuple[str, str]]:
    return ask(both.native, "SELECT owner, strays FROM bridge_owners")


def test_from_native_to_retired(both: TwoWay, folder: Path) -> None:
    planned = strangler(both, "retire", "downloads", "--dry-run")
    assert (planned.exit_code, len(planned.stdout.splitlines())) == (0, 7)
    assert planned.stdout.startswith("1. look: streams, quarantine, conflicts")
    by_flip = strangler(both, "flip", "downloads", "retired")
    assert by_flip.exit_code == 1
    assert by_flip.stderr.endswith("run `strangler retire`\n")
    unsure = strangler(both, "retire", "downloads")
    assert unsure.exit_code == 2
    assert "Give --yes to say that this is meant." in unsure.stderr
    assert owner(both) == [("native", "capture")]
    assert (folder / "routing.yaml").read_text() == ROUTING

    done = strangler(both, "retire", "downloads", "--yes", "--why", "a year", "--json")
    assert done.exit_code == 0, done.output
    outcome = json.loads(done.stdout)
    assert (outcome["done"], outcome["phase"], outcome["left"]) == (True, "retired", [])
    assert 0 < outcome["pause_seconds"] < 1
    assert owner(both) == [("native", "retired")]
    assert (folder / "routing.yaml").read_text() == ROUTING.replace("native", "retired")
    changed = "SELECT made_by, why, result FROM ownership_changes WHERE action = 'retire'"
    assert ask(both.native, changed) == [("a person", "a year", "done")]
    again = strangler(both, "retire", "downloads", "--yes")
    assert (again.exit_code, again.stdout[:22]) == (0, "downloads is retired (")

    for phase in ("legacy", "reads", "native"):
        back = strangler(both, "flip", "downloads", phase)
        assert (back.exit_code, back.stderr.split(":")[0]) == (
            1,
            "downloads is still in phase retired",
        )
        assert "no phase leads back" in back.stderr
    back = strangler(both, "rollback", "downloads")
    assert (back.exit_code, "no phase leads back" in back.stderr) == (1, True)
    plan = strangler(both, "flip", "downloads", "reads", "--dry-run", "--json")
    assert (plan.exit_code, json.loads(plan.stdout)["steps"]) == (1, [])
    assert strangler(both, "flip", "downloads", "retired").exit_code == 0

    shown = strangler(both, "sync", "status").stdout
    assert "stream      forward: pages, boxes\nretired     downloads\n" in shown
    asked = strangler(both, "sync", "verify", "--domain", "downloads")
    assert (asked.exit_code, asked.stderr[:21]) == (2, "downloads is retired:")
    assert strangler(both, "sync", "strays", "downloads", "capture").exit_code == 2

    (folder / "routing.yaml").write_text(ROUTING.replace("native", "reads"))
    domains = json.loads(strangler(both, "status", "--json").stdout)["domains"]
    (row,) = [one for one in domains if one["domain"] == "downloads"]
    assert (row["wanted"], row["has"], row["owner"]) == ("reads", "retired", "native")
    assert row["reason"].startswith("it is retired, for good")
    (folder / "routing.yaml").write_text(ROUTING)
    domains = json.loads(strangler(both, "status", "--json").stdout)["domains"]
    (row,) = [one for one in domains if one["domain"] == "downloads"]
    assert (row["wanted"], row["has"], row["reason"]) == ("native", "retired", None)


def test_what_is_in_the_way_is_said_and_recorded(both: TwoWay, folder: Path) -> None:
    pinned = ROUTING.replace("[/downloads/**]", "[{path: /downloads/old/**, pin: legacy}]")
    (folder / "routing.yaml").write_text(pinned.replace("native", "reads"))
    run(both.native, "DELETE FROM ownership_leader")
    refused = strangler(both, "retire", "downloads", "--yes", "--json")
    assert refused.exit_code == 1
    wants, pin, leads = json.loads(refused.stdout)["reason"].split("; ")
    assert wants == "routing.yaml wants reads — first `strangler flip downloads native`"
    assert pin.startswith("routing.yaml:6: /downloads/old/** is pinned to the legacy side")
    assert leads.startswith("nobody carries out what routing.yaml wants")
    recorded = "SELECT result, count(*) FROM ownership_changes GROUP BY 1"
    assert ask(both.native, recorded) == [("refused", 1)]
    planned = strangler(both, "retire", "downloads", "--dry-run", "--json")
    assert (planned.exit_code, len(json.loads(planned.stdout)["in_the_way"])) == (1, 3)
    both.hand_over("downloads", Owner.LEGACY)
    (folder / "routing.yaml").write_text(ROUTING)
    early = strangler(both, "retire", "downloads", "--yes")
    assert (early.exit_code, "it is in phase reads — first" in early.stderr) == (1, True)
    shared = strangler(both, "retire", "users", "--yes")
    assert shared.exit_code == 2  # routing.yaml does not name it
    (folder / "routing.yaml").write_text(f"{ROUTING}  users: {{phase: native, routes: [/u/]}}\n")
    shared = strangler(both, "retire", "users", "--yes")
    assert shared.exit_code == 1
    assert "its rows are in the legacy database until the last domain is retired" in shared.stderr


@pytest.mark.faults
def test_a_standby_that_does_not_answer_is_not_waited_for_forever(
    both: TwoWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standbys, "ONCE_SECONDS", 0.5)
    monkeypatch.setattr(standbys, "LOOK_SECONDS", 0.05)
    wait_for_standby(both.native)
    with no_standby(both.native):
        given_up = strangler(both, "retire", "downloads", "--yes")
    assert (given_up.exit_code, given_up.stdout) == (2, "")
    waited, left = given_up.stderr.splitlines()
    assert "(STRANGLER_DATABASE_URL): a commit of ours has waited for 0.5 s" in waited
    assert left == "`strangler status` tells whether downloads is retired; then repeat this"
    assert owner(both) == [("native", "capture")]
    assert strangler(both, "retire", "downloads", "--yes").exit_code == 0


def test_what_other_apps_have_below_its_rules_is_in_the_way(both: TwoWay, folder: Path) -> None:
    """It would be nobody's: what is retired passes nothing on."""
    more = ROUTING.replace("[/downloads/**]", "[/downloads/**, /users/**]")
    manifest = written(folder, told(BUNDLED, {}))
    for text, reasons in ((ROUTING, []), (more, ["/users/**"])):
        (folder / "routing.yaml").write_text(text)
        command = ["retire", "downloads", "--dry-run", "--json"]
        given = settings(both) | {"STRANGLER_LEGACY_MANIFEST": str(manifest)}
        found = json.loads(CliRunner().invoke(main, command, env=given).stdout)["in_the_way"]
        assert len(found) == len(reasons)
        for rule, reason in zip(reasons, found, strict=True):
            assert reason == (
                f"routing.yaml:6: below {rule} the legacy site alone has /users/edit/ and 1 more "
                "of users, and what is retired passes nothing on — give them to a domain in phase "
                "legacy"
            )


def test_on_a_terminal_it_asks(both: TwoWay, folder: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    code = "from proxy.cli import main; main(prog_name='strangler')"
    done = subprocess.run(
        [sys.executable, "-c", code, "retire", "downloads"],
        env=os.environ | settings(both) | {"PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=folder,
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 1
    assert "downloads will never go back to the legacy side" in done.stderr
    assert "Retire downloads? [y/N]" in done.stderr
    assert owner(both) == [("native", "capture")]
    with psycopg.connect(both.legacy) as legacy:
        legacy.execute("UPDATE downloads_os SET name = 'still carried'")
