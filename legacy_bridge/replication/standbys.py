"""Commits that wait for a synchronous standby: their servers have them in their logs, and nobody
sees them yet.

Who waits is in pg_stat_activity. Of other roles' sessions it tells that only those who may read all
statistics (`pg_read_all_stats`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple
from threading import Event, Thread
from time import monotonic
from typing import LiteralString

import psycopg
from psycopg.sql import Identifier

from legacy_bridge.replication.connections import Connection, connected, cut, who
from legacy_bridge.replication.ends import End
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.turns import held_up

ONCE_SECONDS = 60.0
"""So long a run that is to end by itself waits for a standby."""
STOPPED_SECONDS = 3.0
"""So long one that was told to end does; less than whoever told it so takes to kill it."""
LOOK_SECONDS = 1.0
GOES_ON = "nothing is acknowledged for it: `strangler sync run` goes on from there"


def may_wait(side: Connection, xids: Iterable[int]) -> set[int]:
    """Those of the running transactions that may be commits which wait, for all that can be known:
    not those that are idle, or wait for something else. None where no standby is waited for."""
    return {xid for (xid,) in side.execute(_MAY_WAIT, [list(xids)])}


_MAY_WAIT: LiteralString = """
SELECT r.xid
FROM unnest(%s::bigint[]) AS r (xid)
LEFT JOIN pg_stat_activity AS a ON a.backend_xid = (r.xid & 4294967295)::text::xid
WHERE current_setting('synchronous_standby_names') <> ''
      AND (a.state LIKE 'idle in transaction%%' OR a.wait_event <> 'SyncRep') IS NOT TRUE
"""


def told(side: Connection) -> str:
    """What the server's readers are waiting for, as far as this user may know, and the remedy."""
    if said := hanging(side):
        return said
    names, _, _, sees_all = _waiting(side)
    said = "commits there are not visible yet"
    if not sees_all:
        user = Identifier(side.info.user).as_string()
        said += (
            ", or sessions have left transactions open: this user may not see which "
            f"(GRANT pg_read_all_stats TO {user})"
        )
    return f"{said} ({_setting(names)})"


def hanging(side: Connection) -> str | None:
    """Which commits wait for a standby, as far as this user may know, and the remedy."""
    names, pids, since, _ = _waiting(side)
    if not pids:
        return None
    said = f"{_many(len(pids), 'commit waits', 'commits wait')} there for a synchronous standby"
    return f"{said} (pid {', '.join(map(str, pids))}, since {since}; {_setting(names)})"


def _waiting(side: Connection) -> tuple[str, list[int], str | None, bool]:
    """The setting, the sessions that wait, since when, and whether this user sees those of all."""
    return side.execute(_WAITING).fetchone() or ("", [], None, True)


