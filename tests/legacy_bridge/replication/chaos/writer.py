"""One connection that writes to one side, as people and programs would: what it does follows from
its seed, what came of it goes to the journal."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Any

import psycopg

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.chaos import statements
from tests.legacy_bridge.replication.chaos.journal import Journal, Version
from tests.legacy_bridge.replication.chaos.rows import CHILDREN, TABLES, Table
from tests.legacy_bridge.replication.chaos.statements import Connection

KEYS = 60
"""Most writes are to keys up to here, so that writers meet."""
BULK_FROM = 1_000_000
OPTIONAL = ("release_page_id",)
FOREIGN_URL = 0.04
"""Of the files written on the legacy side so many have a URL that the native tables refuse."""
REFUSED = (psycopg.IntegrityError, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)


class _UndoneError(Exception):
    """A transaction that its writer did not want after all."""


@dataclass(frozen=True, slots=True)
class Manner:
    """`pause` between two transactions, in seconds, on average. `stray`: the share of what would be
    written on the side that does not own it that is written. `bulk`, `emptying`: how many
    transactions write thousands of rows, or empty a table."""

    pause: float = 0.06
    stray: float = 0.12
    bulk: float = 0.015
    emptying: float = 0.005


HARDER = Manner(pause=0.02, stray=0.25, bulk=0.004, emptying=0.03)


@dataclass(slots=True)
class Load:
    """What all writers share. While not `open`, none begins a transaction."""

    owners: Mapping[str, Owner]
    journal: Journal
    manner: Manner
    open: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)


class Writer(Thread):
    """`idle` is set whenever no transaction is under way and none will begin."""

    def __init__(self, name: str, side: Owner, url: str, seed: str, load: Load) -> None:
        super().__init__(name=name, daemon=True)
        self.idle = Event()
        self._side = side
        self._url = url
        self._random = Random(seed)
        self._load = load
        self._made = 0
        self._versions: list[Version] = []
        self._changes = 0
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._load.over.is_set():
                if not self._load.open.is_set():
                    self.idle.set()
                    self._load.open.wait(0.1)
                    continue
                self.idle.clear()
                self._connection_long()
        except BaseException as error:  # told by whoever joins us
            self.fault = error
        finally:
            self.idle.set()

    def _connection_long(self) -> None:
        """Until the connection is lost, or nobody is to write."""
        try:
            connection = psycopg.connect(
                self._url, connect_timeout=5, options="-c lock_timeout=10s", autocommit=True
            )
        except psycopg.OperationalError:
            self._load.over.wait(0.2)  # the server is being restarted
            return
        with connection:
            while self._load.open.is_set() and not self._load.over.is_set():
                if not self._transaction(connection):
                    return
                self._load.over.wait(self._random.expovariate(1 / self._load.manner.pause))

    def _transaction(self, connection: Connection) -> bool:
        """False if the connection was lost."""
        self._versions, self._changes = [], 0
        try:
            connection.execute("BEGIN")
            self._some_actions(connection)
        except (*REFUSED, _UndoneError):
            self._load.journal.undone(self._side)
            with suppress(psycopg.OperationalError):
                connection.execute("ROLLBACK")
            return not connection.closed
        except psycopg.OperationalError:
            return False
        return self._commit(connection)

    def _commit(self, connection: Connection) -> bool:
        journal = self._load.journal
        try:
            connection.execute("COMMIT")
        except REFUSED:
            journal.undone(self._side)
        except psycopg.OperationalError:
            if self._changes:
                journal.doubtful(self._side, self._versions)
            return False
        else:
            if self._changes:
                journal.committed(self._side, self._versions, self._changes)
        return True

    def _some_actions(self, connection: Connection) -> None:
        chance, manner = self._random.random(), self._load.manner
        if chance < manner.bulk:
            self._bulk(connection)
        elif chance < manner.bulk + manner.emptying:
            self._empty(connection)
        else:
            for _ in range(self._random.choice((1, 1, 1, 2, 3, 5, 12))):
                self._action(connection)
        self._think_better(0.06)

    def _action(self, connection: Connection) -> None:
        """Within a savepoint: what is refused is left out, and what was thought better of."""
        table = self._table(TABLES)
        if table is None:
            return
        versions, changes = list(self._versions), self._changes
        do = self._random.choices(*_ACTIONS)[0]
        try:
            with connection.transaction():
                do(self, connection, table)
                self._think_better(0.05)
        except (psycopg.IntegrityError, _UndoneError):
            self._versions, self._changes = versions, changes

    def _think_better(self, chance: float) -> None:
        if self._random.random() < chance:
            raise _UndoneError

    def _table(self, tables: tuple[Table, ...]) -> Table | None:
        table = self._random.choice(tables)
        return None if self._better_not(table) else table

    def _better_not(self, table: Table) -> bool:
        return self._stray(table) and self._random.random() > self._load.manner.stray

    def _stray(self, table: Table) -> bool:
        return self._load.owners[table.domain] is not self._side

    # What is done. All of it holds a lock on the version that it follows.

    def insert(self, connection: Connection, table: Table) -> None:
        key = self._random.randint(1, KEYS) if self._random.random() < 0.6 else None
        self._insert(connection, table, key)

    def _insert(self, connection: Connection, table: Table, key: int | None) -> None:
        values = self._references(connection, table)
        if values is None:
            return
        token = self._token()
        if table.token:
            values[table.token] = token
        if table.unique:
            values[table.unique] = self._unique()
        if table.large:
            values[table.large] = self._large()
        values |= self._foreign(table)
        made = statements.insert(connection, table, self._side, key, values)
        if table.token:
            self._wrote(table, made, token, None)
        self._changes += 1

    def update(self, connection: Connection, table: Table) -> None:
        """Large values are not touched."""
        values: dict[str, Any] = {}
        if table.unique and self._random.random() < 0.4:
            values[table.unique] = self._unique()
        values |= self._foreign(table)
        self._update(connection, table, self._key(connection, table), values)

    def rewrite(self, connection: Connection, table: Table) -> None:
        if table.large:
            self._update(
                connection, table, self._key(connection, table), {table.large: self._large()}
            )

    def reparent(self, connection: Connection, table: Table) -> None:
        if table.refers and (values := self._references(connection, table)):
            self._update(connection, table, self._key(connection, table), values)

    def _update(
        self, connection: Connection, table: Table, key: int | None, values: dict[str, Any]
    ) -> None:
        if key is None or (before := statements.lock(connection, table, self._side, key)) is None:
            return
        token = self._token()
        if table.token:
            values[table.token] = token
        if values and statements.update(connection, table, self._side, key, values):
            if table.token:
                self._wrote(table, key, token, before)
            self._changes += 1

    def delete(self, connection: Connection, table: Table) -> None:
        """With what refers to it."""
        if (key := self._key(connection, table)) is not None:
            self._remove(connection, table, key)

    def _remove(self, connection: Connection, table: Table, key: int) -> None:
        for child, column in CHILDREN[table.native]:
            for one in statements.referring(connection, child, self._side, column, key):
                if column in OPTIONAL:
                    self._update(connection, child, one, {column: None})
                else:
                    self._remove(connection, child, one)
        before = statements.lock(connection, table, self._side, key)
        if before is not None and statements.delete(connection, table, self._side, key):
            if table.token:
                self._wrote(table, key, None, before)
            self._changes += 1

    def replace(self, connection: Connection, table: Table) -> None:
        """Deleted and made anew."""
        if (key := self._key(connection, table)) is not None:
            self._remove(connection, table, key)
            self._insert(connection, table, key)

    def rekey(self, connection: Connection, table: Table) -> None:
        key, new = self._key(connection, table), self._random.randint(1, KEYS)
        if key is None or (before := statements.lock(connection, table, self._side, key)) is None:
            return
        token = self._token()
        values: dict[str, Any] = {"id": new}
        if table.token:
            values[table.token] = token
        if statements.update(connection, table, self._side, key, values):
            for child, column in CHILDREN[table.native]:
                for one in statements.referring(connection, child, self._side, column, key):
                    self._update(connection, child, one, {column: new})
            if table.token:
                self._wrote(table, new, token, before)
            self._changes += 1

    def swap(self, connection: Connection, table: Table) -> None:
        """Two rows change their unique values."""
        near = (self._key(connection, table) for _ in range(2))
        keys = sorted({key for key in near if key is not None})
        if table.unique is None or len(keys) < 2:
            return
        found = [statements.unique(connection, table, self._side, key) for key in keys]
        if None in found:
            return
        self._update(connection, table, keys[0], {table.unique: "in between"})
        self._update(connection, table, keys[1], {table.unique: found[0]})
        self._update(connection, table, keys[0], {table.unique: found[1]})

    def _bulk(self, connection: Connection) -> None:
        """Thousands of rows in one transaction: boxes that nothing refers to."""
        table = TABLES[0]
        if self._better_not(table):
            return
        first = BULK_FROM + self._random.randint(0, 3) * 10_000
        count = self._random.choice((500, 2_000, 6_000))
        token = self._token()
        deleted = statements.delete_range(connection, table, self._side, first, count)
        for key, before in deleted:
            self._wrote(table, key, None, before)
        self._changes += len(deleted)
        if self._random.random() < 0.7:
            for key, made in statements.fill(connection, table, self._side, first, count, token):
                self._wrote(table, key, made, None)
            self._changes += count

    def _empty(self, connection: Connection) -> None:
        table = self._table(tuple(table for table in TABLES if table.emptied))
        if table is None:
            return
        for key, before in statements.emptied(connection, table, self._side):
            if table.token:
                self._wrote(table, key, None, before)
        self._changes += 1

    def _references(self, connection: Connection, table: Table) -> dict[str, Any] | None:
        """Parents that are there; None if there are none."""
        found: dict[str, Any] = {}
        for column, parent in table.refers.items():
            there = next(one for one in TABLES if one.native == parent)
            if (key := self._key(connection, there)) is None:
                return None
            found[column] = key
        return found

    def _foreign(self, table: Table) -> dict[str, Any]:
        wanted = table.native == "release_files" and self._side is Owner.LEGACY
        if not wanted or self._random.random() > FOREIGN_URL:
            return {}
        return {"url": f"ftp://elsewhere/{self._token()}"}

    def _key(self, connection: Connection, table: Table) -> int | None:
        return statements.near(connection, table, self._side, self._random.randint(1, KEYS))

    def _wrote(self, table: Table, key: int, token: str | None, before: str | None) -> None:
        self._versions.append(Version(table.native, key, token, before, self._stray(table)))

    def _token(self) -> str:
        self._made += 1
        return f"{self.name}.{self._made}"

    def _unique(self) -> str:
        """Few enough that rows want the same one."""
        return f"u{self._random.randint(1, 2 * KEYS)}"

    def _large(self) -> str:
        return self._random.randbytes(self._random.choice((1_200, 2_500, 6_000))).hex()


_Action = Callable[[Writer, Connection, Table], None]
_SHARES: dict[_Action, int] = {
    Writer.insert: 24,
    Writer.update: 30,
    Writer.rewrite: 10,
    Writer.reparent: 8,
    Writer.delete: 8,
    Writer.replace: 5,
    Writer.rekey: 6,
    Writer.swap: 6,
}
_ACTIONS = (list(_SHARES), list(_SHARES.values()))
