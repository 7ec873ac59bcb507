"""Where a side goes on numbering rows after the bridge has written keys of its own."""

from psycopg import sql

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pairs import TablePair


def advance(target: Connection, pair: TablePair) -> None:
    """Set the sequences of a table's columns to its largest numbers, never backwards."""
    table = pair.target_name.as_string()
    for name in pair.target.columns:
        row = target.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, name]).fetchone()
        if row and row[0]:
            target.execute(
                sql.SQL(
                    "SELECT setval(%s::regclass, largest) FROM (SELECT max({}) AS largest FROM {})"
                    " AS t, {} AS s WHERE largest > s.last_value"
                    " OR largest = s.last_value AND NOT s.is_called"
                ).format(sql.Identifier(name), pair.target_name, sql.SQL(row[0])),
                [row[0]],
            )
