"""The beginning of a stream: a slot, and a copy of exactly the rows that were there when it began.

Killed before the first chunk of the copy it is repeated from the start, with another slot. Killed
later, the slot keeps all changes since its beginning, and the copy goes on where it was; the rows
are whole when these changes are applied (`first_copy`).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import LiteralString

from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.copy import (
    CopyReport,
    Domains,
    Unwatched,
    Watch,
    alone,
    require_tables,
    table_pairs,
)
from legacy_bridge.replication.ends import End
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.first_copy import ranges
from legacy_bridge.replication.first_copy.copying import first_copy
from legacy_bridge.replication.first_copy.progress import forget, read_progress
from legacy_bridge.replication.owners import (
    Owners,
    left_alone,
    owned_by_legacy,
    read_owners,
    travelling_now,
)
from legacy_bridge.replication.publication import ensure_publication
from legacy_bridge.replication.resuming import cannot_go_on, problems_of
from legacy_bridge.replication.slots import drop_slot
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.stream_access import open_replication, require_logical_wal
from legacy_bridge.replication.streams import (
    FORWARD,
    StreamRecord,
    new_record,
    published_tables,
    read_stream,
    write_stream,
)
from legacy_bridge.replication.turns import appliers, take_turn

PREFIX = "strangler_"
AGAIN = "a new one was asked for"


@dataclass(frozen=True, slots=True)
class Begun:
    """`report` is None where a stream was there already and can go on; `anew` says why if not."""

    record: StreamRecord
    report: CopyReport | None
    anew: str | None
    warnings: tuple[str, ...]


def init(
    legacy_url: str,
    native_url: str,
    domains: Domains,
    watch: Watch | None = None,
    *,
    again: bool = False,
) -> Begun:
    """Make a stream that carries `domains`, unless there is one that can go on; or `again`.

    Rows that the native side owns are not copied: what was changed of them on the legacy side since
    an earlier stream ended is not carried, and told. Retired domains are left out.

    Raises `BridgeError` if that cannot be; what is copied by then stays, for the next time.
    """
    with (
        connected(native_url, NATIVE) as native,
        alone(native),
        connected(legacy_url, LEGACY) as legacy,
    ):
        domains = travelling_now(native, domains)
        before = read_stream(native, FORWARD)
        begun = before is not None and bool(before.copied_at or read_progress(native))
        anew = None
        if before and begun:
            anew = _unusable(legacy_url, legacy, native, before, domains) or again * AGAIN or None
            if before.copied_at and not anew:
                return Begun(before, None, None, _strays(legacy, before.slot))
        if not take_turn(native, FORWARD):
            raise BridgeError(
                f"`strangler sync run` is running ({appliers(native, FORWARD)[0]}) — end it first"
            )
        goes_on = begun and not anew
        if problems := _problems(legacy_url, legacy, native, domains, new_slot=not goes_on):
            raise BridgeError(*problems)
        watch = watch or Unwatched()
        owners = read_owners(native)
        if goes_on:
            report = first_copy(legacy, native, owned_by_legacy(domains, owners), watch)
        else:
            report = _begin(legacy_url, legacy, native, domains, owners, before, watch)
        report = replace(report, warnings=(*report.warnings, *left_alone(domains, owners)))
        written = read_stream(native, FORWARD)
        assert written is not None  # noqa: S101  # it was copied
        return Begun(written, report, anew, (*report.warnings, *_strays(legacy, written.slot)))


def check(legacy_url: str, native_url: str, domains: Domains) -> tuple[str, ...]:
    """Everything that is in the way of `init`, each with its remedy. Changes nothing."""
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        wanted = travelling_now(native, domains)
        return tuple(_problems(legacy_url, legacy, native, wanted, new_slot=True))


def _problems(
    legacy_url: str, legacy: Connection, native: Connection, domains: Domains, *, new_slot: bool
) -> list[str]:
    tables = published_tables(domains)

    def publishing() -> None:
        with legacy.transaction(force_rollback=True):
            ensure_publication(legacy, f"{PREFIX}{secrets.token_hex(4)}", tables)

    checks: tuple[Callable[[], object], ...] = (
        lambda: require_tables(legacy, native, [m for d in domains.values() for m in d]),
        lambda: table_pairs(legacy, native, domains),
        lambda: require_logical_wal(legacy, LEGACY),
        lambda: open_replication(legacy_url, LEGACY).close(),
        *((lambda: _require_free_slot(legacy), publishing) if new_slot else ()),
    )
    return problems_of(checks)


def _require_free_slot(legacy: Connection) -> None:
    row = legacy.execute(_SLOTS).fetchone()
    if row and row[0] >= row[1]:
        raise BridgeError(
            f"{LEGACY}: all {row[1]} replication slots are in use — drop one that nobody needs "
            "(pg_replication_slots lists them), or set max_replication_slots higher and restart "
            "the server"
        )


_SLOTS: LiteralString = """
SELECT (SELECT count(*) FROM pg_replication_slots), current_setting('max_replication_slots')::int
"""


def _unusable(
    legacy_url: str, legacy: Connection, native: Connection, record: StreamRecord, domains: Domains
) -> str | None:
    """Why the stream that is there cannot go on; None if it can."""
    try:
        why = cannot_go_on(End(legacy_url, LEGACY), legacy, record, domains)
        if why is None and not record.copied_at:
            why = _other_rows(legacy, native, record, domains)
    except BridgeError as error:
        return str(error)
    return why


def _other_rows(
    legacy: Connection, native: Connection, record: StreamRecord, domains: Domains
) -> str | None:
    """Why the chunks that are there would not be those of this copy."""
    if set(domains) != set(record.domains):
        return f"its first copy, not complete yet, was for {', '.join(record.domains)} only"
    forms = {
        pair.native.name: ranges.form(pair) for pair in table_pairs(legacy, native, domains)[0]
    }
    changed = [
        name for name, chunk in read_progress(native).items() if forms.get(name) != chunk.form
    ]
    if changed:
        return f"tables or mappings were changed during its first copy: {', '.join(changed)}"
    return None


def _begin(
    legacy_url: str,
    legacy: Connection,
    native: Connection,
    domains: Domains,
    owners: Owners,
    before: StreamRecord | None,
    watch: Watch,
) -> CopyReport:
    """1. write down the name of the slot, so that it is found again whatever happens
    2. drop the slot of an earlier attempt
    3. publish, make the slot
    4. copy what its snapshot shows; that it is complete is written with the last of it
    """
    name = f"{PREFIX}{secrets.token_hex(4)}"
    names = (before.slot, before.publication) if before else (name, name)
    with _source(legacy_url, *names) as source:
        record = new_record(FORWARD, names, source.identify(), tuple(domains))
        with native.transaction():
            write_stream(native, record)
            forget(native)
        failpoint("init.written_down")
        drop_slot(legacy, record.slot)
        ensure_publication(legacy, record.publication, published_tables(domains))
        failpoint("init.published")
        slot = source.create_slot()
        failpoint("init.slot_made")
        write_stream(native, record.at(slot.consistent_point))
        return first_copy(legacy, native, owned_by_legacy(domains, owners), watch, slot)


def _source(legacy_url: str, slot: str, publication: str) -> ReplicationSource:
    return ReplicationSource(legacy_url, LEGACY, slot=slot, publication=publication)


def _strays(legacy: Connection, ours: str) -> tuple[str, ...]:
    """Slots that look like ours and that nobody reads: the server keeps its log for them."""
    found = legacy.execute(_STRAYS, [PREFIX, ours])
    return tuple(
        f"nobody reads the replication slot {name}, for which the server keeps {kept} of its log — "
        f"if its native database is gone: SELECT pg_drop_replication_slot('{name}');"
        for name, kept in found
    )


_STRAYS: LiteralString = """
SELECT slot_name::text, pg_size_pretty(pg_current_wal_insert_lsn() - restart_lsn)
FROM pg_replication_slots
WHERE starts_with(slot_name, %s) AND slot_name <> %s AND NOT active
      AND database = current_database()
ORDER BY 1
"""
