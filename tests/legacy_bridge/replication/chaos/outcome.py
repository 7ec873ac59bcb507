"""What there is when everybody has stopped, held against what the writers know."""

from collections.abc import Collection, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.verify.compare import verify_domains
from tests.legacy_bridge.replication.chaos.journal import Counts, Journal, Outcome, told
from tests.legacy_bridge.replication.chaos.rows import BY_NAME, TABLES, WANTED, Table
from tests.legacy_bridge.replication.chaos.watching import place, url_of
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask

Rows = dict[int, str]
MAPPED = {m.native: m for mapped in WANTED.values() for m in mapped}

QUARANTINE: dict[Owner, LiteralString] = {
    Owner.NATIVE: "SELECT table_name, (key ->> 'id')::int, reason FROM bridge_quarantine",
    Owner.LEGACY: "SELECT table_name, (key ->> 'id')::int, reason FROM strangler.bridge_quarantine",
}
CONFLICTS: dict[Owner, LiteralString] = {
    Owner.NATIVE: "SELECT table_name, (key ->> 'id')::int, losing FROM bridge_conflicts",
    Owner.LEGACY: "SELECT table_name, (key ->> 'id')::int, losing FROM strangler.bridge_conflicts",
}


def rows_of(sides: Sides, table: Table, side: Owner) -> Rows:
    """Key → all mapped columns as texts."""
    columns = [c.legacy if side is Owner.LEGACY else c.native for c in MAPPED[table.native].columns]
    query = SQL("SELECT id, ROW({})::text FROM {}").format(
        SQL(", ").join(map(Identifier, columns)), Identifier(table.name(side))
    )
    with psycopg.connect(url_of(sides, side), options="-c TimeZone=UTC") as connection:
        return dict(connection.execute(query).fetchall())


def tokens(sides: Sides, owners: Mapping[str, Owner]) -> set[str]:
    found: set[str] = set()
    for table in TABLES:
        if table.token:
            side = owners[table.domain]
            query = SQL("SELECT {} FROM {}").format(
                Identifier(table.token), Identifier(table.name(side))
            )
            with psycopg.connect(url_of(sides, side)) as connection:
                found.update(token for (token,) in connection.execute(query))
    return found


def quarantined(sides: Sides) -> dict[tuple[str, int], str]:
    """Native table and key → why."""
    return {
        (BY_NAME[table].native, key): reason
        for side in Owner
        for table, key, reason in ask(url_of(sides, side), QUARANTINE[side])
    }


def conflicts(sides: Sides) -> list[tuple[Table, int, dict[str, Any] | None]]:
    return [
        (BY_NAME[table], key, losing)
        for side in Owner
        for table, key, losing in ask(url_of(sides, side), CONFLICTS[side])
    ]


def unequal(sides: Sides, apart: Collection[tuple[str, int]] = ()) -> list[str]:
    """Rows that are not the same on both sides, but for those set apart."""
    found: list[str] = []
    for table in TABLES:
        legacy, native = (rows_of(sides, table, side) for side in Owner)
        found += (
            f"{table.native} {key}: {_short(legacy.get(key))} is not {_short(native.get(key))}"
            for key in sorted(legacy.keys() | native.keys())
            if (table.native, key) not in apart and legacy.get(key) != native.get(key)
        )
    return found


def _short(row: str | None) -> str:
    return "(nothing)" if row is None else f"{row[:160]}{'…' * (len(row) > 160)}"


def unreasonable(
    sides: Sides, apart: Mapping[tuple[str, int], str], owners: Mapping[str, Owner]
) -> list[str]:
    """Rows in quarantine though nothing is wrong with them. What can be wrong: a file has a URL
    elsewhere; a release of one owner is on a page that the other one has deleted; and whatever
    hangs on such rows, or wants what they hold."""
    found = ask(sides.legacy, "SELECT id FROM downloads_releasefile WHERE url LIKE 'ftp:%'")
    elsewhere = {("release_files", key) for (key,) in found} & apart.keys()
    at_odds = owners["pages"] is not owners["downloads"] and any(
        "release_page_id" in reason for reason in apart.values()
    )
    concerned = {"release_files"} if elsewhere else set[str]()
    if at_odds:
        concerned |= {"pages", "page_images", "releases", "release_files"}
    return [
        f"{table} {key}: in quarantine, {reason}"
        for (table, key), reason in apart.items()
        if table not in concerned
    ]


def lost(sides: Sides, owners: Mapping[str, Owner], journal: Journal) -> list[str]:
    kept = conflicts(sides)
    losing = {values[table.token] for table, _, values in kept if table.token and values}
    keys = {(table.native, key) for table, key, _ in kept}
    outcome = Outcome(there=tokens(sides, owners), lost=losing, conflicting=keys)
    return told(journal.versions, outcome)


def miscounted(sides: Sides, journal: Journal) -> list[str]:
    """Transactions that were applied more or less often than once."""
    return [
        f"from the {side} side {applied} transactions were applied,"
        f" {counts.committed} to {counts.committed + counts.doubtful} were committed"
        for side, counts in journal.counts.items()
        if not _as_committed(applied := place(sides, side).transactions, counts)
    ]


def _as_committed(applied: int, counts: Counts) -> bool:
    return counts.committed <= applied <= counts.committed + counts.doubtful


def unverified(sides: Sides) -> list[str]:
    wanted = {name: MAPPINGS[name] for name in WANTED}
    report = verify_domains(sides.legacy, sides.native, wanted, _Unwatched())
    return [
        f"verify: {table.native}: {len(table.differences)} differ, {len(table.unsettled)} unsettled"
        for table in report.tables
        if not table.equal
    ]


class _Unwatched:
    def reading(self, table: str, rows: int, expected: int) -> None:
        """Nobody looks."""


def doubled(sides: Sides) -> list[str]:
    """Tokens that two rows have."""
    found = []
    for table in (table for table in TABLES if table.token):
        for side in Owner:
            query = SQL("SELECT {0} FROM {1} GROUP BY 1 HAVING count(*) > 1").format(
                Identifier(table.token or ""), Identifier(table.name(side))
            )
            with psycopg.connect(url_of(sides, side)) as connection:
                found += [
                    f"{table.name(side)}: {token} twice" for (token,) in connection.execute(query)
                ]
    return found
