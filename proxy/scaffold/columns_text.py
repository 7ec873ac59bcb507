"""A column, an index, a constraint as code: what the models and the migration have in common."""

from collections.abc import Iterator

from proxy.scaffold.code import Code, Name, call, joined, literal
from proxy.scaffold.plan import ColumnPlan, IndexPlan, Reference, TablePlan
from proxy.scaffold.sql import escaped, sql_text
from proxy.scaffold.types import SA


def column_options(column: ColumnPlan) -> Iterator[Code]:
    """What follows the type and the foreign key of a column."""
    if column.identity:
        yield call(Name(SA, "Identity"), always="False")
    if column.computed:
        stored = str(column.computed.stored)
        yield call(Name(SA, "Computed"), literal(escaped(column.computed.sql)), persisted=stored)
    if column.primary_key:
        yield "primary_key=True"
    if column.counted_by_hand and not column.identity:
        yield "autoincrement=False"
    if column.unique:
        yield "unique=True"
    if column.index:
        yield "index=True"
    if column.server_default is not None:
        yield joined("server_default=", sql_text(column.server_default))


def table_rules(table: TablePlan) -> Iterator[Code]:
    """The constraints of several columns, or with names of their own."""
    if len(table.key) > 1:
        yield call(Name(SA, "PrimaryKeyConstraint"), *map(literal, table.key))
    for unique in table.uniques:
        more: dict[str, Code] = {}
        if unique.deferrable:
            more |= {"deferrable": "True", "initially": literal(unique.deferrable.upper())}
        if not unique.nulls_distinct:
            more["postgresql_nulls_not_distinct"] = "True"
        if unique.name:
            more["name"] = literal(unique.name)
        yield call(Name(SA, "UniqueConstraint"), *map(literal, unique.columns), **more)
    for check in table.checks:
        sql = literal(escaped(check.sql))
        yield call(Name(SA, "CheckConstraint"), sql, name=literal(check.name))


def index_parts(index: IndexPlan) -> list[Code]:
    return [sql_text(part) if is_sql else literal(part) for part, is_sql in index.parts]


def index_options(index: IndexPlan) -> dict[str, Code]:
    return ({"unique": "True"} if index.unique else {}) | dict(index.options)


def key_of(reference: Reference) -> str:
    """The column that is referred to, as SQLAlchemy writes it."""
    return literal(f"{reference.table}.{reference.column}")
