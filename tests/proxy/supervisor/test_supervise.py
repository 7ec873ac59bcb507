"""The supervisor with real workers, sockets and signals."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from proxy.supervisor.orders import Limits
from tests.proxy.supervisor.supervised import DEADLINE, Request, Supervised, ask

QUICK = Limits(settle=0)


def pids(supervised: Supervised, nth: int = 1) -> set[int]:
    """Of the workers that were started first, or nth, in either place."""
    return {supervised.event("worker_started", nth, place=place)["pid"] for place in (0, 1)}


def refused(port: int) -> None:
    """Once the last worker that was asked to end has heard of it, nobody is let in."""
    deadline = monotonic() + DEADLINE
    with suppress(ConnectionRefusedError):
        while monotonic() < deadline:
            with suppress(ConnectionResetError, ValueError):
                ask(port)
        raise AssertionError("somebody still lets visitors in")


class Visitors:
    """Ask without pause, each on a new connection, until told to stop or nobody listens."""

    def __init__(self, port: int, visitors: int) -> None:
        self.answered: list[int] = []
        self.refused: list[Exception] = []
        self.failed: list[Exception] = []
        self._port = port
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(visitors)]
        for thread in self._threads:
            thread.start()

    def _visit(self) -> None:
        while not self._over.is_set():
            try:
                self.answered.append(ask(self._port))
            except ConnectionRefusedError as error:
                self.refused.append(error)
                break
            except (OSError, ValueError) as error:
                self.failed.append(error)

    def until(self, enough: Callable[[set[int]], object]) -> None:
        deadline = monotonic() + DEADLINE
        while not enough(set(self.answered)):
            assert monotonic() < deadline, self.answered

    def stop(self) -> None:
        self._over.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def test_workers_are_started_in_sessions_of_their_own(tmp_path: Path) -> None:
    with Supervised(tmp_path, limits=QUICK) as supervised:
        port = supervised.port()
        workers = pids(supervised)
        assert {os.getsid(pid) for pid in workers} == workers
        assert ask(port) in workers

        supervised.send(signal.SIGTERM)
        assert supervised.code() == 0
        for pid in workers:
            supervised.event("worker_ended", pid=pid, code=0, asked=True)
        supervised.event("stopped", clean=True)


def test_a_crashed_worker_is_replaced(tmp_path: Path) -> None:
    with Supervised(tmp_path, limits=QUICK) as supervised:
        port = supervised.port()
        with Request(port, "crash") as request:
            assert request.answer() == ""
        dead = supervised.event("worker_ended", code=7, asked=False)
        new = supervised.event("worker_started", nth=2, place=dead["place"])
        supervised.event("worker_ready", pid=new["pid"])
        alive = (pids(supervised) - {dead["pid"]}) | {new["pid"]}
        assert {ask(port) for _ in range(8)} <= alive


def test_a_killed_worker_is_named_with_its_signal(tmp_path: Path) -> None:
    with Supervised(tmp_path, workers=1, limits=QUICK) as supervised:
        supervised.port()
        pid = supervised.event("worker_started")["pid"]
        os.kill(pid, signal.SIGKILL)
        supervised.event("worker_ended", pid=pid, signal="SIGKILL", asked=False)
        supervised.event("worker_ready", nth=2)


def test_a_worker_that_keeps_dying_is_started_after_growing_pauses(tmp_path: Path) -> None:
    limits = Limits(settle=0, first_pause=0.01, longest_pause=0.02)
    with Supervised(tmp_path, workers=1, limits=limits) as supervised:
        supervised.port()
        (tmp_path / "broken").touch()
        os.kill(supervised.event("worker_started")["pid"], signal.SIGKILL)
        for seconds in (0.01, 0.02):
            supervised.event("worker_waits", place=0, seconds=seconds)
        (tmp_path / "broken").unlink()
        supervised.event("worker_ready", nth=2)


def test_where_no_worker_starts_it_ends(tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with Supervised(tmp_path) as supervised:
        supervised.event("no_worker_started")
        assert supervised.code() == 1
        assert [one["code"] for one in supervised.events if one["event"] == "worker_ended"] == [
            3,
            3,
        ]


def test_where_there_is_no_such_program_it_ends(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    with Supervised(tmp_path, workers=1, worker=[absent]) as supervised:
        reason = f"[Errno 2] No such file or directory: '{absent}'"
        supervised.event("worker_cannot_start", reason=reason)
        supervised.event("worker_ended", code=126)
        assert supervised.code() == 1


def test_a_worker_that_never_becomes_ready_counts_as_failed(tmp_path: Path) -> None:
    (tmp_path / "mute").touch()
    with Supervised(tmp_path, workers=1, limits=Limits(ready=0.05)) as supervised:
        supervised.event("worker_not_ready", seconds=0.05)
        supervised.event("worker_ended", signal="SIGKILL")
        assert supervised.code() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_drain_waits_for_a_slow_request(tmp_path: Path, number: signal.Signals) -> None:
    """Also where these signals were ignored when it was started, as in a background job."""
    ignoring = ("sh", "-c", 'trap "" INT TERM HUP; exec "$@"', "sh")
    with Supervised(tmp_path, prefix=ignoring) as supervised:
        port = supervised.port()
        with Request(port, "wait") as request:
            assert request.answer() == "waiting"
            supervised.send(number)
            first = supervised.event("worker_ended", asked=True, code=0)
            refused(port)
            request.say("now")
            (slow,) = pids(supervised) - {first["pid"]}
            assert request.answer() == str(slow)
        assert supervised.code() == 0


def test_the_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with Supervised(tmp_path, workers=1, limits=QUICK) as supervised:
        with Request(supervised.port(), "wait") as request:
            assert request.answer() == "waiting"
            supervised.send(signal.SIGINT)
            supervised.event("stopping")
            supervised.send(signal.SIGINT)
            assert supervised.code() == 1
            assert request.answer() == ""
        supervised.event("worker_ended", signal="SIGKILL")
        supervised.event("stopped", clean=False)


def test_a_drain_that_takes_too_long_is_cut(tmp_path: Path) -> None:
    limits = Limits(settle=0, drain=0.05, margin=0.05)
    with Supervised(tmp_path, workers=1, limits=limits) as supervised:
        with Request(supervised.port(), "wait") as request:
            assert request.answer() == "waiting"
            supervised.send(signal.SIGTERM)
            assert supervised.code() == 1
        supervised.event("worker_overdue")


def test_a_roll_over_fails_no_request(tmp_path: Path) -> None:
    with Supervised(tmp_path, limits=QUICK) as supervised:
        port = supervised.port()
        old = pids(supervised)
        visitors = Visitors(port, 4)
        with Request(port, "wait") as slow:
            assert slow.answer() == "waiting"
            supervised.send(signal.SIGHUP)
            supervised.event("rollover_finished")
            # One of the old ones still has this request; the new ones serve.
            new = pids(supervised, nth=2)
            supervised.event("worker_ended", asked=True, code=0)
            slow.say("now")
            assert int(slow.answer()) in old
        supervised.event("worker_ended", nth=2, asked=True, code=0)
        assert ask(port) in new
        visitors.until(lambda answered: answered & old and answered & new)
        visitors.stop()
        assert visitors.failed == visitors.refused == []
        assert set(visitors.answered) & old
        assert set(visitors.answered) & new
        assert set(visitors.answered) <= old | new

        supervised.send(signal.SIGTERM)
        assert supervised.code() == 0


def test_a_successor_that_fails_leaves_the_old_worker(tmp_path: Path) -> None:
    with Supervised(tmp_path, limits=QUICK) as supervised:
        port = supervised.port()
        (tmp_path / "broken").touch()
        supervised.send(signal.SIGHUP)
        supervised.event("rollover_stopped")
        old = pids(supervised)
        assert {ask(port) for _ in range(8)} <= old

        (tmp_path / "broken").unlink()
        supervised.send(signal.SIGHUP)
        supervised.event("rollover_finished")
        supervised.event("worker_ended", nth=2, asked=True, code=0)
        assert not {ask(port) for _ in range(8)} & old


def test_workers_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with Supervised(tmp_path) as supervised:
        with Request(supervised.port(), "wait") as request:
            assert request.answer() == "waiting"
            supervised.send(signal.SIGKILL)
            assert supervised.code() == -signal.SIGKILL
            request.say("now")
            assert int(request.answer()) in pids(supervised)
        assert supervised.all_gone()
