"""Which tables a database publishes: exactly those that are mapped, whole, with everything done.

A publication must be there before the slot that is read with it. Each step is one statement that
an administrator could run, and is told where we may not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError

Tables = Mapping[str, Sequence[str]]
"""Tables that the search path leads to, each with the columns that identify a row."""

COMPLETE = ("insert", "update", "delete", "truncate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a publication differs from what is wanted. Names are as SQL writes them.

    `absent` tables are wanted and not published: their changes are lost, so that they have to be
    copied once they are. `filtered` ones lack rows or columns. `surplus` ones are not wanted.
    """

    exists: bool
    absent: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # kinds of changes that are not published
    everything: bool = False  # all tables, or all of a schema: not ours to change

    def __bool__(self) -> bool:
        return not self.exists or bool(self.loses or self.surplus)

    @property
    def loses(self) -> bool:
        """Changes that are wanted do not come."""
        return bool(self.absent or self.filtered or self.left_out)


def drift(connection: Connection, name: str, tables: Tables) -> Drift:
    """Compare. Raises `BridgeError` for tables that are not there."""
    wanted = _resolved(connection, tables)
    row = connection.execute(_PUBLICATION, [name]).fetchone()
    if row is None:
        return Drift(exists=False, absent=tuple(wanted))
    everything, *kinds = row
    published: dict[str, bool] = dict(connection.execute(_PUBLISHED, [name]).fetchall())
    return Drift(
        exists=True,
        absent=tuple(table for table in wanted if table not in published),
        filtered=tuple(table for table in wanted if published.get(table)),
        surplus=() if everything else tuple(table for table in published if table not in wanted),
        left_out=tuple(kind for kind, on in zip(COMPLETE, kinds, strict=True) if not on),
        everything=everything,
    )


def ensure_publication(connection: Connection, name: str, tables: Tables) -> tuple[str, ...]:
    """Make the publication what it has to be; the tables that were not published before.

    Changes made to those until now were not recorded: copy them. Raises `BridgeError` with the
    statements that somebody else has to run, and then has changed nothing.
    """
    require_identities(connection, tables)
    found = drift(connection, name, tables)
    statements = _statements(name, _resolved(connection, tables), found)
    with _told(connection, statements), connection.transaction():
        for statement in statements:
            connection.execute(statement)
    return found.absent


def _statements(name: str, wanted: Sequence[str], found: Drift) -> list[sql.Composed]:
    publication = sql.Identifier(name)
    listed = sql.SQL(", ").join(map(sql.SQL, wanted))
    kinds = sql.Literal(", ".join(COMPLETE))
    if not found.exists:
        # Of a partitioned table we know the whole, not its parts.
        return [sql.SQL(_CREATE).format(publication, listed, kinds)]
    if found.everything and (found.absent or found.filtered):
        raise BridgeError(
            f"the publication {name} was made for all tables or a schema, and yet lacks "
            f"{', '.join(found.absent + found.filtered)} — drop it, so that one of its own is made"
        )
    statements = []
    if found.absent or found.filtered or found.surplus:
        statements.append(sql.SQL(_SET_TABLES).format(publication, listed))
    if found.left_out:
        statements.append(sql.SQL(_SET_KINDS).format(publication, kinds))
    return statements


def take_out(connection: Connection, name: str, tables: Collection[str]) -> tuple[str, ...]:
    """Publish these tables no more; those that were, as SQL writes them. What is in the log already
    still comes, to whoever reads it later: the publication counts as it was then. Raises
    `BridgeError` with the statement that somebody else has to run, and then has changed nothing."""
    row = connection.execute(_PUBLICATION, [name]).fetchone()
    if row is None or row[0]:  # gone, or for all tables: not ours to change
        return ()
    published = {table for table, _ in connection.execute(_PUBLISHED, [name])}
    there = [table for _, table, _ in connection.execute(_TABLES, [list(tables)])]
    listed = tuple(table for table in there if table in published)
    if listed:
        taken = sql.SQL(_DROP_TABLES).format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.SQL, listed))
        )
        with _told(connection, [taken]):
            connection.execute(taken)
    return listed


@contextmanager
def _told(connection: Connection, statements: Sequence[sql.Composed]) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        written = " ".join(f"{statement.as_string(connection)};" for statement in statements)
        raise BridgeError(
            f"the user {connection.info.user} of database {connection.info.dbname} may not publish "
            f"the tables ({error.diag.message_primary}) — let their owner, or an administrator, "
            f"run: {written}"
        ) from None
    except psycopg.Error as error:
        said = error.diag.message_primary or " ".join(str(error).split())
        raise BridgeError(f"the tables cannot be published: {said}") from error


