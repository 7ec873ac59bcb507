"""The proxies beside ours: whether they are there, forward rightly, and where they run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.bench import peers
from proxy.bench.cases import Case
from proxy.bench.cores import Cores, cpu_seconds, pinned, with_descendants
from proxy.bench.driver import Driver
from proxy.bench.faults import CannotMeasureError
from proxy.bench.forward import Plan, measure
from tests.longer import LONGER, sampled

SMALL = (
    Case(connections=2, body=1, direction="down"),
    Case(connections=2, body=1024, direction="down"),
    Case(connections=2, body=300_000, direction="down"),
    Case(connections=2, body=300_000, direction="up"),
)


@pytest.mark.parametrize("name", sampled(["aiohttp", "httpx"], short=1))
def test_a_plain_proxy_forwards_without_an_error(name: str) -> None:
    report = measure(Plan(names=[name], rounds=1, seconds=0.2, cases=SMALL))
    assert [one.error_reasons for one in report.results] == [{}, {}, {}, {}]
    assert all(one.rps > 0 for one in report.results)
    assert report.ratios == []


@LONGER
def test_a_peer_runs_on_its_core_with_all_its_processes(tmp_path: Path) -> None:
    cores = Cores.of_this_machine()
    with (
        Driver(cores.driver) as driver,
        peers.running("strangler", driver.port, tmp_path / "peer", cores) as peer,
    ):
        assert len(peer.pids) >= 2
        assert {frozenset(os.sched_getaffinity(pid)) for pid in peer.pids} == {cores.peer}
        assert cpu_seconds(peer.pids) > 0
    assert cpu_seconds(peer.pids[:1]) == 0


def test_pinning_lasts_no_longer_than_it_says() -> None:
    before = os.sched_getaffinity(0)
    with pinned({min(before)}):
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


def test_a_single_core_is_shared_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    cores = Cores.of_this_machine()
    assert cores == Cores(peer=frozenset({3}), driver=frozenset({3}))
    assert not cores.pinned


def test_descendants_are_found_to_the_last() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1); input()'])"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"1\n"
        assert len(with_descendants(parent.pid)) == 2
        parent.communicate(b"\n")


def test_nginx_is_left_out_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(peers, "PLACES_OF_NGINX", str(tmp_path))
    report = measure(Plan(names=["nginx", "direct"], rounds=1, seconds=0.05, cases=SMALL[:1]))
    assert report.skipped == {"nginx": f"nginx is neither on PATH nor in {tmp_path}"}
    assert [one.name for one in report.results] == ["direct"]


def test_missing_packages_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    with pytest.raises(CannotMeasureError) as refused:
        peers.check_packages(["strangler", "aiohttp", "direct"])
    assert str(refused.value) == (
        "not installed: aiohttp, uvicorn — install them (pip install aiohttp uvicorn), "
        "or measure without: --peers strangler,nginx,direct"
    )
    peers.check_packages(["strangler", "nginx", "direct"])
