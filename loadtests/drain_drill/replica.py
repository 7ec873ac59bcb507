"""One `strangler serve` of several: it ends, comes back on its port, and changes its workers."""

import signal
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from loadtests.drain_drill.program import Program, python
from proxy.embedded.child import free_port

STRANGLER = "from proxy.cli import main; main(prog_name='strangler')"


@dataclass(frozen=True, slots=True)
class Stop:
    """`seconds` from SIGTERM until all of it was gone; `code` is 0 after a clean drain."""

    replica: int
    seconds: float
    code: int


class Replica:
    """`folder` must be its own. Every method raises `DrillError` where it takes too long."""

    def __init__(self, number: int, folder: Path, site_port: int, workers: int) -> None:
        self.number = number
        self.port = free_port()
        self._folder = folder
        self._settings = {"STRANGLER_LEGACY_URL": f"http://127.0.0.1:{site_port}"}
        self._workers = workers
        self._program: Program | None = None
        folder.mkdir()
        (folder / "routing.yaml").write_text("version: 1\n")

    async def start(self) -> None:
        """Return once all its workers accept."""
        serve = ("serve", "--port", str(self.port), "--workers", str(self._workers))
        self._program = await Program.started(
            f"replica {self.number}",
            python("-c", STRANGLER, *serve),
            folder=self._folder,
            settings=self._settings,
        )
        await self._program.says('"event": "serving"')

    async def stop(self) -> Stop:
        began = monotonic()
        self._running.send(signal.SIGTERM)
        code = await self._running.ended()
        return Stop(self.number, monotonic() - began, code)

    async def roll_over(self) -> float:
        """Seconds from SIGHUP until the last successor has taken over."""
        began, before = monotonic(), self._running.said_so_far
        self._running.send(signal.SIGHUP)
        await self._running.says('"event": "rollover_finished"', after=before)
        return monotonic() - began

    async def close(self) -> None:
        if self._program is not None:
            await self._program.close()

    @property
    def _running(self) -> Program:
        if self._program is None:
            raise LookupError(f"replica {self.number} was not started")
        return self._program
