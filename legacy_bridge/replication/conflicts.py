"""Changes that lost against the owner's: kept as they were, to be looked at by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from legacy_bridge.replication.connections import Connection


class ConflictKind(StrEnum):
    """What was in the way of a change on the side that does not own the row."""

    CHANGED = "changed by both"
    DELETED = "deleted by the owner"
    KEY_TAKEN = "key taken by the owner"
    REFUSED = "refused by the owner's table"


REASONS: Mapping[ConflictKind, str] = {
    ConflictKind.CHANGED: "the owner changed the row before it had seen this change",
    ConflictKind.DELETED: "the owner deleted the row before it had seen this change",
    ConflictKind.KEY_TAKEN: "the owner has made another row with this key",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """`losing`: the row by column, as texts, as far as it came; None for a deletion."""

    domain: str
    table: str
    key: Mapping[str, Any]
    kind: ConflictKind
    reason: str
    losing: Mapping[str, str | None] | None


def keep(
    target: Connection, conflicts: Sequence[Conflict], source: str, lsn: str, at: datetime
) -> None:
    """Within the transaction in which they lost. `source`: the side that they come from."""
    with target.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bridge_conflicts"
            " (domain, table_name, key, kind, reason, losing, source, source_lsn, source_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    one.domain,
                    one.table,
                    Jsonb(dict(one.key)),
                    one.kind,
                    one.reason,
                    None if one.losing is None else Jsonb(dict(one.losing)),
                    source,
                    lsn,
                    at,
                )
                for one in conflicts
            ],
        )


def counted(connection: Connection) -> dict[str, int]:
    """Table → conflicts that are kept; tables without any are missing."""
    found = connection.execute(
        "SELECT table_name, count(*) FROM bridge_conflicts GROUP BY table_name ORDER BY 1"
    )
    return dict(found.fetchall())
