"""One copy: every table of some domains from the legacy database to the native one.

The way of a row: legacy table → one snapshot → COPY, transformed in SQL → staging → one native
transaction that changes only what differs. Killed at any point, the native side is as before or
complete; repeating is always safe.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import LiteralString, Protocol

import psycopg

from legacy_bridge.replication import preflight
from legacy_bridge.replication.apply.marks import mark
from legacy_bridge.replication.catalogue import read_catalogue
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.merge import merge
from legacy_bridge.replication.owners import (
    ended,
    left_alone,
    owned_by_legacy,
    read_owners,
    require_same_owners,
    travelling_now,
)
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.records import TABLES, CopiedTable, write_down
from legacy_bridge.replication.snapshot import Snapshot, snapshot, stage

LOCK = 0x53_59_4E_43  # "SYNC"
PATIENCE_SECONDS = 3
"""The server notices within this time that a copy was killed."""


class Watch(Protocol):
    """Who wants to know how far a copy is."""

    def reading(self, table: str, rows: int, expected: int) -> None:
        """`rows` of the native table have been read, of about `expected`."""

    def merging(self) -> None:
        """All rows have been read and are being put into the native tables."""


class Unwatched:
    def reading(self, table: str, rows: int, expected: int) -> None: ...

    def merging(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What a copy did. It is `equal` if every row read is, as read, on the native side."""

    tables: tuple[CopiedTable, ...]
    warnings: tuple[str, ...]
    snapshot: Snapshot
    started_at: datetime
    seconds: float

    @property
    def equal(self) -> bool:
        return not any(table.refused for table in self.tables)


Domains = Mapping[str, Sequence[TableMapping]]
"""The tables of each domain, parents first."""


def copy_domains(
    legacy_url: str, native_url: str, domains: Domains, watch: Watch | None = None
) -> CopyReport:
    """Make the native tables of `domains` equal to the legacy ones, as of one moment, but for
    domains that the native side owns, which stay as they are; a warning names them, unless they
    are retired.

    Raises `BridgeError` if it cannot run, or nothing is left to be copied; then nothing is changed.
    """
    with (
        connected(native_url, NATIVE) as native,
        alone(native),
        connected(legacy_url, LEGACY) as legacy,
    ):
        wanted = travelling_now(native, domains)
        if domains and not wanted:
            raise BridgeError(*map(ended, domains))
        require_tables(legacy, native, [m for mapped in wanted.values() for m in mapped])
        return copy_rows(legacy, native, wanted, watch or Unwatched())


