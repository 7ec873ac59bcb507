"""`strangler sync run` twice, in processes of their own that come back when they end."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import IO

from tests.legacy_bridge.replication.apply.live import PROJECT
from tests.legacy_bridge.replication.sides import Sides

POINTS = (
    "apply.received",
    "apply.chunk_written",
    "apply.before_position",
    "apply.before_commit",
    "apply.after_commit",
    "apply.acknowledged",
)


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    killed: bool = False


@dataclass(slots=True)
class Appliers:
    """`ended`: what those that ended by themselves said last."""

    sides: Sides
    ended: list[str] = field(default_factory=list)
    started: int = 0
    _running: list[_Running] = field(default_factory=list)

    def tend(self, count: int = 2) -> None:
        """Start those that are not there."""
        for one in [one for one in self._running if one.process.poll() is not None]:
            self._note(one)
        while len(self._running) < count:
            self.start()

    def start(self, failpoint: str = "") -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115  # read when the process has ended
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.legacy_bridge.replication.apply.alone"),
                *(self.sides.legacy, self.sides.native),
            ],
            cwd=PROJECT,
            env=os.environ | {"STRANGLER_FAILPOINT": failpoint},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        self._running.append(_Running(process, said, killed=bool(failpoint)))
        self.started += 1

    def pid(self, place: int) -> int | None:
        """Of the first or the second that runs."""
        alive = [one for one in self._running if one.process.poll() is None]
        return alive[place % len(alive)].process.pid if alive else None

    def kill(self, pid: int) -> None:
        for one in self._running:
            if one.process.pid == pid:
                one.killed = True
                one.process.kill()
                one.process.wait()

    def close(self) -> None:
        for one in self._running:
            if one.process.poll() is None:
                one.killed = True
                one.process.send_signal(signal.SIGCONT)
                one.process.kill()
        for one in list(self._running):
            one.process.wait()
            self._note(one)

    def _note(self, one: _Running) -> None:
        self._running.remove(one)
        one.said.seek(0)
        lines = one.said.read().decode(errors="replace").splitlines()
        one.said.close()
        if not one.killed or (lines and one.process.returncode != -signal.SIGKILL):
            self.ended.append(lines[-1] if lines else f"exit {one.process.returncode}")
