"""Run in a tree with generated domains: that its migrations make the tables of its models.

Arguments: the URLs of two databases with what the other migrations make. In the first one the
tables are made by the migrations, in the second one by them, undone, and by the models.
Prints JSON.
"""

import json
import sys
from importlib import import_module
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.orm import configure_mappers

from migrations import upgrade
from ported_domains.domain import metadata
from ported_domains.registry import DOMAINS

for name in DOMAINS:
    import_module(f"ported_domains.{name}.models")

CATALOGUE = text(
    """
    SELECT conrelid::regclass::text AS of, conname::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT quote_ident(tablename), indexname::text, indexdef
    FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT quote_ident(c.relname), a.attname::text,
           concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                     attcollation::regcollation, pg_get_expr(adbin, adrelid))
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = attrelid AND relkind = 'r'
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    ORDER BY 1, 2, 3
    """
)


def tables() -> set[str]:
    return {mapping.native for domain in DOMAINS.values() for mapping in domain.mapping}


def ours(thing: Any, *_: object) -> bool:
    """Whether a table, or what belongs to one, is generated."""
    return getattr(thing, "table", thing).name in tables()


def differences(connection: Connection) -> list[str]:
    """What Alembic would still migrate."""
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_server_default": True,
            "include_object": ours,
        },
    )
    return [repr(each) for each in compare_metadata(context, metadata)]


def catalogue(connection: Connection) -> list[list[Any]]:
    """Constraints, indexes and columns of the generated tables, as the database says them."""
    wanted = {connection.dialect.identifier_preparer.quote(name) for name in tables()}
    wanted |= tables()
    return [list(row) for row in connection.execute(CATALOGUE) if row[0] in wanted]


def main(migrated_url: str, other_url: str) -> None:
    configure_mappers()
    with upgrade.connect(migrated_url) as migrated:
        upgrade.upgrade(migrated)
        told = differences(migrated)
        migrated.rollback()
        rules = catalogue(migrated)
    with upgrade.connect(other_url) as other:
        upgrade.upgrade(other)
        command.downgrade(upgrade.config(other), f"-{len(DOMAINS)}")
        other.commit()
        left = catalogue(other)
        metadata.create_all(other)
        same = catalogue(other)
    print(
        json.dumps(
            {"differences": told, "left": left, "migrated": rules, "made": same},
        )
    )


main(*sys.argv[1:])
