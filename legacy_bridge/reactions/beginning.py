"""Where a subscriber goes on: its slot and publication, made when they are not there or no good.

    1. publication and slot are as they were left, and the last gap was told: go on there
    2. else: take back the word that it was told, drop the slot, publish the tables, make a slot
    3. tell the subscriber that there is a gap
    4. note that it was told

Whatever comes between, the next one to begin starts at 2 again, so that no gap stays untold. The
note is the publication's comment: it needs no table, and goes when the publication does.
"""

from collections.abc import Callable
from typing import LiteralString

from psycopg import sql

from legacy_bridge.reactions.changes import Gap
from legacy_bridge.reactions.subscription import Subscription
from legacy_bridge.replication.connections import NATIVE, Connection
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.publication import drift, ensure_publication
from legacy_bridge.replication.slots import drop_slot, read_slot
from legacy_bridge.replication.source import ReplicationSource

TOLD = "strangler: every gap was told"
CREATE_SECONDS = 15.0
"""For the transactions that are writing to end; afterwards it is tried again."""


def beginning(
    native: Connection, url: str, subscription: Subscription, tell: Callable[[Gap], bool]
) -> Lsn | None:
    """The position that the subscriber has come to. `tell` says whether the gap was taken; None if
    it was not. Raises `BridgeError`."""
    if (position := _left_off(native, subscription)) is not None:
        return position
    gap = Gap(_anew(native, url, subscription))
    failpoint("react.before_gap")
    if not tell(gap):
        return None
    _note(native, subscription.publication, TOLD)
    return gap.position


def _left_off(native: Connection, subscription: Subscription) -> Lsn | None:
    """None where changes may have been missed."""
    found = drift(native, subscription.publication, subscription.tables)
    slot = read_slot(native, subscription.slot(native))
    if not found.exists or found.loses or slot is None or slot.lost:
        return None
    row = native.execute(_COMMENT, [subscription.publication]).fetchone()
    return slot.confirmed if row == (TOLD,) else None


def _anew(native: Connection, url: str, subscription: Subscription) -> Lsn:
    """Where the new slot begins."""
    slot, publication = subscription.slot(native), subscription.publication
    if drift(native, publication, subscription.tables).exists:
        _note(native, publication, None)
    for one in (slot, publication):  # by the second name it went before it had its database's
        _drop_ours(native, one)
    ensure_publication(native, publication, subscription.tables)
    with ReplicationSource(url, NATIVE, slot=slot, publication=publication) as source:
        return source.create_slot(CREATE_SECONDS).consistent_point


def _drop_ours(native: Connection, name: str) -> None:
    """A slot of this database; another one's of that name stays."""
    found = read_slot(native, name)
    if found is not None and found.database == native.info.dbname:
        drop_slot(native, name)


def _note(native: Connection, publication: str, text: str | None) -> None:
    statement = sql.SQL(_NOTE).format(sql.Identifier(publication), sql.Literal(text))
    native.execute(statement)


_NOTE: LiteralString = "COMMENT ON PUBLICATION {} IS {}"
_COMMENT: LiteralString = """
SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = %s
"""
