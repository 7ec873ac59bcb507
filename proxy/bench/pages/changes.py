"""Rows that change on the legacy side while visitors ask, and whether their pages show it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep
from typing import LiteralString

import httpx
import psycopg

from legacy_bridge.beside import beside

PATIENCE = 5.0
"""Seconds after which an answer that is kept must be a new one: it promises three at most."""


class Marks:
    """The marks that rows of this database get, all of one length, a new one each time."""

    def __init__(self, database_url: str) -> None:
        self.count = 0
        self._connection = psycopg.connect(database_url, autocommit=True)

    @property
    def last(self) -> str:
        return f"{self.count:08d}"

    def write(self, change: LiteralString) -> None:
        self.count += 1
        self._connection.execute(change, [self.last])

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def changing(self, change: LiteralString, rate: float) -> Iterator[None]:
        """`rate` times a second, by the clock, for the length of a block. What the database says
        against it is raised at the end."""
        faults: list[psycopg.Error] = []

        def go_on(stop: Event) -> None:
            due = monotonic()
            while not stop.wait(max(due - monotonic(), 0)):
                try:
                    self.write(change)
                except psycopg.Error as error:
                    faults.append(error)
                    return
                due += 1 / rate

        with beside(go_on, "changing rows"):
            yield
        if faults:
            raise faults[0]


def is_shown(url: str, mark: str) -> bool:
    """Whether this page comes to show the mark in time."""
    until = monotonic() + PATIENCE
    with httpx.Client(trust_env=False) as client:
        while mark not in client.get(url).text:
            if monotonic() > until:
                return False
            sleep(0.02)
    return True
