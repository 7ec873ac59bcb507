"""How lines get to where they go, and what becomes of those that cannot."""

import asyncio
import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from proxy.telemetry import AccessLog, Telemetry, access_log
from proxy.telemetry.events import Seldom
from proxy.telemetry.line import LONGEST
from proxy.telemetry.outlet import PIPE_ROOM
from tests.proxy.telemetry.records import NOON, contents, lines, pipe, record


def telemetry_to(log: AccessLog) -> Telemetry:
    return Telemetry(log, clock=lambda: NOON)


async def readable(fd: int) -> None:
    """Until there is something to read."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(fd, there.set)
    try:
        async with asyncio.timeout(10):
            await there.wait()
    finally:
        loop.remove_reader(fd)


async def test_lines_are_gathered_up_to_the_limit() -> None:
    with pipe() as (reader, writer):
        telemetry = telemetry_to(AccessLog(writer, delay=60, limit=600))
        record(telemetry, path=b"/1")
        record(telemetry, path=b"/2")
        assert contents(reader) == b""
        record(telemetry, path=b"/3")
        assert [line["path"] for line in lines(contents(reader))] == ["/1", "/2", "/3"]
        record(telemetry, path=b"/4")
        assert contents(reader) == b""
        telemetry.close()
        assert [line["path"] for line in lines(contents(reader))] == ["/4"]


async def test_no_line_waits_longer_than_the_delay_and_one_timer_serves_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    timers: list[float] = []
    call_later = loop.call_later

    def counted(delay: float, *arguments: object) -> asyncio.TimerHandle:
        timers.append(delay)
        return call_later(delay, *arguments)  # type: ignore[arg-type]

    with pipe() as (reader, writer):
        telemetry = telemetry_to(AccessLog(writer, delay=0.01))
        with monkeypatch.context() as patched:
            patched.setattr(loop, "call_later", counted)
            record(telemetry)
            record(telemetry)
        await readable(reader)
        assert len(lines(contents(reader))) == 2
        assert timers == [0.01]
        with monkeypatch.context() as patched:
            patched.setattr(loop, "call_later", counted)
            record(telemetry)
        await readable(reader)
        assert len(lines(contents(reader))) == 1
        telemetry.close()


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """The ends to read and to write of a pipe or a socket."""
    if request.param == "pipe":
        with pipe() as both:
            yield both
    else:
        one, other = socket.socketpair()
        one.setblocking(False)
        with one, other:
            yield one.fileno(), other.fileno()


async def test_a_reader_that_stands_still_costs_lines_not_time(ends: tuple[int, int]) -> None:
    reader, writer = ends
    log = AccessLog(writer, delay=60, limit=LONGEST, backlog=100_000)
    telemetry = telemetry_to(log)
    with capture_logs() as events:
        recorded = 0
        while log.lost < 10:
            record(telemetry, path=b"/%d" % recorded)
            recorded += 1
    assert events == [
        {"event": "access_log_lost", "log_level": "error", "number": 1, "error": "nobody reads it"}
    ]
    assert os.get_blocking(writer), "others share the descriptor: it must stay as it was"

    read = contents(reader)
    async with asyncio.timeout(10):
        while read.count(b"\n") < recorded - 10:
            await readable(reader)
            read += contents(reader)
    assert [line["path"] for line in lines(read)] == [f"/{n}" for n in range(recorded - 10)]

    afterwards = 0
    while not (read := contents(reader)):
        record(telemetry, path=b"/after")
        afterwards += 1
        assert afterwards < LONGEST // 100, "batches are as small as before"
    assert len(lines(read)) == afterwards
    with capture_logs() as events:
        telemetry.close()
    assert [event["number"] for event in events] == [9]
    assert log.lost == 10


async def test_while_the_reader_stands_still_only_the_loop_writes() -> None:
    with pipe() as (reader, writer):
        log = AccessLog(writer, delay=60, limit=LONGEST)
        telemetry = telemetry_to(log)
        for _ in range(2 * PIPE_ROOM // 200):
            record(telemetry)
        first = contents(reader)
        log.flush()
        assert contents(reader) == b""
        await readable(reader)
        read = first + contents(reader)
        telemetry.close()
        assert len(lines(read + contents(reader))) == 2 * PIPE_ROOM // 200
    assert log.lost == 0


async def test_workers_that_share_a_pipe_never_write_into_each_others_lines() -> None:
    with pipe() as (reader, writer):
        os.set_blocking(reader, True)
        read: list[bytes] = []

        def reads() -> None:
            while piece := os.read(reader, 10_000):
                read.append(piece)

        thread = threading.Thread(target=reads)
        thread.start()
        ours = os.dup(writer)
        workers = [telemetry_to(AccessLog(ours)) for _ in range(3)]
        for n in range(1500):
            for owner, telemetry in zip("abc", workers, strict=True):
                record(telemetry, path=b"/" * (n * 7 % 5000), owner=owner)
            await asyncio.sleep(0)
        for telemetry in workers:
            telemetry.close()
        os.close(ours)
        os.close(writer)
        await asyncio.to_thread(thread.join, 10)
        os.dup2(reader, writer)
    owners = [line["owner"] for line in lines(b"".join(read))]
    assert {owner: owners.count(owner) for owner in "abc"} == {"a": 1500, "b": 1500, "c": 1500}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_reader_that_left_costs_lines_only(when: str) -> None:
    with pipe() as (reader, writer):
        if when == "before":
            os.close(reader)
        log = AccessLog(writer, delay=60)
        telemetry = telemetry_to(log)
        if when == "after":
            os.close(reader)
        with capture_logs() as events:
            for _ in range(3):
                record(telemetry)
            log.flush()
            record(telemetry)
            log.flush()
            log.settle()
            assert log.lost == 4
            telemetry.close()
    said = {"event": "access_log_lost", "log_level": "error", "error": "Broken pipe"}
    assert events == [{**said, "number": 3}, {**said, "number": 1}]


async def test_a_reader_that_leaves_a_full_pipe_costs_what_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = asyncio.Event()
    add = Seldom.add

    def added(self: Seldom, number: int, error: str) -> None:
        add(self, number, error)
        lost.set()

    monkeypatch.setattr(Seldom, "add", added)
    with pipe() as (reader, writer):
        log = AccessLog(writer, delay=60, limit=LONGEST)
        telemetry = telemetry_to(log)
        recorded = 2 * PIPE_ROOM // 150
        for _ in range(recorded):
            record(telemetry)
        os.close(reader)
        with capture_logs() as events:
            async with asyncio.timeout(10):
                await lost.wait()
            waited = log.lost
            record(telemetry)
            telemetry.close()
    assert [(event["number"], event["error"]) for event in events] == [
        (waited, "Broken pipe"),
        (1, "Broken pipe"),
    ]
    assert 0 < waited < recorded
    assert log.lost == waited + 1


async def test_where_no_pipe_of_our_own_can_be_had_the_given_one_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with pipe() as (reader, writer):
        with monkeypatch.context() as patched:
            patched.setattr(os, "open", refuse)
            log = AccessLog(writer, delay=60, limit=LONGEST)
        telemetry = telemetry_to(log)
        for _ in range(2 * PIPE_ROOM // 200):
            record(telemetry)
        read = contents(reader)
        await readable(reader)
        read += contents(reader)
        telemetry.close()
        assert len(lines(read + contents(reader))) == 2 * PIPE_ROOM // 200
    assert log.lost == 0


@pytest.fixture
def full_disk() -> Iterator[int]:
    with Path("/dev/full").open("wb", buffering=0) as full:
        yield full.fileno()


async def test_a_full_disk_costs_lines_only(full_disk: int) -> None:
    log = AccessLog(full_disk, delay=60)
    telemetry = telemetry_to(log)
    with capture_logs() as events:
        record(telemetry)
        log.flush()
        telemetry.close()
    assert [(event["number"], event["error"]) for event in events] == [
        (1, "No space left on device")
    ]


@contextmanager
def files_end_at(octets: int) -> Iterator[None]:
    """Let no file grow beyond, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_line_that_the_full_disk_tore_is_completed_when_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "access.log"
    with path.open("wb") as out:
        log = AccessLog(out.fileno(), delay=60)
        telemetry = telemetry_to(log)
        for n in range(5):
            record(telemetry, path=b"/%d" % n)
        with capture_logs() as events, files_end_at(500):
            log.flush()
        assert [(event["number"], event["error"]) for event in events] == [(2, "File too large")]
        assert path.stat().st_size == 500
        record(telemetry, path=b"/after")
        telemetry.close()
    assert [line["path"] for line in lines(path.read_bytes())] == ["/0", "/1", "/2", "/after"]


