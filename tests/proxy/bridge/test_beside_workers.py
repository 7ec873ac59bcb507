"""The bridge's process in the tree of `strangler serve`, with real databases; workers are stand-ins
where it does not matter what they answer."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

import httpx
import pytest

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import free_port, on_free_port
from proxy.serve import BRIDGE
from proxy.supervisor.orders import Limits
from tests.legacy_bridge.replication.apply.live import SECONDS, begin, slots, wait_for
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides, run
from tests.proxy.supervisor.supervised import Supervised, ask

NAME = "SELECT name FROM operating_systems WHERE id = 1"
UNKNOWN_PHASE = "INSERT INTO ownership_phases VALUES ('elsewhere', 'sideways', 0, 1, now(), '', '')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "routing.yaml").write_text("version: 1\n")
    return tmp_path


def supervised(folder: Path, given: Mapping[str, str]) -> Supervised:
    return Supervised(folder, 1, Limits(settle=0), bridge=BRIDGE, settings=given)


def follows(sides: Sides, name: str) -> None:
    """A change that is made now arrives."""
    run(sides.legacy, f"UPDATE downloads_os SET name = '{name}' WHERE id = 1")
    wait_for(sides.native, NAME, [(name,)])


def test_it_applies_and_is_replaced_and_renewed_and_ends(sides: Sides, tmp_path: Path) -> None:
    begin(sides)
    with supervised(tmp_path, sides.settings) as proxy:
        first = proxy.event("bridge_ready")["pid"]
        follows(sides, "first")

        os.kill(first, signal.SIGKILL)
        ended = proxy.event("bridge_ended")
        assert ended == {
            "event": "bridge_ended",
            "level": "warning",
            "signal": "SIGKILL",
            "again_in": 0.1,
            "asked": False,
            "pid": first,
        }
        second = proxy.event("bridge_ready", 2)["pid"]
        assert second != first
        follows(sides, "second")

        proxy.send(signal.SIGHUP)
        proxy.event("bridge_stands_by")
        assert proxy.event("bridge_renewed")["pid"] == second
        assert proxy.event("bridge_ended", pid=second)["code"] == 0
        follows(sides, "third")

        proxy.send(signal.SIGTERM)
        assert proxy.code() == 0
        third = proxy.event("bridge_ready", 3)["pid"]
        assert proxy.event("bridge_ended", pid=third)["asked"] is True
        assert proxy.all_gone()


def test_it_waits_for_a_stream_and_outlives_no_supervisor(sides: Sides, tmp_path: Path) -> None:
    with supervised(tmp_path, sides.settings) as proxy:
        proxy.event("bridge_without_stream")
        begin(sides)
        follows(sides, "followed")
        os.kill(proxy.pid, signal.SIGKILL)
        assert proxy.all_gone()


def test_what_the_reconciler_does_not_get_over_ends_the_process(
    sides: Sides, tmp_path: Path
) -> None:
    """Without it rows would travel as ever, and no flip would be carried out any more."""
    begin(sides)
    with supervised(tmp_path, sides.settings) as proxy:
        proxy.event("bridge_ready")
        run(sides.native, UNKNOWN_PHASE)
        ended = proxy.event("bridge_ended")
        assert (ended["code"], ended["asked"]) == (1, False)
        assert ended["reason"].endswith("ValueError: 'sideways' is not a valid Phase")
        run(sides.native, "DELETE FROM ownership_phases WHERE domain = 'elsewhere'")
        proxy.event("bridge_ready", 2)
        follows(sides, "again")


def test_one_that_cannot_run_disturbs_nobody(sides: Sides, tmp_path: Path) -> None:
    begin(sides)
    (slot,) = slots(sides)[0]
    drop_slots(sides.legacy)
    with supervised(tmp_path, sides.settings) as proxy:
        said = proxy.event("bridge_cannot_run")
        assert said["reason"].startswith(f"the replication slot {slot} is not there (dropped, or")
        assert (said["code"], said["again_in"], said["level"]) == (2, 30, "error")
        assert ask(proxy.port()) == proxy.event("worker_ready")["pid"]
        proxy.send(signal.SIGTERM)
        assert proxy.code() == 0


def test_without_its_database_it_tries_again_and_says_so_once(tmp_path: Path) -> None:
    nowhere = f"postgresql://u:secret@127.0.0.1:{free_port()}/none"
    given = {"STRANGLER_LEGACY_DATABASE_URL": nowhere, "STRANGLER_DATABASE_URL": nowhere}
    with supervised(tmp_path, given) as proxy:
        reason = proxy.event("bridge_lost")["reason"]
        assert reason.startswith("the native database (STRANGLER_DATABASE_URL) cannot be reached")
        assert "secret" not in reason
        assert ask(proxy.port()) == proxy.event("worker_ready")["pid"]
        proxy.send(signal.SIGTERM)
        assert proxy.code() == 0
        assert proxy.all_gone()
        assert [one["event"] for one in proxy.events].count("bridge_lost") == 1


LAG = 'strangler_bridge_lag_seconds{stream="forward"}'


def samples(proxy: RunningProxy) -> dict[str, str]:
    """Once the databases have been read: a page waits a second for that, and then goes without."""
    deadline = monotonic() + SECONDS
    while LAG not in (found := _samples(proxy)):
        assert monotonic() < deadline, found
    return found


def _samples(proxy: RunningProxy) -> dict[str, str]:
    page = httpx.get(f"{proxy.url}/__strangler__/metrics", timeout=SECONDS).text
    lines = (line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("strangler_b"))
    return {name: value for name, value in lines}  # noqa: C416  # lists of two


def served(folder: Path, given: Mapping[str, str]) -> RunningProxy:
    legacy = {"STRANGLER_LEGACY_URL": "http://127.0.0.1:9"}
    return on_free_port(
        lambda port: RunningProxy({**legacy, **given}, folder, port=port, workers=1)
    )


def test_served_it_is_there_and_seen(sides: Sides, folder: Path) -> None:
    begin(sides)
    proxy = served(folder, sides.settings)
    try:
        follows(sides, "served")
        commands = [tuple(one.cmdline()) for one in proxy.processes()]
        assert commands.count(BRIDGE) == 1
        found = samples(proxy)
        assert found['strangler_bridge_fault{stream="forward"}'] == "0.0"
        assert float(found["strangler_bridge_status_age_seconds"]) < 10
    finally:
        proxy.close()


def test_switched_off_it_is_not_there(sides: Sides, folder: Path) -> None:
    """One that was started would be said to have ended."""
    served(folder, {**sides.settings, "STRANGLER_BRIDGE": "off"}).close()
    (log,) = folder.glob("*.log")
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert "stopped" in events
    assert [event for event in events if event.startswith("bridge_")] == []
