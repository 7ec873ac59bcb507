"""`strangler sync init`, `run` and `status`: the stream as people and cron see it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import pytest

from legacy_bridge.replication.standbys import GOES_ON
from ported_domains.registry import DOMAINS
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.apply.live import wait_for
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, ask, run
from tests.legacy_bridge.unseen import await_hanging, no_standby, wait_for_standby
from tests.longer import sampled
from tests.proxy.cli.commands import strangler

PROJECT = Path(__file__).resolve().parents[3]
NUMBERS = count(1)
INIT = ("sync", "init", "--domain", "downloads")


@pytest.fixture
def sides(stack: EmbeddedStack, native_template: str) -> Iterator[Sides]:
    number = next(NUMBERS)
    legacy = stack.create_database(f"stream_legacy_{number}")
    run(legacy, TABLES.decode())
    run(legacy, ROWS)
    native = stack.create_database(f"stream_native_{number}", native_template)
    yield Sides(legacy, native)
    drop_slots(legacy)
    drop_slots(native)


def status(sides: Sides) -> dict[str, Any]:
    """Of the stream from the legacy side."""
    streams = json.loads(strangler(sides, "sync", "status", "--json").stdout)["streams"]
    assert [stream["name"] for stream in streams] == ["forward", "reverse"]
    found: dict[str, Any] = streams[0]
    return found


def test_from_the_beginning_to_being_in_step(sides: Sides) -> None:
    assert strangler(sides, "sync", "status").stdout == (
        "No stream yet: run `strangler sync init`.\n"
    )
    assert strangler(sides, *INIT, "--check").stdout == (
        "nothing is in the way of `strangler sync init`\n"
    )
    first = strangler(sides, *INIT)
    assert first.exit_code == 0
    changes, back = first.stdout.splitlines()[-2:]
    assert changes.startswith("Changes after ")
    assert back.startswith("Native changes are kept in the slot strangler_back_")
    assert sides.unequal() == []
    again = strangler(sides, *INIT)
    assert again.exit_code == 0
    assert again.stdout.startswith("The stream is there already (slot strangler_")
    run(sides.legacy, "UPDATE downloads_os SET name = 'changed'")
    done = strangler(sides, "sync", "run", "--once", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told.pop("applied_lsn") > "0/1"
    none = {"transactions": 0, "rows": 0, "lost": 0, "quarantined": 0}
    assert told.pop("back").items() >= none.items()
    assert told == {"ok": True, **none, "transactions": 1, "rows": 3}
    assert sides.unequal() == []
    now = status(sides)
    assert (now["healthy"], now["transactions"], now["applier"]) == (True, 1, None)


def test_rows_in_quarantine_end_with_1(sides: Sides) -> None:
    strangler(sides, *INIT)
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    assert strangler(sides, "sync", "run", "--once").exit_code == 1
    shown = strangler(sides, "sync", "status")
    assert shown.exit_code == 1
    assert "quarantine  release_files 1" in shown.stdout.splitlines()


def test_a_stream_that_lost_its_slot_ends_with_2_and_is_begun_anew(sides: Sides) -> None:
    strangler(sides, *INIT)
    drop_slots(sides.legacy)
    done = strangler(sides, "sync", "run", "--once")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith("start a new stream with `strangler sync init`")
    shown = strangler(sides, "sync", "status")
    assert shown.exit_code == 1
    assert "broken      the slot: it is not there; run `strangler sync init`" in shown.stdout
    assert strangler(sides, *INIT).stdout.startswith("The stream that was there is given up: ")
    assert strangler(sides, "sync", "run", "--once").exit_code == 0


def test_what_a_poor_user_lacks_is_named_with_the_sql_that_grants_it(sides: Sides) -> None:
    number = next(NUMBERS)
    run(sides.legacy, f"CREATE ROLE poor_{number} LOGIN PASSWORD 'poor'")
    parts = urlsplit(sides.legacy)
    place = f"{parts.hostname}:{parts.port}{parts.path}"
    poor = Sides(f"postgresql://poor_{number}:poor@{place}", sides.native)
    told = strangler(poor, "sync", "init", "--domain", "boxes", "--check", "--json")
    assert told.exit_code == 1
    granting = [problem.partition("run: ")[2] for problem in json.loads(told.stdout)["problems"]]
    assert granting[:2] == [
        f'GRANT SELECT ON boxes_box TO "poor_{number}";',
        f'ALTER ROLE "poor_{number}" REPLICATION;',
    ]
    assert granting[2].startswith('CREATE PUBLICATION "strangler_')
    cannot = strangler(poor, "sync", "init", "--domain", "boxes")
    assert cannot.exit_code == 2
    assert f'ALTER ROLE "poor_{number}" REPLICATION;' in cannot.stderr


@pytest.mark.faults
@pytest.mark.parametrize("number", sampled([signal.SIGTERM, signal.SIGINT], short=1))
def test_it_runs_until_it_is_told_to_stop(sides: Sides, number: signal.Signals) -> None:
    strangler(sides, *INIT)
    with started(sides) as running:
        run(sides.legacy, "UPDATE downloads_os SET name = 'changed' WHERE id = 1")
        wait_for(sides.native, "SELECT name FROM operating_systems WHERE id = 1", [("changed",)])
        assert f"strangler {running.pid}@" in status(sides)["applier"]
        running.send_signal(number)
        said, logged = running.communicate()
    assert running.returncode == 0
    assert said.startswith("legacy → native: 1 transactions (1 rows) applied, up to ")
    assert "following the legacy database from " in logged
    # What was applied was acknowledged: nothing of it comes again.
    assert strangler(sides, "sync", "run", "--once").stdout.startswith(
        "legacy → native: 0 transactions"
    )


@pytest.mark.faults
@pytest.mark.parametrize("number", sampled([signal.SIGTERM, signal.SIGINT], short=1))
def test_it_is_told_to_stop_while_a_commit_waits(sides: Sides, number: signal.Signals) -> None:
    strangler(sides, *INIT)
    wait_for_standby(sides.native)
    with started(sides) as running:
        run(sides.legacy, "UPDATE downloads_os SET name = 'changed' WHERE id = 1")
        wait_for(sides.native, "SELECT name FROM operating_systems WHERE id = 1", [("changed",)])
        with no_standby(sides.native):
            later: LiteralString = "UPDATE downloads_os SET name = name || '.' WHERE id = 1"
            await_hanging(sides.native, again=lambda: run(sides.legacy, later))
            running.send_signal(number)
            said, logged = running.communicate(timeout=30)
    assert (running.returncode, said) == (2, "")
    waited, left = logged.splitlines()[-2:]
    assert "(STRANGLER_DATABASE_URL): a commit of ours has waited for 3 s and waits no" in waited
    assert left == GOES_ON
    assert strangler(sides, "sync", "run", "--once").exit_code == 0
    assert sides.unequal() == []


@contextmanager
def started(sides: Sides) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-c", "from proxy.cli import main; main()", "sync", "run"],
        cwd=PROJECT,
        env=os.environ | sides.settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def test_every_table_of_the_bundled_site(
    stack: EmbeddedStack, legacy_template: str, sides: Sides
) -> None:
    legacy = stack.create_database(f"stream_whole_{next(NUMBERS)}", legacy_template)
    whole = Sides(legacy, sides.native)
    try:
        first = strangler(whole, "sync", "init")
        assert (first.exit_code, first.stderr.count("warning")) == (0, 0)
        run(legacy, "UPDATE downloads_os SET name = upper(name)")
        assert strangler(whole, "sync", "run", "--once").exit_code == 0
        assert whole.unequal(*DOMAINS) == []
        assert ask(whole.native, "SELECT count(*) FROM bridge_quarantine") == [(0,)]
    finally:
        drop_slots(legacy)
