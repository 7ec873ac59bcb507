"""`strangler flip` where commits wait for a synchronous standby that is not there."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from legacy_bridge.beside import beside
from legacy_bridge.replication import standbys
from legacy_bridge.replication.ends import Ends
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.letting import Letting
from proxy.ownership.measures import Measures
from proxy.ownership.reconciler import Reconciler
from tests.legacy_bridge.replication.sides import ask, run
from tests.legacy_bridge.unseen import no_standby, unseen, wait_for_standby

pytestmark = pytest.mark.faults

ROUTING = """version: 1
gates: off
domains:
  downloads:
    phase: legacy
    routes: [/downloads/**]
"""
LED = """
INSERT INTO ownership_leader (holder, until)
VALUES ('nobody here', clock_timestamp() + interval '1 h')
"""
NUMBERS = count(1)


@pytest.fixture
def native(stack: EmbeddedStack, native_template: str, folder: Path) -> str:
    (folder / "routing.yaml").write_text(ROUTING)
    return stack.create_database(f"flip_hung_{next(NUMBERS)}", native_template)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standbys, "ONCE_SECONDS", 0.5)
    monkeypatch.setattr(standbys, "LOOK_SECONDS", 0.05)


def flip(native: str, *arguments: str) -> Result:
    environment = {"STRANGLER_DATABASE_URL": native}
    return CliRunner().invoke(main, ["flip", "downloads", "shadow", *arguments], env=environment)


def test_nothing_is_asked_for_where_a_commit_waits_in_vain(native: str, folder: Path) -> None:
    wait_for_standby(native)
    with no_standby(native):
        done = flip(native)
    assert (done.exit_code, done.stdout) == (2, "")
    waited, left = done.stderr.splitlines()
    assert "(STRANGLER_DATABASE_URL): a commit of ours has waited for 0.5 s" in waited
    assert "synchronous_standby_names = 'nobody'" in waited
    assert left == "routing.yaml is as it was"
    assert (folder / "routing.yaml").read_text() == ROUTING
    assert ask(native, "SELECT count(*) FROM ownership_changes") == [(0,)]


def test_what_is_not_done_in_time_says_who_waits(native: str) -> None:
    run(native, LED)
    with unseen(native, "UPDATE alembic_version SET version_num = version_num"):
        done = flip(native, "--timeout", "0.1")
    assert done.exit_code == 1
    waiting = r"in the native database (1 commit waits|\d+ commits wait) there for a synchronous"
    assert re.search(waiting, done.stderr)


def test_whoever_carries_it_out_does_not_wait(native: str, folder: Path) -> None:
    wait_for_standby(native)
    with no_standby(native), leading(native, folder):
        deadline = time.monotonic() + 30
        while ask(native, "SELECT holder FROM ownership_leader") != [("a test",)]:
            assert time.monotonic() < deadline


@contextmanager
def leading(native: str, folder: Path) -> Iterator[None]:
    reconciler = Reconciler(
        ends=Ends(native, native),
        domains={},
        routing=folder / "routing.yaml",
        abilities={},
        holder="a test",
        letting=Letting(lambda *_: Measures(domain="downloads"), "a test"),
    )
    with beside(reconciler.run, "reconciler"):
        yield