async def test_a_worker_that_ends_waits_for_a_slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "CLOSING_SECONDS", 20.0)
    with pipe() as (reader, writer):
        log = AccessLog(writer, delay=60)
        telemetry = telemetry_to(log)
        recorded = 3 * PIPE_ROOM // 200
        for _ in range(recorded):
            record(telemetry)
        os.set_blocking(reader, True)
        read = bytearray()

        def reads() -> None:
            while read.count(b"\n") < recorded:
                read.extend(os.read(reader, 10_000))

        thread = threading.Thread(target=reads)
        thread.start()
        telemetry.close()
        await asyncio.to_thread(thread.join, 10)
    assert len(lines(bytes(read))) == recorded
    assert log.lost == 0


async def test_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "CLOSING_SECONDS", 0.01)
    with pipe() as (reader, writer), capture_logs() as events:
        log = AccessLog(writer, delay=60)
        telemetry = telemetry_to(log)
        recorded = 2 * PIPE_ROOM // 200
        for _ in range(recorded):
            record(telemetry)
        telemetry.close()
        written = len(lines(contents(reader)))
    assert written + log.lost == recorded
    assert [(event["number"], event["error"]) for event in events] == [
        (recorded - written, "nobody reads it")
    ]


async def test_what_comes_after_the_end_is_lost_not_written_elsewhere(
    ends: tuple[int, int],
) -> None:
    reader, writer = ends
    log = AccessLog(writer, delay=60)
    telemetry = telemetry_to(log)
    telemetry.close()
    reused = [os.dup(writer) for _ in range(3)]
    record(telemetry)
    log.flush()
    assert contents(reader) == b""
    assert log.lost == 1
    for fd in reused:
        os.close(fd)
