"""Work that waits for a database, beside the event loop: a few at a time, in threads of their own
that do not keep the worker from ending, as a database may never answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
THREADS = 4


class Crew:
    """At most so many at once; who comes later waits."""

    def __init__(self, threads: int = THREADS) -> None:
        self._free = asyncio.Semaphore(threads)

    async def do(self, work: Callable[[], T]) -> T:
        """What it returns, or raises. It goes on even if nobody waits for it any more."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            tell: Callable[[], None]
            try:
                result = work()
            except Exception as error:
                fault = error
                tell = lambda: future.set_exception(fault)  # noqa: E731
            else:
                tell = lambda: future.set_result(result)  # noqa: E731
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._done, future, tell)

        Thread(target=run, daemon=True, name="console").start()
        return await future

    def _done(self, future: "asyncio.Future[T]", tell: Callable[[], None]) -> None:
        self._free.release()
        if not future.done():
            tell()
