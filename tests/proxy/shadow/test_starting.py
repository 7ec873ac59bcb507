"""How the shadow process begins: as the least of all, and not by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.settings import Settings
from proxy.supervisor.handover import Handover
from proxy.supervisor.sidecar import REPAIR

LEAST = """
import os
from proxy.shadow.process import lowest_priority
lowest_priority()
print(os.nice(0))
"""


def test_it_is_the_least_of_all() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAST], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "19"


IDLE = """
import os
from proxy.shadow.process import lowest_priority
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
if os.geteuid() == 0:
    os.setuid(65534)
lowest_priority()
print(os.sched_getscheduler(0) == os.SCHED_IDLE)
"""


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has processes that are idle")
def test_where_all_is_idle_it_is_so_too() -> None:
    """An ordinary user's process that is idle may not be made anything else."""
    done = subprocess.run(
        [sys.executable, "-c", IDLE], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "True"


def test_without_a_folder_to_meet_in_it_says_what_starts_it(tmp_path: Path) -> None:
    reading, announcing = os.pipe()
    lifeline, held = os.pipe()
    handover = Handover(0, (), announcing, lifeline)
    kept = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "proxy.shadow"],
            env=kept | handover.as_environment() | {"PYTHONPATH": str(Path.cwd())},
            pass_fds=handover.descriptors,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == REPAIR
        said = os.read(reading, 4096)
        assert said == b"the shadow process is started by `strangler serve` alone"
    finally:
        for number in (reading, announcing, lifeline, held):
            os.close(number)


@pytest.mark.parametrize(
    ("shadow", "legacy", "native", "compares"),
    [
        (None, "postgresql://x/legacy", "postgresql://x/native", True),
        ("auto", "postgresql://x/legacy", "postgresql://x/native", True),
        ("off", "postgresql://x/legacy", "postgresql://x/native", False),
        ("auto", "", "postgresql://x/native", False),
        ("auto", "postgresql://x/legacy", "", False),
    ],
)
def test_it_is_started_where_both_databases_are_set(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    shadow: str | None,
    legacy: str,
    native: str,
    compares: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STRANGLER_LEGACY_DATABASE_URL", legacy)
    monkeypatch.setenv("STRANGLER_DATABASE_URL", native)
    if shadow is not None:
        monkeypatch.setenv("STRANGLER_SHADOW", shadow)
    assert Settings.load().compares_aside is compares
