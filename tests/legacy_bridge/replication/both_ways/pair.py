"""Two databases with a stream each way, and what tests do to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.handing_over import hand_over
from legacy_bridge.replication.one_way import Followed, OneWay
from legacy_bridge.replication.owners import Owner, Strays
from legacy_bridge.replication.run import Both, follow
from legacy_bridge.replication.way_back import prepare
from tests.legacy_bridge.replication.apply.live import Seen, begin
from tests.legacy_bridge.replication.sides import FEW, MAPPINGS, Sides, ask

WANTED = {name: MAPPINGS[name] for name in FEW}


@dataclass(frozen=True, slots=True)
class TwoWay(Sides):
    """`Sides` with streams."""

    def settle(self) -> Both:
        """Everything that was committed is applied, and what follows from it."""
        self.once()
        return self.once()

    def once(self) -> Both:
        return follow(self.legacy, self.native, MAPPINGS, Seen(), Event(), once=True)

    def carry(self, side: Owner) -> Followed:
        """What was committed on this side only, to the other one."""
        ends = Ends(self.legacy, self.native)
        return OneWay(
            ends, side.direction, MAPPINGS, Seen(), Event(), once=True, answered=True
        ).run()

    def hand_over(self, domain: str, to: Owner, strays: Strays | None = None) -> None:
        with (
            psycopg.connect(self.legacy, autocommit=True) as legacy,
            psycopg.connect(self.native, autocommit=True) as native,
        ):
            pairs, _ = table_pairs(legacy, native, {domain: MAPPINGS[domain]})
            hand_over(legacy, native, pairs, to, strays)

    def run(self, side: Owner, statement: LiteralString) -> None:
        """`{os}`, `{files}` and `{releases}` stand for the tables as they are called there."""
        with psycopg.connect(self.url(side)) as connection:
            connection.execute(named(side, statement))

    def names(self, side: Owner) -> dict[int, str]:
        """Of the operating systems."""
        with psycopg.connect(self.url(side)) as connection:
            found = connection.execute(named(side, "SELECT id, name FROM {os} ORDER BY id"))
            return dict(found.fetchall())

    def url(self, side: Owner) -> str:
        return self.legacy if side is Owner.LEGACY else self.native

    def conflicts(self, side: Owner) -> list[Any]:
        """Table, key, kind and the losing row's name, as kept on that side."""
        return ask(self.url(side), _CONFLICTS[side])


@contextmanager
def forward(both: TwoWay) -> Iterator[Seen]:
    """An applier of the forward stream alone, in a thread, to the end of the block."""
    stop, seen = Event(), Seen()
    ends = Ends(both.legacy, both.native)
    way = OneWay(ends, Owner.LEGACY.direction, MAPPINGS, seen, stop, once=False, answered=True)
    thread = Thread(target=way.run)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


TABLES = {
    Owner.LEGACY: ("downloads_os", "downloads_release", "downloads_releasefile"),
    Owner.NATIVE: ("operating_systems", "releases", "release_files"),
}


def other(side: Owner) -> Owner:
    return side.other


def named(side: Owner, statement: LiteralString) -> sql.Composed:
    """With the tables as they are called there."""
    names = zip(("os", "releases", "files"), TABLES[side], strict=True)
    return sql.SQL(statement).format(**{name: sql.Identifier(table) for name, table in names})


_CONFLICTS: dict[Owner, LiteralString] = {
    Owner.NATIVE: """
        SELECT table_name, key, kind, losing ->> 'name' FROM bridge_conflicts ORDER BY id
    """,
    Owner.LEGACY: """
        SELECT table_name, key, kind, losing ->> 'name' FROM strangler.bridge_conflicts ORDER BY id
    """,
}


def prepared(sides: Sides) -> TwoWay:
    prepare(sides.legacy, sides.native, WANTED)
    begin(sides)
    return TwoWay(sides.legacy, sides.native)
