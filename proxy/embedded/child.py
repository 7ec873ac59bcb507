"""A server process that never outlives the one that started it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from typing import Self, TypeVar

KEEPER = Path(__file__).with_name("keeper.py")
LOG_TAIL_LINES = 15
POLL_SECONDS = 0.02
PORT_ATTEMPTS = 5
PORTS_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST_PORT = 20_000
"""Of those that are tried: below it are many that a well-known server might want."""


T = TypeVar("T")


class EmbeddedError(Exception):
    """A server could not be set up; says which, why and what to do."""


class PortTakenError(EmbeddedError):
    """Somebody else listens on the port by now."""


class Child:
    """One server below a keeper, in a session of its own: Ctrl-C reaches it through us only.

    Its output is appended to `log`. Times are in seconds.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path = Path("/"),
        account: tuple[int, int] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10,
    ) -> None:
        self.name = name
        self._log = log
        order = {
            "command": list(command),
            "folder": str(folder),
            "account": account,
            "stop_signal": int(stop_signal),
            "grace": grace,
        }
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._keeper.poll() is None

    @property
    def keeper(self) -> int:
        """The process that the server is below."""
        return self._keeper.pid

    def wait_until(self, ready: Callable[[], bool], *, within: float) -> None:
        """Return once `ready()`; raise `EmbeddedError` with the end of the log if it never is."""
        deadline = time.monotonic() + within
        while not ready():
            if not self.running:
                self.close()
                raise self._ended()
            if time.monotonic() > deadline:
                self.close()
                raise EmbeddedError(
                    f"{self.name} was not ready within {within:.0f} s:\n{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)

    def _ended(self) -> EmbeddedError:
        tail = self.log_tail()
        kind = PortTakenError if " in use" in tail else EmbeddedError
        return kind(f"{self.name} ended at once (exit {self._keeper.returncode}):\n{tail}")

    def log_tail(self) -> str:
        """The last lines of what this run wrote."""
        with self._log.open("rb") as output:
            output.seek(self._log_start)
            lines = output.read().decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-LOG_TAIL_LINES:])

    def close(self) -> None:
        """Stop the server as its stop signal does, and wait until it is gone. Safe to repeat."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def on_free_port(start: Callable[[int], T]) -> T:
    """Start a server on a port that is free; again on another if somebody was quicker."""
    for _ in range(PORT_ATTEMPTS - 1):
        with suppress(PortTakenError):
            return start(free_port())
    return start(free_port())


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now.

    Where there are such, it is one that the kernel gives to nobody who wants any port: between now
    and the moment when a server listens on it, thousands of connections may want one.
    """
    ports = _never_given()
    for port in SystemRandom().sample(ports, min(len(ports), PORT_ATTEMPTS)):
        with suppress(OSError):
            return _bindable(port)
    return _bindable(0)


def _never_given() -> range:
    """Ports below those that connections get, as far as Linux tells which these are."""
    with suppress(OSError, ValueError):
        first = int(PORTS_GIVEN.read_text().split()[0])
        return range(FIRST_PORT, first)
    return range(0)


def _bindable(port: int) -> int:
    """The port, or any for 0. Raises `OSError` where it is taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
        bound: int = probe.getsockname()[1]
        return bound


def accepts(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def quiet_environment() -> dict[str, str]:
    """The environment without what would steer a PostgreSQL client or server elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LANG": "C", "LC_ALL": "C"}


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read, from its first moment on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
