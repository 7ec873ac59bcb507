"""Stand-in workers under the supervisor, in processes of their own, and how a test follows them.

Run as a script with the number of workers, the limits and the bridge's command as JSON, and the
workers' command.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TextIO, cast

import structlog

from proxy.supervisor.listening import listen
from proxy.supervisor.orders import Limits
from proxy.supervisor.supervise import supervise
from proxy.telemetry.events import EventStream

STAND_IN = Path(__file__).with_name("stand_in.py")
DEADLINE = 120
"""Seconds: several Pythons start one after the other, beside others on a busy machine."""


class Supervised:
    """A running supervisor; its log is kept as it comes. Left with its workers, if any, killed."""

    def __init__(
        self,
        folder: Path,
        workers: int = 2,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        *,
        prefix: Sequence[str] = (),
        worker: Sequence[str] = (sys.executable, str(STAND_IN)),
        bridge: Sequence[str] = (),
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        orders = [str(workers), json.dumps(asdict(limits)), json.dumps(bridge)]
        command = [*prefix, sys.executable, __file__, *orders]
        environment = os.environ | {"PYTHONPATH": str(Path.cwd())} | dict(settings)
        self._program = subprocess.Popen(
            [*command, *worker, str(folder)],
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self.pid = self._program.pid
        self._changed = threading.Condition()
        self.events: list[dict[str, Any]] = []
        self.silent = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        """Until nobody is left who could write: the supervisor and all its workers are gone."""
        assert self._program.stderr is not None
        for line in self._program.stderr:
            if not line.startswith("{"):  # a worker's last words, which are nobody's event
                print(line, end="", file=sys.stderr)
                continue
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self.silent = True
            self._changed.notify_all()

    def event(self, name: str, nth: int = 1, **fields: object) -> dict[str, Any]:
        """Wait until an event of this name with these fields has come for the nth time."""

        def found() -> dict[str, Any] | None:
            wanted = {"event": name, **fields}
            matching = [one for one in self.events if wanted.items() <= one.items()]
            return matching[nth - 1] if len(matching) >= nth else None

        with self._changed:
            self._changed.wait_for(lambda: found() or self.silent, DEADLINE)
            event = found()
        assert event is not None, (name, nth, fields, self.events)
        return event

    def port(self) -> int:
        """Wait until all workers are ready."""
        port: int = self.event("serving")["port"]
        return port

    def send(self, number: int) -> None:
        self._program.send_signal(number)

    def code(self) -> int:
        """Wait until the supervisor has ended."""
        return self._program.wait(DEADLINE)

    def all_gone(self) -> bool:
        """Wait until the workers have ended too."""
        with self._changed:
            return self._changed.wait_for(lambda: self.silent, DEADLINE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Asked twice it kills its workers; left to themselves by SIGKILL they might drain for ever.
        for _ in range(2):
            if self._program.poll() is None:
                self._program.terminate()
        self._program.wait(DEADLINE)
        self._reader.join(DEADLINE)
        if self._program.stderr is not None:
            self._program.stderr.close()


class Request:
    """One connection to a stand-in worker."""

    def __init__(self, port: int, line: str = "who") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self._lines = self._socket.makefile("rw")
        self.say(line)

    def say(self, line: str) -> None:
        print(line, file=self._lines, flush=True)

    def answer(self) -> str:
        """The next line, without its end; empty where the connection ended."""
        return self._lines.readline().rstrip("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._socket.close()


def ask(port: int) -> int:
    """The process number of the worker that answers."""
    with Request(port) as request:
        return int(request.answer())


def main(workers: int, limits: Limits, bridge: Sequence[str], command: Sequence[str]) -> int:
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        # In one write: the bridge beside it has the same standard error.
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, EventStream(2))),
    )
    log = structlog.get_logger("supervised")
    sockets = listen("127.0.0.1", 0, workers)
    port = sockets[0].getsockname()[1]
    return supervise(
        command,
        sockets,
        workers,
        limits,
        bridge=bridge,
        on_serving=lambda: log.info("serving", port=port),
    )


if __name__ == "__main__":
    given = Limits(**json.loads(sys.argv[2]))
    sys.exit(main(int(sys.argv[1]), given, json.loads(sys.argv[3]), sys.argv[4:]))
