"""Workers that come and go, however they go: counted once, and no more files than needed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

import pytest
from structlog.testing import capture_logs

from proxy.telemetry import AccessLog, Telemetry, families, sheets
from proxy.telemetry.locked import held, sole
from proxy.telemetry.sheets import Sheet, Sheets, Totals
from proxy.telemetry.tally import Tally

NAME = families.REFUSED.name
serial = count()


def sheet(number: float) -> Sheet:
    tally = Tally()
    tally.count(NAME, ("400",), number)
    return Sheet(tally, {"gauge": {(): number}})


def leave(folder: Path, number: float) -> Path:
    """A sheet whose worker has ended: nobody holds it."""
    path = folder / f"worker-0-{next(serial)}"
    path.write_bytes(sheets._encode(sheet(number)))
    return path


def seen(by: Sheets) -> tuple[float, list[float]]:
    """The count of ended workers, and those of the live ones."""
    ended, live = by.others()
    numbers = [other.gauges["gauge"][()] for other in live]
    assert numbers == [other.tally.counts[NAME]["400",] for other in live]
    return ended.counts.get(NAME, {}).get(("400",), 0), sorted(numbers)


def files(folder: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in folder.iterdir())


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Sheets]:
    ours = Sheets(tmp_path)
    yield ours
    ours.close()


def test_live_ones_are_read_ended_ones_are_folded(asking: Sheets, tmp_path: Path) -> None:
    live = Sheets(tmp_path)
    live.publish(sheet(2))
    asking.publish(sheet(8))
    leave(tmp_path, 1)
    for _ in range(2):
        assert seen(asking) == (1, [2])
    assert files(tmp_path) == ["folding", "totals", "worker", "worker"]
    live.publish(sheet(3))
    assert seen(asking) == (1, [3])
    live.close()
    for _ in range(2):
        assert seen(asking) == (4, [])
    assert files(tmp_path) == ["folding", "totals", "worker"]


def test_what_says_nothing_new_is_not_written(asking: Sheets, tmp_path: Path) -> None:
    asking.publish(sheet(1))
    (path,) = tmp_path.glob("worker-*")
    first = path.stat().st_ino
    asking.publish(sheet(1))
    assert path.stat().st_ino == first
    asking.publish(sheet(2))
    assert path.stat().st_ino != first


def test_hundreds_of_workers_leave_no_heap_of_files(tmp_path: Path) -> None:
    for _ in range(300):
        ours = Sheets(tmp_path)
        ours.publish(sheet(1))
        ours.close()
    assert files(tmp_path) == ["folding", "totals", "worker"]
    assert seen(Sheets(tmp_path)) == (300, [])
    assert (tmp_path / "totals").stat().st_size < 200


PROGRAM = """
import sys
from itertools import count
from pathlib import Path
from typing import BinaryIO
from proxy.telemetry.locked import held, sole
from proxy.telemetry.sheets import Sheet, Sheets
from proxy.telemetry.tally import Tally
ours = Sheets(Path(sys.argv[1]))
tally = Tally()
tally.count(sys.argv[2], ("400",), 5)
ours.publish(Sheet(tally, {"gauge": {(): 5}}))
print("published", flush=True)
sys.stdin.read()
"""


def test_a_worker_that_is_killed_counts_on(asking: Sheets, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tmp_path, NAME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"published\n"
        assert seen(asking) == (0, [5])
        worker.kill()
    for _ in range(2):
        assert seen(asking) == (5, [])


def test_several_may_fold_at_once_and_every_sum_is_right(tmp_path: Path) -> None:
    sums = []

    def asks() -> None:
        for _ in range(20):
            sums.append(seen(Sheets(tmp_path)))
            leave(tmp_path, 0)

    for _ in range(40):
        leave(tmp_path, 1)
    threads = [threading.Thread(target=asks) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums == [(40, [])] * 80


def test_while_another_folds_the_sum_is_right_all_the_same(asking: Sheets, tmp_path: Path) -> None:
    leave(tmp_path, 1)
    with sole(tmp_path / "folding") as alone:
        assert alone
        assert seen(asking) == (1, [])
        assert files(tmp_path) == ["folding", "worker"]
    assert seen(asking) == (1, [])
    assert files(tmp_path) == ["folding", "totals"]


def test_a_fold_that_was_cut_short_is_not_done_twice(asking: Sheets, tmp_path: Path) -> None:
    path = leave(tmp_path, 1)
    left = path.read_bytes()
    assert seen(asking) == (1, [])
    path.write_bytes(left)
    path.with_name(f"new-{path.name}").write_bytes(b"half of the next")
    with sole(tmp_path / "folding"):
        assert seen(asking) == (1, [])
    assert seen(asking) == (1, [])
    assert files(tmp_path) == ["folding", "totals"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Do it when the first sheet has been opened."""
    left = [what]

    def asked(file: BinaryIO) -> bool:
        if left:
            left.pop()()
        return held(file)

    monkeypatch.setattr("proxy.telemetry.sheets.held", asked)