def _many(count: int, one: str, several: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {several}"


def _setting(names: str) -> str:
    return (
        f"synchronous_standby_names = '{names}' — bring that standby back, or take it out of the "
        "setting and reload"
    )


_WAITING: LiteralString = """
SELECT current_setting('synchronous_standby_names'),
       coalesce(array_agg(pid ORDER BY state_change) FILTER (WHERE wait_event = 'SyncRep'), '{}'),
       to_char(min(state_change) FILTER (WHERE wait_event = 'SyncRep'), 'YYYY-MM-DD HH24:MI:SS TZ'),
       pg_has_role('pg_read_all_stats', 'USAGE')
FROM pg_stat_activity
"""


def what_for(source: Connection, target: Connection, direction: Direction) -> str | None:
    """What the stream's applier waits for, if it waits for a standby."""
    waits = held_up(target, direction)
    if waits.by_target:
        return f"its commit in the {direction.destination} database is not done: {told(target)}"
    if waits.by_source:
        return (
            f"the {direction.origin} database does not show yet what its log has brought: "
            f"{told(source)}"
        )
    return None


class Patience:
    """Of a run that is to end by itself, with an applier that waits for a standby."""

    def __init__(self) -> None:
        self._since = monotonic()

    def take(self, waits: str | None) -> None:
        """`waits`: see `what_for`. Raises `BridgeError` if it has been so for `ONCE_SECONDS`."""
        now = monotonic()
        if waits is None:
            self._since = now
        elif now - self._since > ONCE_SECONDS:
            raise BridgeError(f"another one applies, and waits for {ONCE_SECONDS:g} s: {waits}")


@contextmanager
def limited(
    ends: Iterable[End], give_up: Callable[[], object] = lambda: None, *, left: str = ""
) -> Iterator[None]:
    """Commits of this process wait for `ONCE_SECONDS` within the block. Then they wait no more,
    `give_up` is called, and the block ends with a `BridgeError`, the last sentence of which is
    `left`: how things are left, and what to do."""
    with _watched([_Watching(end, give_up) for end in ends], lambda: left):
        yield


@contextmanager
def limited_when(stop: Event, ends: Iterable[End], *, left: str) -> Iterator[None]:
    """The same, but for `STOPPED_SECONDS` from when `stop` is set, and without an end before."""
    with _watched([_Watching(end, told_to=stop) for end in ends], lambda: left):
        yield


@contextmanager
def limited_sessions(
    sessions: Iterable[tuple[End, Connection]], left: Callable[[], str]
) -> Iterator[None]:
    """The same for the commits of these sessions alone, which are lost then."""
    with _watched([_Watching(end, pid=one.info.backend_pid) for end, one in sessions], left):
        yield


@contextmanager
def _watched(watching: "list[_Watching]", left: Callable[[], str]) -> Iterator[None]:
    try:
        yield
    finally:
        faults = [fault for one in watching if (fault := one.end())]
        if faults:
            raise BridgeError(*faults, *filter(None, [left()]))


class _Watching:
    """Of one server, in a thread and over a connection of its own, from construction to `end`.
    `pid`: of the one session that is meant; without it all of this process. `told_to`: what has to
    be set before anybody looks."""

    def __init__(
        self,
        end: End,
        give_up: Callable[[], object] = lambda: None,
        *,
        pid: int | None = None,
        told_to: Event | None = None,
    ) -> None:
        self._end = end
        self._give_up = give_up
        self._pid = pid
        self._told_to = told_to
        self._seconds = STOPPED_SECONDS if told_to else ONCE_SECONDS
        self._stop = Event()
        self._fault = ""
        self._thread = Thread(target=self._run, name="standby watch", daemon=True)
        self._thread.start()

    def end(self) -> str:
        """What was waited for in vain, if anything."""
        self._stop.set()
        self._thread.join()
        return self._fault

    def _run(self) -> None:
        """Whether a server can be reached is for others to say."""
        while not self._stop.wait(LOOK_SECONDS):
            if self._told_to and not self._told_to.is_set():
                continue
            with suppress(BridgeError, psycopg.Error), connected(*astuple(self._end)) as side:
                self._look(side)

    def _look(self, side: Connection) -> None:
        began: dict[int, float] = {}
        while not self._stop.is_set():
            now = monotonic()
            ours = {"who": who(), "pid": self._pid}
            waiting = [pid for (pid,) in side.execute(_OURS, ours)]
            began = {pid: began.get(pid, now) for pid in waiting}
            for pid in waiting:
                if self._fault or now - began[pid] >= self._seconds:
                    self._let_go(side, pid)
            self._stop.wait(LOOK_SECONDS)

    def _let_go(self, side: Connection, pid: int) -> None:
        self._fault = self._fault or (
            f"{self._end.what}: a commit of ours has waited for {self._seconds:g} s and waits no "
            f"more; the server has it, a standby may not — {told(side)}"
        )
        self._give_up()
        side.execute("SELECT pg_terminate_backend(%s)", [pid])
        # A session with temporary tables drops them before it ends, and waits for that commit, too.
        cut(side, pid)


_OURS: LiteralString = """
SELECT pid FROM pg_stat_activity
WHERE application_name = %(who)s AND datname = current_database() AND wait_event = 'SyncRep'
      AND pid = coalesce(%(pid)s, pid)
"""
