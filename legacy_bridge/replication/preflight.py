"""What is looked at before a copy: rights that must be there, differences that one should know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError


def require_rights(connection: Connection, tables: Sequence[str], rights: Sequence[str]) -> None:
    """Raise with the GRANT that is missing. Tables that do not exist are somebody else's matter."""
    lacking: dict[str, list[str]] = {}
    for table, right in connection.execute(
        """
        SELECT c.oid::regclass::text, wanted
        FROM unnest(%s::text[]) AS t (name)
        JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(t.name))
        CROSS JOIN unnest(%s::text[]) AS wanted
        WHERE NOT has_table_privilege(c.oid, wanted)
        """,
        [list(tables), list(rights)],
    ):
        lacking.setdefault(right, []).append(table)
    if lacking:
        raise BridgeError(*_grants(connection, lacking))


def _grants(connection: Connection, lacking: dict[str, list[str]]) -> Iterator[str]:
    user = sql.Identifier(connection.info.user).as_string()
    for right, tables in lacking.items():
        names = ", ".join(tables)
        yield (
            f"the user {user} of database {connection.info.dbname} may not {right} all tables — "
            f"let their owner run: GRANT {right} ON {names} TO {user};"
        )


def missing_tables(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """For every table that the search path does not lead to: where it is, if anywhere."""
    found = connection.execute(
        """
        SELECT t.name, array_agg(n.nspname::text) FILTER (WHERE n.nspname IS NOT NULL)
        FROM unnest(%s::text[]) AS t (name)
        LEFT JOIN pg_class AS c ON c.relname = t.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE to_regclass(quote_ident(t.name)) IS NULL
        GROUP BY t.name
        ORDER BY t.name
        """,
        [list(names)],
    )
    return {name: _whereabouts(connection, schemas) for name, schemas in found}


def _whereabouts(connection: Connection, schemas: Sequence[str] | None) -> str:
    if not schemas:
        return "is not there"
    user = sql.Identifier(connection.info.user).as_string()
    schema = sql.Identifier(schemas[0]).as_string()
    return (
        f"is in schema {schema}, which {user} does not search or may not use "
        f"(GRANT USAGE ON SCHEMA {schema} TO {user}; ALTER ROLE {user} SET search_path = {schema};)"
    )


def warnings(legacy: Connection, native: Connection) -> list[str]:
    """Differences between the two databases that a copy cannot even out."""
    ours, theirs = _properties(native), _properties(legacy)
    found = []
    if ours["order"] != theirs["order"]:
        found.append(
            f"text sorts differently on the two sides: {theirs['order']} in the legacy database, "
            f"{ours['order']} in the native one. Lists ordered by name will differ — "
            "make the native database anew with the legacy locale"
        )
    if ours["encoding"] not in ("UTF8", theirs["encoding"]):
        found.append(
            f"the native database stores {ours['encoding']}, the legacy one {theirs['encoding']}: "
            "rows with other characters cannot be copied — make the native database with UTF8"
        )
    return found


def _properties(connection: Connection) -> dict[str, str]:
    # As JSON, since the columns about locales have other names in each version from 15 to 18.
    row = connection.execute(
        "SELECT to_jsonb(d), pg_encoding_to_char(encoding) FROM pg_database AS d"
        " WHERE datname = current_database()"
    ).fetchone()
    assert row is not None  # noqa: S101  # one is always connected to a database
    return {"order": sort_order(row[0]), "encoding": row[1]}


def sort_order(database: Mapping[str, Any]) -> str:
    """How text is ordered in a database, from its row in pg_database."""
    provider = database.get("datlocprovider", "c")
    locale = database.get("datlocale") or database.get("daticulocale")
    name = database["datcollate"] if provider == "c" or not locale else locale
    bytewise = provider == "b" or name.upper().replace("-", "") in ("C", "POSIX", "C.UTF8")
    return "by code point" if bytewise else f"{name} ({_PROVIDERS.get(provider, provider)})"


_PROVIDERS = {"c": "libc", "i": "icu"}
