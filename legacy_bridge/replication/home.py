"""The bridge's tables in the legacy database: how far the way back is, and what did not go there.

They have to be committed with the rows, so they are where the rows are: in the schema `strangler`,
which Django does not look at. Nothing else is ever made in the legacy database but publications,
slots, and the triggers that somebody asks for (`rejecting`), whose function is here as well.
"""

from typing import LiteralString

import psycopg
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn, CreateTable

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.tables import conflicts, copies, let_in, quarantine, streams

SCHEMA = "strangler"
MAKING = 0x4D_41_4B_45  # "MAKE"
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
TABLES: tuple[Table, ...] = (streams, quarantine, let_in, conflicts, copies)


def look_there(legacy: Connection) -> None:
    """From now on this connection finds the bridge's tables by their names alone."""
    legacy.execute(_SEARCH)


# Behind what is there: no table of the site is hidden.
_SEARCH: LiteralString = """
SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''),
                                           'strangler'), false)
WHERE NOT 'strangler' = ANY (string_to_array(current_setting('search_path'), ', '))
"""


def began(legacy: Connection) -> bool:
    """Whether tables are there, be it those of an older version."""
    return streams.name in _columns(legacy)


def unreadable(legacy: Connection) -> str | None:
    """What this user would have to be granted to read the tables; None if nothing."""
    names = [f"{SCHEMA}.{table.name}" for table in TABLES]
    row = legacy.execute(_READABLE, [SCHEMA, SCHEMA, names]).fetchone()
    if row == (True,):
        return None
    user = psycopg.sql.Identifier(legacy.info.user).as_string()
    return (
        f"the user {user} of database {legacy.info.dbname} may not read the bridge's own tables — "
        f"let their owner run: GRANT USAGE ON SCHEMA {SCHEMA} TO {user}; "
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {user};"
    )


# A table cannot be looked up by its name in a schema that one may not use.
_READABLE: LiteralString = """
SELECT CASE WHEN has_schema_privilege(%s, 'USAGE')
            THEN (SELECT bool_and(has_table_privilege(c.oid, 'SELECT'))
                  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
                  WHERE nspname = %s AND nspname || '.' || relname = ANY (%s::text[]))
            ELSE false END
"""


def found(legacy: Connection) -> bool:
    """Whether the tables are there; from now on the connection finds them by their names. Raises
    `BridgeError` for those of an older version: without the way back they would seem to be none."""
    if not lacking(legacy):
        look_there(legacy)
        return True
    if began(legacy):
        raise BridgeError(
            f"the bridge's tables in the database {legacy.info.dbname} are those of an older "
            "version — start `strangler sync run` or `serve` anew, which adds what they lack"
        )
    return False


def lacking(legacy: Connection) -> tuple[str, ...]:
    """The statements that are still to be run, by whoever may."""
    statements = []
    if not _has_schema(legacy):
        statements.append(f"CREATE SCHEMA {SCHEMA}")
    known = _columns(legacy)
    for table in TABLES:
        if table.name not in known:
            statements.append(_create(table))
        else:
            statements += _additions(table, known[table.name])
    return tuple(statements)


def ensure(legacy: Connection) -> None:
    """Make what is lacking. Raises `BridgeError` with the statements that somebody else has to
    run, and then has changed nothing."""
    statements = lacking(legacy)
    try:
        with legacy.transaction():
            legacy.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
            for statement in lacking(legacy):  # another one may have made them meanwhile
                legacy.execute(statement.encode())
            legacy.execute(_PROBE)
    except psycopg.errors.InsufficientPrivilege as error:
        user = psycopg.sql.Identifier(legacy.info.user).as_string()
        rights = (
            f"GRANT USAGE ON SCHEMA {SCHEMA} TO {user}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO {user}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {user}",
        )
        written = " ".join(f"{statement};" for statement in (*statements, *rights))
        raise BridgeError(
            f"the user {legacy.info.user} of database {legacy.info.dbname} may not make the "
            f"bridge's own tables ({error.diag.message_primary}) — let an administrator run: "
            f"{written}"
        ) from None


def _create(table: Table) -> str:
    copy = table.to_metadata(MetaData(schema=SCHEMA))
    return _compiled(CreateTable(copy))


def _additions(table: Table, known: set[str]) -> list[str]:
    """Of columns that a later version brought."""
    return [
        f"ALTER TABLE {SCHEMA}.{table.name} ADD COLUMN {_compiled(CreateColumn(column))}"
        for column in table.columns
        if column.name not in known
    ]


def _compiled(statement: CreateTable | CreateColumn) -> str:
    return " ".join(str(statement.compile(dialect=DIALECT)).split())


def _has_schema(legacy: Connection) -> bool:
    found = legacy.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
    return found.fetchone() is not None


def _columns(legacy: Connection) -> dict[str, set[str]]:
    """Table → columns."""
    found = legacy.execute(
        """
        SELECT relname::text, array_agg(attname::text)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
        WHERE nspname = %s AND relkind = 'r' GROUP BY 1
        """,
        [SCHEMA],
    )
    return {name: set(columns) for name, columns in found}


_PROBE: LiteralString = """
SELECT count(*) FROM strangler.bridge_streams WHERE false
"""
