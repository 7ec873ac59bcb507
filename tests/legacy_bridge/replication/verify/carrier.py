"""Writes on the legacy side, and what a stream does with them: carried over whole, in order, a
moment later, with the position in the same native transaction."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from random import Random
from threading import Condition, Event, Thread
from time import monotonic, sleep
from typing import Any, LiteralString

import psycopg

from legacy_bridge.replication.streams import FORWARD
from legacy_bridge.replication.turns import take_turn
from tests.legacy_bridge.replication.sides import Sides

PAUSE_SECONDS = 0.005
"""Between two transactions: a row that changes faster than it is looked at is never seen alike."""
LAG_SECONDS = 0.03
AHEAD = 20
"""So many transactions, and no more, wait to be carried over."""
HOT = 1
"""A row that every transaction changes."""

STREAM: LiteralString = """
INSERT INTO bridge_streams (name, slot, publication, system_id, timeline, database, domains,
                            applied_lsn, source_at, applied_at, copied_at)
VALUES ('forward', 's', 'p', %s, 1, %s, '{boxes}', %s, now(), now(), now())
"""
APPLIED: LiteralString = "UPDATE bridge_streams SET applied_lsn = %s, applied_at = now()"
LEGACY_PUT: LiteralString = """
INSERT INTO boxes_box VALUES (%(id)s, '2020-01-01', '2020-01-01', %(label)s, %(text)s, 'html', '',
                              1, NULL)
ON CONFLICT (id) DO UPDATE SET content = excluded.content
"""
NATIVE_PUT: LiteralString = """
INSERT INTO boxes (id, created, updated, label, content, content_markup_type, content_rendered,
                   creator_id)
VALUES (%(id)s, '2020-01-01', '2020-01-01', %(label)s, %(text)s, 'html', '', 1)
ON CONFLICT (id) DO UPDATE SET content = excluded.content
"""


def begin_stream(sides: Sides) -> None:
    """As if a stream had carried over all until now."""
    with psycopg.connect(sides.legacy) as legacy, psycopg.connect(sides.native) as native:
        row = legacy.execute(
            "SELECT system_identifier::text, current_database(), pg_current_wal_insert_lsn()::text"
            " FROM pg_control_system()"
        ).fetchone()
        native.execute(STREAM, row)


@dataclass
class Load:
    """What has been done so far; `faults` of the two threads."""

    sides: Sides
    rows: int
    seed: int
    written: int = 0
    faults: list[BaseException] = field(default_factory=list)
    _begun: Event = field(default_factory=Event)
    _stop: Event = field(default_factory=Event)
    _more: Condition = field(default_factory=Condition)
    _queue: "Queue[tuple[float, list[dict[str, Any]], str]]" = field(
        default_factory=lambda: Queue(AHEAD)
    )

    @contextmanager
    def running(self, *, carrying: bool = True) -> Iterator[None]:
        carry = self._carry if carrying else self._drop
        threads = [Thread(target=self._run, args=(work,)) for work in (self._write, carry)]
        for thread in threads:
            thread.start()
        try:
            assert self._begun.wait(30)
            self.wait_for(1)
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, written: int) -> None:
        """Until so many transactions were written."""
        with self._more:
            assert self._more.wait_for(lambda: self.written >= written or self.faults, 60)

    def _run(self, work: Any) -> None:
        try:
            work()
        except BaseException as fault:
            self.faults.append(fault)
            raise

    def _write(self) -> None:
        random = Random(self.seed)
        with psycopg.connect(self.sides.legacy, autocommit=True) as legacy:
            while not self._stop.is_set():
                rows = [self._row(random, HOT), self._row(random, self._odd(random))]
                with legacy.transaction():
                    for row in rows:
                        legacy.execute(*_statement(row, LEGACY_PUT, "DELETE FROM boxes_box"))
                end = legacy.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
                assert end is not None
                self._queue.put((monotonic(), rows, end[0]))
                with self._more:
                    self.written += 1
                    self._more.notify_all()
                self._stop.wait(PAUSE_SECONDS)

    def _odd(self, random: Random) -> int:
        """Of the rows that are there, and as many that are to come and go."""
        return random.randrange(HOT + 2, 2 * self.rows, 2)

    def _row(self, random: Random, id_: int) -> dict[str, Any]:
        gone = id_ > self.rows and random.random() < 0.5
        text = None if gone else f"{random.random()}"
        return {"id": id_, "label": f"label {id_}", "text": text}

    def _drop(self) -> None:
        self._begun.set()
        for _ in self._written():
            pass

    def _carry(self) -> None:
        with psycopg.connect(self.sides.native, autocommit=True) as native:
            assert take_turn(native, FORWARD)
            self._begun.set()
            for since, rows, position in self._written():
                sleep(max(0, since + LAG_SECONDS - monotonic()))
                with native.transaction():
                    for row in rows:
                        native.execute(*_statement(row, NATIVE_PUT, "DELETE FROM boxes"))
                    native.execute(APPLIED, [position])

    def _written(self) -> Iterator[tuple[float, list[dict[str, Any]], str]]:
        while not (self._stop.is_set() and self._queue.empty()):
            with suppress(Empty):
                yield self._queue.get(timeout=0.1)


def _statement(
    row: dict[str, Any], put: LiteralString, delete: LiteralString
) -> tuple[LiteralString, dict[str, Any]]:
    return (delete + " WHERE id = %(id)s" if row["text"] is None else put), row
