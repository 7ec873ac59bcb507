"""Passwords from the event loop: the work is done in a few threads of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from legacy_bridge.django.passwords.checking import Passwords, Verdict


class PasswordThreads:
    """At most `threads` passwords are worked on at a time; the others wait in line.

    All algorithms let go of the interpreter lock while they work. Who stops waiting leaves the
    line, unless the work has begun. The threads start with the first password.
    """

    __slots__ = ("_passwords", "_threads")

    def __init__(self, passwords: Passwords, threads: int = 1) -> None:
        self._passwords = passwords
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")

    async def verify(self, password: str, encoded: str) -> Verdict:
        """See `Passwords.verify`."""
        return await self._loop.run_in_executor(
            self._threads, self._passwords.verify, password, encoded
        )

    async def make(self, password: str) -> str:
        """See `Passwords.make`."""
        return await self._loop.run_in_executor(self._threads, self._passwords.make, password)

    async def spend(self, password: str) -> None:
        """See `Passwords.spend`."""
        await self._loop.run_in_executor(self._threads, self._passwords.spend, password)

    def close(self) -> None:
        """Who waits is cancelled; what has begun is waited for."""
        self._threads.shutdown(cancel_futures=True)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()