def copy_rows(legacy: Connection, native: Connection, domains: Domains, watch: Watch) -> CopyReport:
    """The same between open connections, for whoever is `alone`.

    1. read: all tables in one snapshot, into staging
    2. merge: one transaction, with the record of the copy in it
    """
    started_at, started = datetime.now(UTC), monotonic()
    owners = read_owners(native)
    left = left_alone(domains, owners)
    domains = owned_by_legacy(domains, owners)
    if left and not domains:
        raise BridgeError(*left)
    tables = [mapping.legacy for mapped in domains.values() for mapping in mapped]
    with told("the legacy database cannot be read"), snapshot(legacy, tables) as moment:
        pairs, doubts = table_pairs(legacy, native, domains)
        warnings = (*preflight.warnings(legacy, native), *doubts, *left)
        staged = Staged(moment, pairs, stage_all(legacy, native, pairs, watch))
    watch.merging()
    with told("while writing the native tables"), native.transaction():
        mark(native)
        copied = merge_staged(native, staged, started_at)
        require_same_owners(native, owners)
        failpoint("copy.before_commit")
    failpoint("copy.after_commit")
    return CopyReport(
        tables=copied,
        warnings=warnings,
        snapshot=moment,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


@contextmanager
def alone(native: Connection) -> Iterator[None]:
    """Hold the lock that only one copy can have. It goes with the connection if we are killed."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not _one(native, "SELECT pg_try_advisory_lock(%s)", LOCK):
        if monotonic() > deadline:
            holder = _one(native, _HOLDER, LOCK) or "it has just ended"
            raise BridgeError(f"another sync is running ({holder}) — let it end, or end it")
        sleep(PATIENCE_SECONDS / 30)
    try:
        yield
    finally:
        # Ending a session takes the server a moment; the next copy need not wait for that.
        with suppress(psycopg.Error):
            native.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


_HOLDER: LiteralString = """
SELECT format('%%s, connected since %%s', application_name,
              to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'))
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _one(connection: Connection, query: LiteralString, *parameters: object) -> object:
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None


def require_tables(
    legacy: Connection,
    native: Connection,
    mappings: Sequence[TableMapping],
    rights: Sequence[str] = ("SELECT", "INSERT", "UPDATE", "DELETE"),
) -> None:
    """Raise `BridgeError` unless all tables are there, to be read, and with `rights` natively."""
    ours = [*(mapping.native for mapping in mappings), *TABLES]
    if missing := preflight.missing_tables(native, ours):
        raise BridgeError(
            *(f"{name}: {where} in the native database" for name, where in missing.items()),
            NOT_UP_TO_DATE,
        )
    preflight.require_rights(native, ours, rights)
    theirs = [mapping.legacy for mapping in mappings]
    if missing := preflight.missing_tables(legacy, theirs):
        raise BridgeError(
            *(f"{name}: {where} in the legacy database" for name, where in missing.items()),
            f"check that the setting leads to Django's database; it is {legacy.info.dbname} now",
        )
    preflight.require_rights(legacy, theirs, ("SELECT",))


@dataclass(frozen=True, slots=True)
class Staged:
    """Tables as they were at one moment, ready to be merged. `read`: rows and seconds of each."""

    moment: Snapshot
    pairs: tuple[TablePair, ...]
    read: tuple[tuple[int, float], ...]


def table_pairs(
    legacy: Connection, native: Connection, domains: Domains
) -> tuple[tuple[TablePair, ...], list[str]]:
    """Mappings with what the catalogues say of both tables, and doubts that stop nothing.

    Raises `BridgeError` if they do not fit.
    """
    mappings = [(domain, mapping) for domain, mapped in domains.items() for mapping in mapped]
    theirs = read_catalogue(legacy, [mapping.legacy for _, mapping in mappings])
    ours = read_catalogue(native, [mapping.native for _, mapping in mappings])
    pairs = tuple(
        TablePair(domain, mapping, theirs[mapping.legacy], ours[mapping.native])
        for domain, mapping in mappings
    )
    found = [misfit for p in pairs for misfit in misfits(p.mapping, p.legacy, p.native)]
    if refused := [str(misfit) for misfit in found if misfit.refused]:
        raise BridgeError(*refused)
    return pairs, [str(misfit) for misfit in found]


def stage_all(
    legacy: Connection, native: Connection, pairs: Sequence[TablePair], watch: Watch
) -> tuple[tuple[int, float], ...]:
    """Read whole tables into staging: rows and seconds of each."""
    return tuple(_stage(legacy, native, pair, watch) for pair in pairs)


def _stage(
    legacy: Connection, native: Connection, pair: TablePair, watch: Watch
) -> tuple[int, float]:
    def on_rows(rows: int) -> None:
        watch.reading(pair.native.name, rows, pair.legacy.estimate)

    started = monotonic()
    on_rows(0)
    with told(f"while copying {pair.legacy.name}"):
        load = stage(legacy, native, pair, on_rows)
    return load.rows, monotonic() - started


def merge_staged(
    native: Connection, staged: Staged, started_at: datetime
) -> tuple[CopiedTable, ...]:
    """Within a transaction: make the native tables what was staged, and write that down."""
    merged = merge(native, staged.pairs) if staged.pairs else {}
    tables = tuple(
        CopiedTable(
            domain=pair.domain,
            legacy=pair.legacy.name,
            native=pair.native.name,
            rows=rows,
            inserted=done.inserted,
            updated=done.updated,
            deleted=done.deleted,
            seconds=round(seconds + done.seconds, 3),
            refused=done.refused,
        )
        for pair, (rows, seconds), done in zip(
            staged.pairs, staged.read, merged.values(), strict=True
        )
    )
    write_down(native, staged.moment, started_at, tables)
    return tables


@contextmanager
def told(when: str, *, left: str = "the native tables are as they were") -> Iterator[None]:
    """A fault of a server or a connection as a message. What it says holds no password.

    `left` is how the fault leaves things.
    """
    try:
        yield
    except psycopg.Error as error:
        said = error.diag.message_primary or " ".join(str(error).split())
        raise BridgeError(f"{when}: {said} — {left}; repeating is safe") from None
