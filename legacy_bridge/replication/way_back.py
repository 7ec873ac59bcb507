"""The beginning of the stream from the native database to the legacy one.

There is nothing to copy: the native rows are those of the legacy side when it begins. What it
writes down is in the legacy database (`home`); the slot is in the native one.
"""

import secrets
from dataclasses import dataclass
from typing import LiteralString

from legacy_bridge.replication import home, preflight
from legacy_bridge.replication.checks import back_misfits
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.copy import Domains, table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.handing_over import number_apart
from legacy_bridge.replication.one_way import WRITING
from legacy_bridge.replication.owners import Owner, Owners, read_owners, travelling_now
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.publication import ensure_publication
from legacy_bridge.replication.resuming import cannot_go_on, problems_of
from legacy_bridge.replication.slots import drop_slot
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.stream_access import open_replication, require_logical_wal
from legacy_bridge.replication.streams import (
    StreamRecord,
    mark_copied,
    new_record,
    published_tables,
    read_stream,
    take_over,
    write_stream,
)
from legacy_bridge.replication.turns import appliers, take_turn

PREFIX = "strangler_back_"
BACK = Direction.REVERSE


@dataclass(frozen=True, slots=True)
class WayBack:
    """`anew`: why a stream that was there could not go on. `missed`: domains that the native side
    owns, of which changes may be missing on the legacy side: to be repaired. `doubts`: domains that
    cannot be given to the native side yet, and rows that may not go back, each with its place."""

    record: StreamRecord
    made: bool
    anew: str | None = None
    missed: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def prepare(legacy_url: str, native_url: str, domains: Domains) -> WayBack:
    """Make the stream unless there is one that can go on. Raises `BridgeError` if that cannot be;
    nothing but tables of the bridge's own was made then."""
    ends = Ends(legacy_url, native_url)
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        domains = travelling_now(native, domains)
        if problems := _problems(ends, legacy, native, domains):
            raise BridgeError(*problems)
        home.ensure(legacy)
        home.look_there(legacy)
        doubted = misfits(legacy, native, domains)
        before = read_stream(legacy, BACK)
        anew = _unusable(ends, native, before, domains) if before else None
        if before and not anew:
            return WayBack(before, made=False, doubts=doubted)
        if not take_turn(legacy, BACK):
            raise BridgeError(
                f"`strangler sync run` is running ({appliers(legacy, BACK)[0]}) — end it first"
            )
        record = _begin(ends, legacy, native, before, domains)
        owners = read_owners(native)
        _number_apart(legacy, native, domains, owners)
        missed = tuple(name for name in domains if anew and owners.owns(name, BACK))
        return WayBack(record, made=True, anew=anew, missed=missed, doubts=doubted)


def check(legacy_url: str, native_url: str, domains: Domains) -> tuple[str, ...]:
    """Everything that is in the way of `prepare`, each with its remedy. Changes nothing."""
    ends = Ends(legacy_url, native_url)
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        return tuple(_problems(ends, legacy, native, travelling_now(native, domains)))


def doubts(legacy_url: str, native_url: str, domains: Domains) -> tuple[str, ...]:
    """What `prepare` would say of rows that may not go back. Changes nothing."""
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        return misfits(legacy, native, travelling_now(native, domains))


def misfits(legacy: Connection, native: Connection, domains: Domains) -> tuple[str, ...]:
    """What of the rows does not fit on the way back; nothing where not even the way there does."""
    try:
        pairs, _ = table_pairs(legacy, native, domains)
    except (BridgeError, KeyError):
        return ()
    found = [
        str(misfit)
        for pair in pairs
        for misfit in back_misfits(pair.mapping, pair.legacy, pair.native)
    ]
    return tuple(dict.fromkeys(found))  # a foreign key is one of two tables


def _problems(ends: Ends, legacy: Connection, native: Connection, domains: Domains) -> list[str]:
    tables = [mapping.legacy for mapped in domains.values() for mapping in mapped]

    def publishing() -> None:
        with native.transaction(force_rollback=True):
            name = f"{PREFIX}{secrets.token_hex(4)}"
            ensure_publication(native, name, published_tables(domains, BACK))

    def making() -> None:
        with legacy.transaction(force_rollback=True):
            home.ensure(legacy)

    return problems_of(
        (
            making,
            lambda: preflight.require_rights(legacy, tables, WRITING),
            lambda: require_logical_wal(native, NATIVE),
            lambda: open_replication(ends.native_url, NATIVE).close(),
            publishing,
        )
    )


def _unusable(ends: Ends, native: Connection, record: StreamRecord, domains: Domains) -> str | None:
    """Why the stream that is there cannot go on; None if it can."""
    try:
        return cannot_go_on(ends.source(BACK), native, record, domains)
    except BridgeError as error:
        return str(error)


def _begin(
    ends: Ends,
    legacy: Connection,
    native: Connection,
    before: StreamRecord | None,
    domains: Domains,
) -> StreamRecord:
    """Killed at any point it is repeated: a slot that is written down is dropped and made anew."""
    name = f"{PREFIX}{secrets.token_hex(4)}"
    names = (before.slot, before.publication) if before else (name, name)
    with _source(ends, *names) as source:
        record = new_record(BACK, names, source.identify(), tuple(domains))
        write_stream(legacy, record)
        if before is None and read_stream(native, Direction.FORWARD):
            # Whoever applies there, and began without an answer, does not say what it takes away.
            take_over(native, Direction.FORWARD)
        drop_slot(native, record.slot)
        ensure_publication(native, record.publication, published_tables(domains, BACK))
        slot = source.create_slot()
        with legacy.transaction():
            write_stream(legacy, record.at(slot.consistent_point))
            mark_copied(legacy, BACK)
    written = read_stream(legacy, BACK)
    assert written is not None  # noqa: S101  # it was written
    return written


def _number_apart(legacy: Connection, native: Connection, domains: Domains, owners: Owners) -> None:
    """Whoever does not own the rows gives them other numbers than the owner."""
    pairs, _ = table_pairs(legacy, native, domains)
    for pair in pairs:
        owner = owners.of(pair.domain).owner
        number_apart(native if owner is Owner.LEGACY else legacy, [pair], owner)


def _source(ends: Ends, slot: str, publication: str) -> ReplicationSource:
    return ReplicationSource(ends.native_url, NATIVE, slot=slot, publication=publication)


def drop(legacy_url: str, native_url: str) -> None:
    """End the stream: its slot goes, and what was written down of it."""
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        if home.found(legacy) and (record := read_stream(legacy, BACK)):
            drop_slot(native, record.slot)
            legacy.execute(_FORGET, [BACK])


_FORGET: LiteralString = "DELETE FROM bridge_streams WHERE name = %s"
