"""The shadow process's end: captures come in, credit goes out.

A worker has `WINDOW` captures under way at most. Each that is done with is worth another one, told
a few at a time, so that a worker is not woken for every single one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from proxy.shadow.capture import LENGTH, Answered, Arrived, Capture, Told, length_of, read
from proxy.shadow.channel import address

WINDOW = 16
AT_ONCE = 4
"""Captures that are worked on at the same time."""
GRANT_SECONDS = 0.02
MOST_WORKERS = 1024

Take = Callable[[Capture], Awaitable[None]]
Rehearse = Callable[[Arrived, "asyncio.Future[Answered]"], Awaitable[None]]


async def no_rehearsal(arrived: Arrived, answered: "asyncio.Future[Answered]") -> None:
    """Where only what reads is compared."""


class Door:
    """`take` is called for each capture in its turn, for some at the same time; `rehearse` at once
    for a request that writes, with a future of its answer."""

    def __init__(self, take: Take, rehearse: Rehearse = no_rehearsal) -> None:
        self._take = take
        self._rehearse = rehearse
        self._rehearsing: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Queue[tuple[_Worker, Capture]] = asyncio.Queue()
        self._workers: set[_Worker] = set()

    async def run(self, folder: Path, ready: Callable[[], None]) -> None:
        """Until cancelled. Whoever was there before is not asked any more."""
        (folder / "shadow").unlink(missing_ok=True)
        with address(folder) as name:
            server = await asyncio.start_unix_server(self._serve, name, backlog=MOST_WORKERS)
        async with server:
            ready()
            working = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
            try:
                done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                done.pop().result()
            finally:
                for task in working:
                    task.cancel()
                for worker in list(self._workers):
                    worker.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker = _Worker(writer)
        self._workers.add(worker)
        worker.grant(WINDOW)
        try:
            while True:
                length = length_of(await reader.readexactly(LENGTH))
                self._sort(worker, read(await reader.readexactly(length)))
        except (OSError, EOFError, ValueError):
            pass  # it ended, or is of another version: it will come again, or its successor
        except asyncio.CancelledError:
            pass  # we end; asyncio would log a task of its own that was cancelled
        finally:
            self._workers.discard(worker)
            worker.close()

    def _sort(self, worker: "_Worker", told: Told) -> None:
        match told:
            case Capture():
                self._waiting.put_nowait((worker, told))
            case Arrived():
                answered = worker.awaiting(told.number)
                task = asyncio.create_task(self._rehearsed(worker, told, answered))
                self._rehearsing.add(task)
                task.add_done_callback(self._rehearsing.discard)
            case Answered():
                worker.answered(told)

    async def _rehearsed(
        self, worker: "_Worker", arrived: Arrived, answered: "asyncio.Future[Answered]"
    ) -> None:
        try:
            await self._rehearse(arrived, answered)
        finally:
            worker.forget(arrived.number)
            worker.grant(1)

    async def _work(self) -> None:
        while True:
            worker, capture = await self._waiting.get()
            try:
                await self._take(capture)
            finally:
                worker.grant(1)


class _Worker:
    """Its credit on the way to it, and the answers that are awaited from it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._granted = 0
        self._timer: asyncio.TimerHandle | None = None
        self._awaited: dict[int, asyncio.Future[Answered]] = {}

    def awaiting(self, number: int) -> "asyncio.Future[Answered]":
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        return self._awaited.setdefault(number, future)

    def forget(self, number: int) -> None:
        self._awaited.pop(number, None)

    def answered(self, answered: Answered) -> None:
        """Nobody awaits it any more where the rehearsal is over."""
        future = self._awaited.get(answered.number)
        if future is not None and not future.done():
            future.set_result(answered)

    def grant(self, number: int) -> None:
        self._granted += number
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(GRANT_SECONDS, self._send)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._writer.close()

    def _send(self) -> None:
        self._timer = None
        if not self._writer.is_closing():
            self._writer.write(bytes([self._granted]))
        self._granted = 0
