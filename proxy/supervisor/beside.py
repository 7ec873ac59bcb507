"""Do what is decided about a process beside the workers: start it, hear it, ask it to end."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from proxy.supervisor.handover import READY
from proxy.supervisor.orders import (
    Action,
    Ask,
    Begin,
    Due,
    Exit,
    Kill,
    Late,
    Later,
    Overdue,
    Ready,
    Say,
    Start,
)
from proxy.supervisor.sidecar import Event, Gone, Sidecar
from proxy.supervisor.spawn import Spawned, spawn

CANNOT_START = 126
"""The code of a program that the system could not start, as a shell gives it."""
LONGEST_REASON = 4096
"""Octets; as much as a pipe takes at once."""


@dataclass(slots=True)
class _Heard:
    spawned: Spawned
    words: bytearray = field(default_factory=bytearray)


class Beside:
    """`gone` is set while none of its processes lives and none is to be started.

    Without a `command` there is never one.
    """

    def __init__(
        self,
        command: Sequence[str],
        sidecar: Sidecar,
        lifeline: int,
        say: Callable[[Say, Spawned | None], None],
    ) -> None:
        self._command = command
        self._sidecar = sidecar
        self._lifeline = lifeline
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._processes: dict[int, _Heard] = {}
        self._over = False
        self.gone = asyncio.Event()
        self.gone.set()

    def begin(self) -> None:
        if self._command and not self._over:
            self.gone.clear()
            self.take(Begin())

    def take(self, event: Event) -> None:
        if self._over or not self._command:
            return
        for action in self._sidecar.take(event, self._loop.time()):
            self._act(action)

    def reap(self) -> None:
        """Children are waited for here and in `supervise` only."""
        for number, heard in list(self._processes.items()):
            code = heard.spawned.program.poll()
            if code is not None:
                self._listen(number)
                self._loop.remove_reader(heard.spawned.ready)
                os.close(heard.spawned.ready)
                self.take(Gone(number, code, _reason(heard.words)))
                del self._processes[number]

    def _act(self, action: Action) -> None:
        match action:
            case Start(number):
                self._start(number)
            case Ask(number):
                self._signal(number, signal.SIGTERM)
            case Kill(number):
                self._signal(number, signal.SIGKILL)
            case Later(seconds, (Late() | Overdue() | Due()) as event):
                self._loop.call_later(seconds, self.take, event)
            case Say(worker=number):
                heard = None if number is None else self._processes.get(number)
                self._say(action, heard.spawned if heard else None)
            case Exit():
                self._over = True
                self.gone.set()

    def _start(self, number: int) -> None:
        try:
            spawned = spawn(self._command, 0, (), self._lifeline)
        except OSError as error:
            self._loop.call_soon(self.take, Gone(number, CANNOT_START, str(error)))
            return
        os.set_blocking(spawned.ready, False)
        self._processes[number] = _Heard(spawned)
        self._loop.add_reader(spawned.ready, self._listen, number)

    def _listen(self, number: int) -> None:
        """It has written to its pipe, or closed it."""
        heard = self._processes[number]
        try:
            words = os.read(heard.spawned.ready, LONGEST_REASON)
        except BlockingIOError:
            return
        if not words:
            self._loop.remove_reader(heard.spawned.ready)
        elif len(heard.words) < LONGEST_REASON:
            was_ready = heard.words.startswith(READY)
            heard.words += words
            if heard.words.startswith(READY) and not was_ready:
                self.take(Ready(number))

    def _signal(self, number: int, which: signal.Signals) -> None:
        if number in self._processes:  # else it could not be started, and will be said to be gone
            self._processes[number].spawned.program.send_signal(which)


def _reason(words: bytearray) -> str:
    return bytes(words).removeprefix(READY).decode("utf-8", "replace").strip()
