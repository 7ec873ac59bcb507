"""Kept conflicts, for a person to look at and to decide: what the other side wrote is written to
the owner's table after all, or given up.

Each is kept in the database that owned the row when the change lost; the owner may be another one
by now. What is written is an ordinary write of the owner's, without a mark, so that it travels.
"""

import getpass
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from legacy_bridge.replication import home
from legacy_bridge.replication.conflicts import ConflictKind
from legacy_bridge.replication.connections import Connection, who
from legacy_bridge.replication.copy import Domains, table_pairs
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Owner, read_owners
from legacy_bridge.replication.pairs import Direction, TablePair

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One conflict. `side`: the database that it is kept in; `source`: where the change was made.

    `key` and `losing` are by the columns of `table`, which is there; `losing` is None for a
    deletion. `differing`: columns of the owner's row that are not so now; None where it has no
    such row, or that is not to be known.
    """

    side: Owner
    number: int
    domain: str
    table: str
    key: Mapping[str, Any]
    kind: str
    reason: str
    losing: Mapping[str, str | None] | None
    source: str
    source_at: datetime
    found_at: datetime
    differing: tuple[str, ...] | None = None

    @property
    def id(self) -> str:
        """What a person calls it by: each database counts for itself."""
        return f"{self.side}-{self.number}"


class Conflicts:
    """Of both databases. `domains` are all there are, `wanted` only one of them."""

    def __init__(self, legacy: Connection, native: Connection, domains: Domains) -> None:
        self._sides = {Owner.LEGACY: legacy, Owner.NATIVE: native}
        self._domains = domains
        self._owners = read_owners(native)
        self._has_home = home.found(legacy)

    def read(self, wanted: str | None = None) -> list[Kept]:
        """The oldest first; of one domain, or of all."""
        found = [
            kept for side in Owner for kept in self._kept(side) if wanted in (None, kept.domain)
        ]
        pairs = self._pairs({kept.domain for kept in found})
        told = [self._compared(kept, pairs.get((kept.side, kept.table))) for kept in found]
        return sorted(told, key=lambda kept: kept.found_at)

    def apply(self, id_: str) -> str:
        """Write the losing version to the owner's table, and forget the conflict. Returns what was
        done. Raises `BridgeError` if it cannot be; then the conflict stays."""
        kept = self._one(id_)
        pair = self._pairs({kept.domain}).get((kept.side, kept.table))
        if pair is None:
            raise BridgeError(f"{id_}: no mapping names the table {kept.table} — drop it instead")
        version = self._version(kept, pair)
        owner = self._sides[self._owner(kept)]
        try:
            with self._sides[kept.side].transaction():
                self._forget(kept)
                with owner.transaction():
                    done = version.write(owner)
                    owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    _write_down(owner, kept, "applied", done)
        except psycopg.errors.LockNotAvailable:
            raise BridgeError(
                f"{id_}: another transaction has the owner's row, or a commit of it waits for a "
                "standby — find it in pg_stat_activity, then repeat this"
            ) from None
        except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.RaiseException) as error:
            said = error.diag.message_primary or str(error)
            raise BridgeError(
                f"{id_}: the owner's table does not take it ({said}) — make room for it there, or "
                f"drop it: strangler sync conflicts --drop {id_}"
            ) from None
        return done

    def drop(self, id_: str) -> None:
        """Forget it. Raises `BridgeError` if there is none."""
        kept, side = self._one(id_), self._sides
        with side[kept.side].transaction():
            self._forget(kept)
            _write_down(side[kept.side], kept, "dropped", "given up")

    def _kept(self, side: Owner) -> list[Kept]:
        if side is Owner.LEGACY and not self._has_home:
            return []
        cursor = self._sides[side].cursor(row_factory=class_row(Kept))
        return [replace(kept, side=side) for kept in cursor.execute(_KEPT, [side])]

    def _one(self, id_: str) -> Kept:
        for kept in self.read():
            if kept.id == id_:
                return kept
        raise BridgeError(f"there is no conflict {id_} — strangler sync conflicts lists them")

    def _forget(self, kept: Kept) -> None:
        gone = self._sides[kept.side].execute(_FORGET, [kept.number])
        if gone.rowcount == 0:
            raise BridgeError(f"{kept.id}: somebody else has settled it just now")

    def _owner(self, kept: Kept) -> Owner:
        return self._owners.of(kept.domain).owner

    def _pairs(self, domains: set[str]) -> dict[tuple[Owner, str], TablePair]:
        """By side and the table's name there."""
        known = {name: mapped for name, mapped in self._domains.items() if name in domains}
        legacy, native = self._sides[Owner.LEGACY], self._sides[Owner.NATIVE]
        pairs = table_pairs(legacy, native, known)[0] if known else ()
        return {
            place: pair
            for pair in pairs
            for place in ((Owner.LEGACY, pair.legacy.name), (Owner.NATIVE, pair.native.name))
        }

    def _version(self, kept: Kept, pair: TablePair) -> "Version":
        return Version(kept, pair, self._owner(kept))

    def _compared(self, kept: Kept, pair: TablePair | None) -> Kept:
        if pair is None or pair.mapping.secret_key:
            return kept
        version = self._version(kept, pair)
        return replace(kept, differing=version.differing(self._sides[self._owner(kept)]))


_KEPT: LiteralString = """
SELECT %s AS side, id AS number, domain, table_name AS "table", key, kind, reason, losing,
       source, source_at, found_at
FROM bridge_conflicts ORDER BY id
"""
_FORGET: LiteralString = "DELETE FROM bridge_conflicts WHERE id = %s"


