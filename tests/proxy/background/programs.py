"""Programs whose log is kept as it comes."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
DEADLINE = 120
"""Seconds: several Pythons start at once, beside others on a busy machine."""


class Program:
    """`python …`, with these settings; lines of JSON that it writes are its events."""

    def __init__(self, arguments: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        foreign = {name for name in os.environ if name.startswith("STRANGLER_")}
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=kept | {"PYTHONPATH": str(PROJECT)} | dict(settings),
            stderr=subprocess.PIPE,
            text=True,
        )
        self._changed = threading.Condition()
        self._silent = False
        self.events: list[dict[str, Any]] = []
        self.other: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                if line.startswith("{"):
                    self.events.append(json.loads(line))
                else:
                    self.other.append(line)
                self._changed.notify_all()
        with self._changed:
            self._silent = True
            self._changed.notify_all()

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        """Wait for it."""
        wanted = {"event": name, **fields}

        def found() -> dict[str, Any] | None:
            return next((one for one in self.events if wanted.items() <= one.items()), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._silent, DEADLINE)
            event = found()
        assert event is not None, (wanted, self.events, self.other)
        return event

    def code(self) -> int:
        """Wait for its end."""
        code = self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        assert self.process.stderr is not None
        self.process.stderr.close()


@contextmanager
def started(*arguments: str, settings: Mapping[str, str], folder: Path) -> Iterator[Program]:
    program = Program(arguments, settings, folder)
    try:
        yield program
    finally:
        program.close()
