"""Whose turn it is: one applier for each stream, and others that wait to take over."""

from dataclasses import dataclass
from typing import LiteralString

from legacy_bridge.replication.connections import Connection

APPLYING = 0x41_50_50_4C  # "APPL"
WAITING = 0x57_41_49_54  # "WAIT"
HELD_UP = 0x48_45_4C_44  # "HELD"


def take_turn(native: Connection, stream: str) -> bool:
    """Whether this connection is the one that applies; it stays so until it ends."""
    row = native.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [APPLYING, stream]
    ).fetchone()
    return bool(row and row[0])


def stand_by(native: Connection, stream: str) -> None:
    """Be seen waiting."""
    native.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", [WAITING, stream])


def step_forward(native: Connection, stream: str) -> None:
    """Not waiting any more."""
    native.execute("SELECT pg_advisory_unlock_shared(%s, hashtext(%s))", [WAITING, stream])


def hold_up(native: Connection, stream: str) -> None:
    """Be seen waiting for the source."""
    native.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", [HELD_UP, stream])


def go_on(native: Connection, stream: str) -> None:
    """Not waiting for it any more."""
    native.execute("SELECT pg_advisory_unlock_shared(%s, hashtext(%s))", [HELD_UP, stream])


@dataclass(frozen=True, slots=True)
class HeldUp:
    """What the applier waits for: the source's readers do not see yet what its log has brought, or
    a commit on the target waits for a synchronous standby."""

    by_source: bool
    by_target: bool


def held_up(native: Connection, stream: str) -> HeldUp:
    found = native.execute(_WAITS, [HELD_UP, APPLYING, APPLYING, HELD_UP, stream]).fetchone()
    return HeldUp(*(bool(waits) for waits in found or (False, False)))


def appliers(native: Connection, stream: str) -> tuple[str | None, tuple[str, ...]]:
    """Who applies, if anybody, and who stands by; as they call themselves and since when."""
    found = native.execute(_HOLDERS, [APPLYING, WAITING, stream]).fetchall()
    holders = [who for kind, who in found if kind == APPLYING]
    return next(iter(holders), None), tuple(who for kind, who in found if kind == WAITING)


_LOCKS: LiteralString = """
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = ANY (ARRAY[%s, %s]::oid[])
      AND objid::int8 = (hashtext(%s)::int8 & 4294967295) AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_HOLDERS: LiteralString = f"""
SELECT classid::bigint,
       format('%%s, connected since %%s', application_name,
              to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'))
{_LOCKS} ORDER BY backend_start
"""
_WAITS: LiteralString = f"""
SELECT bool_or(classid = %s::oid), bool_or(classid = %s::oid AND wait_event = 'SyncRep') {_LOCKS}
"""
