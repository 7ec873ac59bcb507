"""A program of the drill: started, listened to, signalled, and never left behind."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from proxy.bench.cores import with_descendants
from proxy.embedded.child import KEEPER

PATIENCE = 60.0
"""Seconds for anything that a program is waited for."""

TAIL = 15
PROJECT = Path(__file__).resolve().parents[2]


class DrillError(Exception):
    """The drill cannot be held, or did not come to its end; says why."""


class Program:
    """Below a keeper, which ends it when we are gone. What it says on standard error is kept.

    Its standard output is discarded: access logs go there.
    """

    def __init__(self, name: str, keeper: asyncio.subprocess.Process) -> None:
        self._name = name
        self._keeper = keeper
        self._lines: list[str] = []
        self._news = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def started(
        cls,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """`settings` are environment variables; those of an installation here are left out."""
        order = {
            "command": list(command),
            "folder": str(folder),
            "account": None,
            "stop_signal": int(signal.SIGTERM),
            "grace": PATIENCE,
        }
        keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(KEEPER), json.dumps(order)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=_environment() | dict(settings or {}),
            start_new_session=True,
        )
        return cls(name, keeper)

    async def _listen(self) -> None:
        """Until nobody is left who could say something."""
        stream = self._keeper.stderr
        while stream is not None and (line := await stream.readline()):
            async with self._news:
                self._lines.append(line.decode(errors="replace").rstrip())
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    @property
    def said_so_far(self) -> int:
        return len(self._lines)

    async def says(self, words: str, *, after: int = 0) -> str:
        """Its first line with these words, after so many lines. Raises `DrillError`."""

        def found() -> str | None:
            return next((line for line in self._lines[after:] if words in line), None)

        async with self._news:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._news.wait_for(
                        lambda: found() or self._keeper.returncode is not None
                    )
            except TimeoutError:
                raise self._silent(words) from None
            line = found()
        if line is None:
            raise self._silent(words)
        return line

    def _silent(self, words: str) -> DrillError:
        tail = "\n".join(f"  {line}" for line in self._lines[-TAIL:])
        return DrillError(f"{self._name} did not say {words!r}:\n{tail}")

    def send(self, number: signal.Signals) -> None:
        _, program, *_ = with_descendants(self._keeper.pid)
        os.kill(program, number)

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self._keeper.wait()
        except TimeoutError:
            raise DrillError(f"{self._name} did not end within {PATIENCE:.0f} s") from None
        await self.close()
        return code

    async def close(self) -> None:
        """Ask it to end, where it has not, and wait for that. Safe to repeat."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        await self._keeper.wait()
        await self._listening


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRANGLER_")}
    path = os.pathsep.join(filter(None, [str(PROJECT), kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path}