def require_identities(connection: Connection, tables: Tables) -> None:
    """Raise `BridgeError` unless updates and deletes will say which row they mean.

    To be asked before a table is published: without an identity, the database would refuse its
    own users' updates of it.
    """
    faults = []
    _resolved(connection, tables)
    for name, table, identity, columns in connection.execute(_IDENTITIES, [list(tables)]):
        if not columns and identity != "f":
            faults.append(_without_identity(table, identity, tables[name]))
        elif lacking := [key for key in tables[name] if identity != "f" and key not in columns]:
            faults.append(
                f"{table}: deletes do not tell the key's {', '.join(lacking)} "
                f"(the replica identity is {', '.join(columns)}) — let the table's owner run: "
                f"ALTER TABLE {table} REPLICA IDENTITY FULL;"
            )
    if faults:
        raise BridgeError(*faults)


def _without_identity(table: str, identity: str, key: Sequence[str]) -> str:
    columns = sql.SQL(", ").join(map(sql.Identifier, key)).as_string()
    remedies = {
        "d": f"ALTER TABLE {table} ADD PRIMARY KEY ({columns});",
        "n": f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT;",
        "i": f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT;",
    }
    faults = {
        "d": "has no primary key",
        "n": "has its replica identity switched off",
        "i": "has lost the index of its replica identity",
    }
    return (
        f"{table} {faults[identity]}, so that updates and deletes cannot be followed — "
        f"let the table's owner run: {remedies[identity]}"
    )


def _resolved(connection: Connection, tables: Tables) -> list[str]:
    """The tables as SQL writes them, in the order given."""
    found = connection.execute(_TABLES, [list(tables)]).fetchall()
    faults = [
        f"{name} {_UNFIT.get(kind, 'is not a table that can be published')}"
        for name, _, kind in found
        if kind != "r"
    ]
    if faults:
        raise BridgeError(*faults)
    return [table for _, table, _ in found]


_UNFIT = {
    None: "is not there, or the search path does not lead to it",
    "v": "is a view: name the tables that it shows",
    "u": "is an unlogged table: run ALTER TABLE … SET LOGGED",
}
_TABLES: LiteralString = """
SELECT t.name, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       CASE WHEN c.relkind IN ('r', 'p') AND c.relpersistence = 'p' THEN 'r'
            WHEN c.relpersistence = 'u' THEN 'u' ELSE c.relkind::text END
FROM unnest(%s::text[]) WITH ORDINALITY AS t (name, place)
LEFT JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(t.name))
LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY place
"""
_PUBLICATION: LiteralString = """
SELECT puballtables OR EXISTS (SELECT FROM pg_publication_namespace WHERE pnpubid = p.oid),
       pubinsert, pubupdate, pubdelete, pubtruncate
FROM pg_publication AS p WHERE pubname = %s
"""
_PUBLISHED: LiteralString = """
SELECT format('%%I.%%I', schemaname, tablename),
       rowfilter IS NOT NULL OR cardinality(attnames) < (
           SELECT count(*) FROM pg_attribute
           WHERE attrelid = format('%%I.%%I', schemaname, tablename)::regclass
                 AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
FROM pg_publication_tables WHERE pubname = %s ORDER BY 1
"""
# A deferrable key, or an index that is not valid, identifies nothing.
_IDENTITIES: LiteralString = """
SELECT t.name, format('%%I.%%I', n.nspname, c.relname), c.relreplident::text,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_index AS i JOIN pg_attribute AS a
             ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
              AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                      WHEN 'i' THEN i.indisreplident ELSE false END)
FROM unnest(%s::text[]) WITH ORDINALITY AS t (name, place)
JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(t.name))
JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY place
"""
_CREATE: LiteralString = (
    "CREATE PUBLICATION {} FOR TABLE {} WITH (publish = {}, publish_via_partition_root = true)"
)
_SET_TABLES: LiteralString = "ALTER PUBLICATION {} SET TABLE {}"
_DROP_TABLES: LiteralString = "ALTER PUBLICATION {} DROP TABLE {}"
_SET_KINDS: LiteralString = "ALTER PUBLICATION {} SET (publish = {})"