class Version:
    """The losing version of a row, as the owner's table takes it."""

    def __init__(self, kept: Kept, pair: TablePair, owner: Owner) -> None:
        self._kept = kept
        self._pair = pair
        facts = pair.legacy if owner is Owner.LEGACY else pair.native
        self._facts = facts
        self._table = Identifier(facts.schema, facts.name)
        self._same_side = kept.side is owner
        self._way = pair.towards(kept.side.direction)
        self._key = self._values({name: str(value) for name, value in kept.key.items()})
        self._columns = self._values(kept.losing or {})

    def _values(self, given: Mapping[str, str | None]) -> dict[str, Composable]:
        """Column of the owner's table → value, written as SQL."""
        if self._same_side:
            return {
                name: _typed(Literal(text), self._facts.columns[name].base)
                for name, text in given.items()
                if name in self._facts.columns
            }
        source = self._way.source.columns
        return {
            column.target: _typed(
                column.expression(
                    _typed(Literal(given[column.source]), source[column.source].base)
                ),
                self._facts.columns[column.target].base,
            )
            for column in self._way.columns
            if column.source in given
        }

    def differing(self, owner: Connection) -> tuple[str, ...] | None:
        """Columns of the owner's row that are otherwise; None if it has none of this key."""
        names = [name for name in self._facts.columns if name in self._columns]
        compared = (
            SQL("ROW(n.{})::record OPERATOR(pg_catalog.*<>) ROW({})::record").format(
                Identifier(name), self._columns[name]
            )
            for name in names
        )
        row = owner.execute(
            SQL("SELECT {} FROM {} AS n WHERE {}").format(
                SQL(", ").join([SQL("true"), *compared]), self._table, self._found()
            )
        ).fetchone()
        if row is None:
            return None
        return tuple(name for name, differs in zip(names, row[1:], strict=True) if differs)

    def write(self, owner: Connection) -> str:
        """Within a transaction. Returns what was done."""
        kept = self._kept
        if self._pair.mapping.secret_key:
            raise BridgeError(
                f"{kept.id}: keys of {kept.table} are secrets, of which nothing is kept — drop it"
            )
        if kept.losing is None:
            gone = owner.execute(
                SQL("DELETE FROM {} AS n WHERE {}").format(self._table, self._found())
            )
            return "the row was deleted" if gone.rowcount else "there was no such row any more"
        if kept.kind == ConflictKind.KEY_TAKEN:
            return self._insert_anew(owner)
        updated = owner.execute(
            SQL("UPDATE {} AS n SET {} WHERE {}").format(
                self._table,
                SQL(", ").join(
                    SQL("{} = {}").format(Identifier(name), value)
                    for name, value in self._columns.items()
                ),
                self._found(),
            )
        )
        if updated.rowcount:
            return "the row was changed"
        self._insert(owner, self._columns)
        return "the row was made"

    def _insert_anew(self, owner: Connection) -> str:
        """The key belongs to another row of the owner's: it is given another one."""
        key = list(self._key)
        if lacking := [name for name in key if not self._facts.columns[name].has_default]:
            raise BridgeError(
                f"{self._kept.id}: another row has this key, and the database gives no other for "
                f"{', '.join(lacking)} — make the row by hand, then drop the conflict"
            )
        rest = {name: value for name, value in self._columns.items() if name not in key}
        row = self._insert(owner, rest)
        names = ", ".join(f"{name}={value}" for name, value in zip(key, row, strict=True))
        return f"the row was made with another key: {names}"

    def _insert(self, owner: Connection, columns: Mapping[str, Composable]) -> Sequence[Any]:
        """Returns its key."""
        known = {*self._columns, *self._key}
        fed = {column.target for column in self._pair.towards(self._towards_owner).columns}
        if missing := sorted(fed - known):
            raise BridgeError(
                f"{self._kept.id}: the row is not there any more, and of the change only some "
                f"columns came (not {', '.join(missing)}) — make the row by hand, then drop it"
            )
        row = owner.execute(
            SQL("INSERT INTO {} AS n ({}) OVERRIDING SYSTEM VALUE VALUES ({}) RETURNING {}").format(
                self._table,
                SQL(", ").join(map(Identifier, columns)),
                SQL(", ").join(columns.values()),
                SQL(", ").join(SQL("n.{}").format(Identifier(name)) for name in self._key),
            )
        ).fetchone()
        assert row is not None  # noqa: S101  # RETURNING gives the row
        return row

    @property
    def _towards_owner(self) -> Direction:
        way = self._kept.side.direction
        return way.opposite if self._same_side else way

    def _found(self) -> Composed:
        return SQL(" AND ").join(
            SQL("n.{} = {}").format(Identifier(name), value) for name, value in self._key.items()
        )


def _typed(value: Composable, base: str) -> Composed:
    return SQL("({})::{}").format(value, SQL(base))


def _write_down(connection: Connection, kept: Kept, what: str, done: str) -> None:
    """Who settled it: in our log, and in that of the database server. Nothing of the row."""
    person = f"{_user()} as {connection.info.user} ({who()})"
    key = ", ".join(f"{name}={value}" for name, value in kept.key.items())
    text = f"conflict {kept.id} ({kept.table} {key}) {what} by {person}: {done}"
    log.info(text)
    # As an argument: what a key says is no format.
    body = Literal(f"BEGIN RAISE LOG '%', {Literal(text).as_string(connection)}; END")
    connection.execute(SQL("DO {}").format(body))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container need not have names
        return f"user {os.getuid()}"
