"""Bring what happens to the lineup, and do what it decides: signals, timers, child processes.

What is decided about the bridge and the shadow process is done `beside`.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

from proxy.supervisor.beside import CANNOT_START, Beside
from proxy.supervisor.handover import READY
from proxy.supervisor.lineup import Lineup
from proxy.supervisor.listening import turn_newcomers_away
from proxy.supervisor.orders import (
    Action,
    Ask,
    Begin,
    CloseSockets,
    Ended,
    Event,
    Exit,
    Kill,
    Later,
    Limits,
    Ready,
    Roll,
    Say,
    Serving,
    Start,
    Stop,
    TurnAway,
)
from proxy.supervisor.sidecar import Sidecar, SidecarLimits
from proxy.supervisor.spawn import Spawned, spawn

log = structlog.get_logger("supervisor")


def supervise(
    command: Sequence[str],
    sockets: Sequence[socket.socket],
    workers: int,
    limits: Limits,
    *,
    bridge: Sequence[str] = (),
    shadow: Sequence[str] = (),
    on_serving: Callable[[], None] = lambda: None,
) -> int:
    """Keep `workers` copies of `command` running until told to stop; the exit code.

    0 after a clean drain; 1 where a worker had to be killed or failed while it drained, or where
    none could be started. Takes over the sockets, and SIGTERM, SIGINT, SIGHUP and SIGCHLD: for the
    main thread only. `on_serving` is called once, when all are ready; from then on one process of
    each of the commands `bridge` and `shadow`, where there is one, runs beside them.
    """
    lineup = Lineup(workers, limits)
    beside = {"bridge": bridge, "shadow": shadow}
    supervision = _Supervision(command, sockets, lineup, beside, on_serving)
    return asyncio.run(supervision.run())


class _Supervision:
    def __init__(
        self,
        command: Sequence[str],
        sockets: Sequence[socket.socket],
        lineup: Lineup,
        beside: Mapping[str, Sequence[str]],
        on_serving: Callable[[], None],
    ) -> None:
        self._command = command
        self._sockets = sockets
        self._lineup = lineup
        self._commands = beside
        self._on_serving = on_serving
        self._workers: dict[int, Spawned] = {}
        # Only we hold the end that would be written to: it closes when we end, in any way.
        self._lifeline, self._held = os.pipe()

    async def run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._code: asyncio.Future[int] = self._loop.create_future()
        self._beside = [
            Beside(command, Sidecar(SidecarLimits(), name), self._lifeline, self._log)
            for name, command in self._commands.items()
        ]
        self._take_signals()
        self._take(Begin())
        try:
            code = await self._code
            for beside in self._beside:
                await beside.gone.wait()
            return code
        finally:
            self._close_sockets()
            os.close(self._held)
            os.close(self._lifeline)

    def _take_signals(self) -> None:
        """Also where we were started with them ignored, as a shell's background job, or blocked."""
        handlers: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGTERM: lambda: self._take_all(Stop()),
            signal.SIGINT: lambda: self._take_all(Stop()),
            signal.SIGHUP: lambda: self._take_all(Roll()),
            signal.SIGCHLD: self._reap,
        }
        for number, handler in handlers.items():
            self._loop.add_signal_handler(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)

    def _take_all(self, event: Roll | Stop) -> None:
        self._take(event)
        for beside in self._beside:
            beside.take(event)

    def _take(self, event: Event) -> None:
        if self._code.done():
            return
        for action in self._lineup.take(event, self._loop.time()):
            self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Start(worker, place):
                self._start(worker, place)
            case Ask(worker):
                self._signal(worker, signal.SIGTERM)
            case Kill(worker):
                self._signal(worker, signal.SIGKILL)
            case Later(seconds, event):
                self._loop.call_later(seconds, self._take, event)
            case Say():
                self._say(action)
            case Serving():
                self._on_serving()
                self._begin_beside()
            case TurnAway():
                with suppress(OSError):  # where it is not allowed, a few are reset as they would be
                    turn_newcomers_away(self._sockets)
            case CloseSockets():
                self._close_sockets()
            case Exit(code):
                self._code.set_result(code)

    def _begin_beside(self) -> None:
        for beside in self._beside:
            beside.begin()

    def _start(self, worker: int, place: int) -> None:
        numbers = [one.fileno() for one in self._sockets]
        try:
            spawned = spawn(self._command, place, numbers, self._lifeline)
        except OSError as error:
            self._say(Say("error", "worker_cannot_start", None, {"reason": str(error)}))
            self._loop.call_soon(self._take, Ended(worker, CANNOT_START))
            return
        self._workers[worker] = spawned
        self._loop.add_reader(spawned.ready, self._heard, worker)
        self._say(Say("info", "worker_started", worker))

    def _heard(self, worker: int) -> None:
        """A worker has written to its pipe, or closed it without a word."""
        spawned = self._workers[worker]
        self._loop.remove_reader(spawned.ready)
        if os.read(spawned.ready, len(READY)) == READY:
            self._take(Ready(worker))

    def _signal(self, worker: int, number: signal.Signals) -> None:
        if worker in self._workers:  # else it could not be started, and will be said to have ended
            self._workers[worker].program.send_signal(number)

    def _reap(self) -> None:
        """Children are waited for here alone, so the number of a process is its own until then."""
        for worker, spawned in list(self._workers.items()):
            code = spawned.program.poll()
            if code is not None:
                self._loop.remove_reader(spawned.ready)
                os.close(spawned.ready)
                self._take(Ended(worker, code))
                del self._workers[worker]
        for beside in self._beside:
            beside.reap()

    def _say(self, said: Say) -> None:
        spawned = None if said.worker is None else self._workers.get(said.worker)
        self._log(said, spawned, **({"place": spawned.place} if spawned else {}))

    def _log(self, said: Say, spawned: Spawned | None, **more: object) -> None:
        details = dict(said.details) | more | ({"pid": spawned.pid} if spawned else {})
        with suppress(OSError):  # nobody reads the log any more: no reason to end the workers
            getattr(log, said.level)(said.event, **details)

    def _close_sockets(self) -> None:
        for one in self._sockets:
            one.close()
