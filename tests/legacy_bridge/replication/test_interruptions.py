"""A copy that is killed, stopped or started twice; and its appetite."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import pytest

from legacy_bridge.replication.faults import BridgeError
from tests.legacy_bridge.replication.copy_once import STATUS
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.longer import sampled, shorter

PROJECT = Path(__file__).resolve().parents[3]
SLUGS: LiteralString = "SELECT slug FROM operating_systems ORDER BY id"
FILES: LiteralString = "SELECT os_id FROM release_files ORDER BY id"
MEGABYTE = 1 << 20


@contextmanager
def copying(sides: Sides, failpoint: str = "") -> Iterator[subprocess.Popen[str]]:
    copy = subprocess.Popen(
        [sys.executable, "-m", "tests.legacy_bridge.replication.copy_once", *urls(sides)],
        cwd=PROJECT,
        env=os.environ | {"STRANGLER_FAILPOINT": failpoint, "COVERAGE_PROCESS_CONFIG": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    with copy:
        try:
            yield copy
        finally:
            copy.kill()


def urls(sides: Sides) -> tuple[str, str]:
    return sides.legacy, sides.native


def wait_until_stopped(copy: subprocess.Popen[str]) -> None:
    _, status = os.waitpid(copy.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


@pytest.fixture
def changed(sides: Sides) -> Sides:
    """Copied once; since then rows have come, gone and changed in several tables."""
    sides.copy()
    run(
        sides.legacy,
        """
        INSERT INTO downloads_os (id, created, updated, name, slug)
        VALUES (4, '2020-01-01', '2020-01-01', 'Android', 'android');
        UPDATE downloads_releasefile SET os_id = 4;
        DELETE FROM downloads_os WHERE id = 2;
        UPDATE downloads_os SET slug = 'src' WHERE id = 1;
        """,
    )
    return sides


def before(sides: Sides) -> bool:
    slugs, files = ask(sides.native, SLUGS), ask(sides.native, FILES)
    return (slugs, files) == ([("source",), ("windows",), ("macos",)], [(1,), (2,), (3,)])


@pytest.mark.faults
@pytest.mark.parametrize(
    "point", sampled(["copy.before_commit", "copy.staged", "copy.after_snapshot"], short=1)
)
def test_killed_before_the_commit_it_leaves_all_as_it_was(changed: Sides, point: str) -> None:
    with copying(changed, f"{point}=kill") as copy:
        assert copy.wait() == -signal.SIGKILL
    assert before(changed)
    assert changed.copy().equal
    assert changed.unequal() == []


@pytest.mark.faults
def test_killed_after_the_commit_it_is_complete(changed: Sides) -> None:
    with copying(changed, "copy.after_commit=kill") as copy:
        assert copy.wait() == -signal.SIGKILL
    assert changed.unequal() == []


@pytest.mark.faults
def test_readers_see_all_or_nothing_and_nobody_else_copies(changed: Sides) -> None:
    with copying(changed, "copy.before_commit=stop") as copy:
        wait_until_stopped(copy)
        assert before(changed)
        with pytest.raises(BridgeError, match=rf"^another sync is running \(strangler {copy.pid}@"):
            changed.copy()
        copy.send_signal(signal.SIGCONT)
        assert copy.wait() == 0
    assert changed.unequal() == []


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell the peak of memory")
def test_memory_does_not_grow_with_the_table(empty: Sides) -> None:
    rows = shorter(100_000, 50_000)
    run(
        empty.legacy,
        f"""
        INSERT INTO boxes_box
        SELECT n, now(), now(), 'label ' || n, repeat(md5(n::text), 50), 'html', '', NULL, NULL
        FROM generate_series(1, {rows}) AS n;
        """,
    )
    with copying(empty) as copy:
        grown, _ = copy.communicate()
    assert copy.returncode == 0
    assert ask(empty.native, "SELECT count(*), sum(length(content)) FROM boxes") == [
        (rows, 1600 * rows)
    ]
    assert 0 < int(grown) < 32 * MEGABYTE
