"""Replication slots: where a server remembers how far a reader of its changes has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import sql

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn

AGAIN = "copy anew and start a new stream with `strangler sync init`"


class SlotInUse(BridgeError):  # noqa: N818  # it says what is so
    """Another connection reads from the slot; it may have ended a moment later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """What the server says. `retained_bytes`: log that it keeps for this slot's sake.

    `left_bytes`: how much more it would keep before it gives the slot up; None without a limit.
    `lost`: why the slot can never be used again.
    """

    name: str
    plugin: str | None
    database: str | None
    confirmed: Lsn | None
    retained_bytes: int
    left_bytes: int | None
    lost: str | None
    reader: int | None
    reader_name: str | None
    reader_since: datetime | None


def read_slot(connection: Connection, name: str) -> SlotState | None:
    """None if there is no such slot. Any connection will do, a replicating one too."""
    row = connection.execute(sql.SQL(_SLOT).format(sql.Literal(name))).fetchone()
    if row is None:
        return None
    plugin, database, confirmed, retained, left, lost, reader, reader_name, since = row
    return SlotState(
        name=name,
        plugin=plugin,
        database=database,
        confirmed=Lsn.parse(confirmed) if confirmed else None,
        retained_bytes=int(retained or 0),
        left_bytes=left,
        lost=lost,
        reader=reader,
        reader_name=reader_name,
        reader_since=since,
    )


_SLOT: LiteralString = """
SELECT plugin, database, confirmed_flush_lsn::text,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_lsn() END - restart_lsn,
       safe_wal_size,
       CASE wal_status WHEN 'lost'
            -- The reason is a column from version 17 on.
            THEN coalesce(to_jsonb(s) ->> 'invalidation_reason', 'wal_removed') END,
       active_pid, application_name, backend_start
FROM pg_replication_slots AS s LEFT JOIN pg_stat_activity AS a ON a.pid = active_pid
WHERE slot_name = {}
"""


def drop_slot(connection: Connection, name: str) -> None:
    """That there is none afterwards. Raises `SlotInUse`."""
    slot = read_slot(connection, name)
    if slot and slot.reader:
        raise in_use(name, slot)
    if slot:
        connection.execute(sql.SQL("SELECT pg_drop_replication_slot({})").format(sql.Literal(name)))


def require_usable(slot: SlotState | None, name: str, from_: Lsn, server: Lsn) -> SlotState:
    """Raise `BridgeError` unless everything after `from_` will come, once and without a gap.

    `server` is the end of the server's log. What was confirmed was written down by us before:
    a slot that is further than we are means that we, or the server, went back in time.
    """
    if slot is None:
        raise BridgeError(
            f"the replication slot {name} is not there (dropped, or left behind in a failover): "
            f"what changed after {from_} cannot be known — {AGAIN}"
        )
    if slot.lost:
        raise BridgeError(
            f"the server has given up the replication slot {name} ({slot.lost}): "
            f"what changed after {from_} cannot be known — drop it, {AGAIN}; "
            "a larger max_slot_wal_keep_size lets a reader stay away for longer"
        )
    if slot.plugin != "pgoutput":
        raise BridgeError(
            f"the replication slot {name} is not ours (its plugin is {slot.plugin or 'none'}) — "
            "choose another name for the slot"
        )
    if slot.confirmed and slot.confirmed > from_:
        raise BridgeError(
            f"the replication slot {name} has been read up to {slot.confirmed}, but what was "
            f"applied ends at {from_}: the database that it was applied to was restored from a "
            f"backup, or somebody else has read from the slot — {AGAIN}"
        )
    if from_ > server:
        raise BridgeError(
            f"changes up to {from_} were applied, but the server has written up to {server} only: "
            f"it was restored from a backup, or is another one — {AGAIN}"
        )
    return slot


def in_use(name: str, slot: SlotState | None) -> SlotInUse:
    if slot is None or slot.reader is None:
        return SlotInUse(f"the replication slot {name} was being read a moment ago — try again")
    who = slot.reader_name or "unnamed"
    since = f"{slot.reader_since:%Y-%m-%d %H:%M:%S %Z}" if slot.reader_since else "an unknown time"
    return SlotInUse(
        f"the replication slot {name} is being read by pid {slot.reader} ({who}, connected since "
        f"{since}) — let it end, or run: SELECT pg_terminate_backend({slot.reader});"
    )