def test_a_sheet_replaced_while_it_is_read_is_a_live_ones(
    asking: Sheets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Sheets(tmp_path)
    live.publish(sheet(1))
    meanwhile(monkeypatch, lambda: live.publish(sheet(2)))
    assert seen(asking) == (0, [2])
    live.close()


def test_sheets_folded_while_they_are_read_count_once(
    asking: Sheets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path, 1)
    leave(tmp_path, 2)
    other = Sheets(tmp_path)
    fold = other.fold
    monkeypatch.setattr(asking, "fold", lambda: None)
    meanwhile(monkeypatch, fold)
    assert seen(asking) == (3, [])
    assert files(tmp_path) == ["folding", "totals"]


@pytest.mark.parametrize("octets", [b"not msgpack", sheets._encode({"tally": 3})])
def test_what_another_version_wrote_is_said_and_left_out(
    asking: Sheets, tmp_path: Path, octets: bytes
) -> None:
    leave(tmp_path, 2)
    strange = tmp_path / "worker-1-strange"
    strange.write_bytes(octets)
    with capture_logs() as events:
        assert seen(asking) == (2, [])
    assert [(event["event"], event["file"]) for event in events] == [
        ("metrics_unreadable", str(strange))
    ]
    assert files(tmp_path) == ["folding", "totals"]


def test_totals_that_another_version_wrote_begin_anew(asking: Sheets, tmp_path: Path) -> None:
    row = [1.0, 2.0]
    strange = Totals(Tally(requests={("legacy", "-", 200): row}))
    (tmp_path / "totals").write_bytes(sheets._encode(strange))
    leave(tmp_path, 2)
    with capture_logs() as events:
        assert seen(asking) == (2, [])
    assert {event["event"] for event in events} == {"metrics_unreadable"}


@pytest.fixture
def nowhere() -> Iterator[AccessLog]:
    with Path(os.devnull).open("wb") as out:
        yield AccessLog(out.fileno())


async def test_a_folder_that_is_gone_breaks_the_page_only(
    nowhere: AccessLog, tmp_path: Path
) -> None:
    telemetry = Telemetry(nowhere, tmp_path / "gone")
    with capture_logs() as events:
        telemetry.start()
        with pytest.raises(FileNotFoundError):
            telemetry.page()
        telemetry.close()
    assert [(event["event"], event["number"]) for event in events] == [
        ("metrics_unpublished", 1),
        ("metrics_unpublished", 2),
    ]


def test_a_full_disk_leaves_the_last_sheet(
    asking: Sheets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking.publish(sheet(1))
    (path,) = tmp_path.glob("worker-*")
    last = path.read_bytes()
    path.with_name(f"new-{path.name}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        asking.publish(sheet(2))
    assert path.read_bytes() == last
    assert files(tmp_path) == ["folding", "worker"]
    assert seen(Sheets(tmp_path)) == (0, [1])
    asking.publish(sheet(2))
    assert seen(Sheets(tmp_path)) == (0, [2])
