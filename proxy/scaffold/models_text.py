"""models.py: a class for each table."""

import textwrap
from collections.abc import Iterator

from proxy.scaffold.code import (
    INDENT,
    WIDTH,
    Call,
    Code,
    Items,
    Name,
    call,
    joined,
    laid_out,
    literal,
    shown,
)
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

ORM = "sqlalchemy.orm"
DOMAIN = "ported_domains.domain"
REFERS_TO = Name("ported_domains.shared.columns", "refers_to")
MAPPED_COLUMN = Name(ORM, "mapped_column")

HEAD = '"""The tables of {app}, as the legacy project has them: a start, to be edited."""'


def models_text(plan: AppPlan) -> str:
    """The whole file."""
    taken = {column.attribute for table in plan.tables for column in table.columns}
    imports = Imports(taken | {table.class_name for table in plan.tables})
    classes = [_class(table, plan, imports) for table in plan.tables]
    return (
        "\n\n".join((HEAD.format(app=plan.app), imports.text()))
        + "\n\n\n"
        + "\n\n\n".join(classes)
        + "\n"
    )


def _class(table: TablePlan, plan: AppPlan, imports: Imports) -> str:
    bases: tuple[Code, ...] = (Name(DOMAIN, "Record"),)
    if table.parent:
        bases = (table.parent,)
    elif table.keyed:
        bases = (Name(DOMAIN, "Keyed"), *bases)
    head = [laid_out(Call(table.class_name, bases), imports, before="class ", after=":")]
    head += _docstring(table)
    head += [f"    __tablename__ = {literal(table.native)}"]
    if rules := tuple(_table_arguments(table)):
        before = f"__table_args__{_any_tuple(table, plan, imports)} = "
        head.append(laid_out(Items(rules), imports, indent=INDENT, before=before))
    columns = table.columns[1:] if table.keyed else table.columns
    body = [line for column in columns for line in _column(column, table, plan, imports)]
    return "\n".join([*head, "", *body] if body else head)


def _any_tuple(table: TablePlan, plan: AppPlan, imports: Imports) -> str:
    """An annotation, where a class below has others, which a type checker would find unlike."""
    inherited = any(each.parent == table.class_name for each in plan.tables)
    return f": tuple[{imports(_ANY)}, ...]" if inherited else ""


_ANY = Name("typing", "Any")


def _docstring(table: TablePlan) -> list[str]:
    """What there is to know or to do, each in lines of its own."""
    if not table.remarks:
        return []
    first = f'"""Of the legacy table {shown(table.legacy)}.'
    lines = [_wrapped(text) for text in table.remarks]
    return [
        _indented(first),
        "",
        *(f"{text}\n" for text in lines[:-1]),
        lines[-1],
        _indented('"""'),
        "",
    ]


def _indented(text: str) -> str:
    return " " * INDENT + text


def _wrapped(text: str) -> str:
    """Without what would end the text or mean something else in it."""
    plain = text.replace("\\", "\\\\").replace('"""', "'''")
    return textwrap.fill(
        plain,
        WIDTH,
        initial_indent=" " * INDENT,
        subsequent_indent=" " * INDENT,
        break_long_words=True,
        break_on_hyphens=False,
    )


def _table_arguments(table: TablePlan) -> Iterator[Code]:
    yield from table_rules(table)
    for index in table.indexes:
        yield call(
            Name(SA, "Index"), literal(index.name), *index_parts(index), **index_options(index)
        )


def _column(column: ColumnPlan, table: TablePlan, plan: AppPlan, imports: Imports) -> Iterator[str]:
    for remark in column.remarks:
        yield textwrap.fill(
            remark,
            WIDTH,
            initial_indent="    # ",
            subsequent_indent="    # ",
            break_on_hyphens=False,
        )
    python = joined(column.type.python, " | None") if column.nullable else column.type.python
    annotation = joined(Name(ORM, "Mapped"), "[", python, "]")
    arguments = tuple(_arguments(column, table, plan))
    if not arguments:
        yield laid_out(joined(f"{column.attribute}: ", annotation), imports, indent=INDENT)
        return
    yield laid_out(
        joined(f"{column.attribute}: ", annotation, " = ", Call(MAPPED_COLUMN, arguments)),
        imports,
        indent=INDENT,
    )


def _arguments(column: ColumnPlan, table: TablePlan, plan: AppPlan) -> Iterator[Code]:
    if column.attribute != column.native:
        yield literal(column.native)
    if not column.type.implied:
        yield column.type.sql
    if column.reference:
        yield _reference(column.reference, table, plan)
    yield from column_options(column)
    if column.default is not None:
        yield joined("default=", column.default)


def _reference(reference: Reference, table: TablePlan, plan: AppPlan) -> Code:
    """By the attribute where its class is known by then, so that a type checker knows it too."""
    if reference.late:
        return call(
            Name(SA, "ForeignKey"),
            key_of(reference),
            name=literal(reference.late),
            deferrable="True",
            initially='"DEFERRED"',
            use_alter="True",
        )
    target = plan.table(reference.table)
    if target.native == table.native:
        return call(REFERS_TO, key_of(reference))
    return call(REFERS_TO, f"{target.class_name}.{target.column(reference.column).attribute}")
