"""The file followed: real files, saved in every way that editors and deployments save them."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from proxy.ownership.phases import Phase
from proxy.routing.parse import RoutingError
from proxy.routing.source import Reload, RoutingSource

KNOWN = ("boxes", "downloads")
PATIENCE = 10
"""Seconds until a test gives up; an edit is seen within one."""


def content(phase: str) -> str:
    return f"version: 1\ndomains:\n  boxes: {{phase: {phase}, routes: [/boxes/**]}}\n"


class Followed:
    """A file that is being followed, and the reloads that were told of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reloads: asyncio.Queue[Reload] = asyncio.Queue()
        self.source = RoutingSource(path, KNOWN, on_change=self.reloads.put_nowait)

    async def reload(self) -> Reload:
        async with asyncio.timeout(PATIENCE):
            return await self.reloads.get()

    async def loaded(self, text: str) -> None:
        """Wait until a text is in force, whatever came before it."""
        while (await self.reload()).digest != hashlib.sha256(text.encode()).hexdigest():
            pass

    def phase(self) -> Phase:
        return self.source.table.match("GET", b"/boxes/1").wanted


@pytest.fixture
async def followed(tmp_path: Path) -> AsyncIterator[Followed]:
    path = tmp_path / "routing.yaml"
    path.write_text(content("legacy"))
    file = Followed(path)
    watching = asyncio.create_task(file.source.watch())
    yield file
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


def write_in_place(path: Path, text: str) -> None:
    path.write_text(text)


def rename_over(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def keep_a_backup(path: Path, text: str) -> None:
    path.rename(path.with_suffix(".yaml~"))
    path.write_text(text)


def delete_and_write(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def within_the_same_tick(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert path.stat().st_mtime_ns == before.st_mtime_ns


SAVERS = [write_in_place, rename_over, keep_a_backup, delete_and_write, within_the_same_tick]


@pytest.mark.parametrize("save", SAVERS)
async def test_an_edit_takes_effect(followed: Followed, save: Callable[[Path, str], None]) -> None:
    old = followed.source.table
    save(followed.path, content("shadow"))  # as long as "legacy"
    reload = await followed.reload()
    assert (reload.old, reload.new, reload.faults) == (old, followed.source.table, ())
    assert reload.digest == followed.source.digest
    assert followed.source.digest == hashlib.sha256(followed.path.read_bytes()).hexdigest()
    assert followed.phase() is Phase.SHADOW
    assert followed.source.config.domains["boxes"].phase is Phase.SHADOW


async def test_switched_symlinks(tmp_path: Path) -> None:
    """As a ConfigMap is mounted: routing.yaml → current/routing.yaml, current → a release."""
    for release, phase in (("one", "legacy"), ("two", "shadow")):
        (tmp_path / release).mkdir()
        (tmp_path / release / "routing.yaml").write_text(content(phase))
    (tmp_path / "current").symlink_to("one")
    (tmp_path / "routing.yaml").symlink_to("current/routing.yaml")
    file = Followed(tmp_path / "routing.yaml")
    watching = asyncio.create_task(file.source.watch())
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "current")
    await file.reload()
    assert file.phase() is Phase.SHADOW
    watching.cancel()


async def test_of_two_quick_edits_the_last_one_counts(followed: Followed) -> None:
    followed.path.write_text(content("shadow"))
    followed.path.write_text(content("reads"))
    await followed.loaded(content("reads"))
    assert followed.phase() is Phase.READS


async def test_edit_after_edit(followed: Followed) -> None:
    for phase in ("reads", "legacy", "reads", "legacy"):
        rename_over(followed.path, content(phase))
        await followed.loaded(content(phase))
        assert followed.phase() == phase


async def test_a_faulty_edit_changes_nothing(followed: Followed) -> None:
    before = followed.source.table, followed.source.digest
    followed.path.write_text("version: 1\ndomains:\n  boxes: {phase: on}\n")
    reload = await followed.reload()
    assert reload.new is reload.old is followed.source.table
    assert followed.source.faults == reload.faults
    assert [(fault.line, fault.column) for fault in reload.faults] == [(3, 18)]
    source = followed.source
    assert (source.table, source.digest) == before

    followed.path.write_text(content("shadow"))
    assert (await followed.reload()).faults == ()
    assert followed.source.faults == ()
    assert followed.phase() is Phase.SHADOW


async def test_taking_a_faulty_edit_back_ends_the_fault(followed: Followed) -> None:
    followed.path.write_text("")
    assert [fault.message for fault in (await followed.reload()).faults] == ["the file is empty"]
    followed.path.write_text(content("legacy"))
    assert (await followed.reload()).faults == ()
    assert followed.source.faults == ()


async def test_the_file_goes_and_comes_back(followed: Followed) -> None:
    followed.path.unlink()
    (fault,) = (await followed.reload()).faults
    assert fault.message == "there is no such file"
    assert followed.phase() is Phase.LEGACY
    followed.path.mkdir()
    (fault,) = (await followed.reload()).faults
    assert fault.message == "is a directory, not a file"
    followed.path.rmdir()
    followed.path.write_text(content("shadow"))
    await followed.loaded(content("shadow"))
    assert followed.phase() is Phase.SHADOW


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_a_file_that_may_not_be_read(followed: Followed) -> None:
    followed.path.chmod(0)
    (fault,) = (await followed.reload()).faults
    assert fault.message == "may not be read by this user"
    followed.path.chmod(0o600)
    assert (await followed.reload()).faults == ()


async def test_a_touch_is_no_edit(followed: Followed) -> None:
    followed.path.touch()
    rename_over(followed.path, content("legacy"))
    followed.path.write_text(content("shadow"))
    reload = await followed.reload()
    assert reload.old is not reload.new
    assert followed.reloads.empty()


async def test_a_failing_callback_does_not_end_the_watch(tmp_path: Path) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text(content("legacy"))
    called = asyncio.Event()

    def fail(reload: Reload) -> None:
        called.set()
        raise RuntimeError("a fault of the caller")

    source = RoutingSource(path, KNOWN, on_change=fail)
    watching = asyncio.create_task(source.watch())
    for phase in ("shadow", "reads"):
        called.clear()
        path.write_text(content(phase))
        async with asyncio.timeout(PATIENCE):
            await called.wait()
        assert source.table.match("GET", b"/boxes/").wanted == phase
    watching.cancel()


@pytest.mark.parametrize("text", ["", "version: 2\n", None])
def test_a_faulty_file_at_start_up_is_an_error(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "routing.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RoutingError, match=r"routing\.yaml:1:\d+: "):
        RoutingSource(path, KNOWN)
