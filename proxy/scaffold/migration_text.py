"""The migration that makes the tables."""

from collections.abc import Iterator

from proxy.scaffold.code import INDENT, Code, Items, Joined, Name, call, laid_out, literal
from proxy.scaffold.columns_text import (
    column_options,
    index_options,
    index_parts,
    key_of,
    table_rules,
)
from proxy.scaffold.imports import Imports
from proxy.scaffold.plan import AppPlan, ColumnPlan, Reference, TablePlan
from proxy.scaffold.types import SA

REFERS_TO = '''

def refers_to(key: str) -> sa.ForeignKey:
    """Checked at commit, so that rows may arrive in any order."""
    return sa.ForeignKey(key, deferrable=True, initially="DEFERRED")
'''

TEXT = '''"""The tables of {name}.

Revision: {revision}, after {after}
"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {before}
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
{helpers}'''


class _Imports(Imports):
    """As migrations are written: what is SQLAlchemy's own is in `sa`."""

    def __call__(self, name: Name) -> str:
        return f"sa.{name.name}" if name.module == SA else super().__call__(name)


def migration_text(plan: AppPlan, revision: str, before: str | None) -> str:
    """The whole file; `before` is the revision that it comes after."""
    imports = _Imports()
    steps = [laid_out(code, imports, indent=INDENT) for code in _steps(plan)]
    back = [laid_out(code, imports, indent=INDENT) for code in _back(plan)]
    imported = imports.text()
    helped = any(column.reference and not column.reference.late for column in _all(plan))
    return TEXT.format(
        name=plan.name,
        revision=revision,
        after=before or "nothing",
        imports=f"{imported}\n" if imported else "",
        before=literal(before),
        upgrade="\n".join(steps),
        downgrade="\n".join(back),
        helpers=REFERS_TO if helped else "",
    )


def _all(plan: AppPlan) -> Iterator[ColumnPlan]:
    return (column for table in plan.tables for column in table.columns)


def _steps(plan: AppPlan) -> Iterator[Code]:
    extensions = dict.fromkeys(each.type.extension for each in _all(plan) if each.type.extension)
    for extension in extensions:
        yield call("op.execute", literal(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    for table in plan.tables:
        columns = (_column(column) for column in table.columns)
        yield call("op.create_table", literal(table.native), *columns, *table_rules(table))
        for index in table.indexes:
            parts = Items(tuple(index_parts(index)), "[]")
            names = (literal(index.name), literal(table.native))
            yield call("op.create_index", *names, parts, **index_options(index))
    for table, column, reference, name in _late(plan):
        yield call(
            "op.create_foreign_key",
            literal(name),
            literal(table.native),
            literal(reference.table),
            f"[{literal(column.native)}]",
            f"[{literal(reference.column)}]",
            deferrable="True",
            initially='"DEFERRED"',
        )


def _back(plan: AppPlan) -> Iterator[Code]:
    for table, _, _, name in _late(plan):
        yield call("op.drop_constraint", literal(name), literal(table.native), type_='"foreignkey"')
    for table in reversed(plan.tables):
        yield call("op.drop_table", literal(table.native))


def _late(plan: AppPlan) -> Iterator[tuple[TablePlan, ColumnPlan, Reference, str]]:
    """The foreign keys that can be made only after all tables, with their names."""
    for table in plan.tables:
        for column in table.columns:
            if column.reference and column.reference.late:
                yield table, column, column.reference, column.reference.late


def _column(column: ColumnPlan) -> Code:
    reference = column.reference
    key = [call("refers_to", key_of(reference))] if reference and not reference.late else []
    options = list(column_options(column))
    if not column.primary_key:
        options.append(f"nullable={column.nullable}")
    positional = [each for each in options if not isinstance(each, str | Joined)]
    keywords = [each for each in options if isinstance(each, str | Joined)]
    return call(
        Name(SA, "Column"), literal(column.native), column.type.sql, *key, *positional, *keywords
    )
