"""mapping.py and __init__.py: how the rows travel, and the domain itself."""

from collections.abc import Iterator, Sequence

from proxy.scaffold.code import WIDTH, Code, Items, Name, call, joined, laid_out, literal, pairs
from proxy.scaffold.imports import Imports
from proxy.scaffold.plan import AppPlan, ColumnPlan, TablePlan

MAPPING = "legacy_bridge.replication.mapping"
WITHIN = 12
"""Columns by which the lines of a mapping's columns are indented."""

HEAD = '"""How the rows of {name} travel between the two databases; parents first."""'
ABOUT = '"""The app {app} of the legacy project: rows only, its pages stay with Django for now."""'


def mapping_text(plan: AppPlan) -> str:
    """The whole file."""
    imports = Imports()
    tables = tuple(_table(table) for table in plan.tables)
    code = laid_out(Items(tables), imports, before="MAPPING = ")
    return "\n\n".join((HEAD.format(name=plan.name), imports.text(), code)) + "\n"


def _table(table: TablePlan) -> Code:
    given: dict[str, Code] = {
        "legacy": literal(table.legacy),
        "native": literal(table.native),
        "columns": _columns([each for each in table.columns if each.computed is None]),
    }
    if table.key != ("id",):
        given["key"] = Items(tuple(map(literal, table.key)))
    if table.secret_key:
        given["secret_key"] = "True"  # noqa: S105  # an option of a mapping
    if table.left_out:
        given["left_out"] = pairs(table.left_out)
    return call(Name(MAPPING, "TableMapping"), **given)


def _columns(columns: Sequence[ColumnPlan]) -> Code:
    """Runs of columns with one name on both sides in lines that they fill."""
    found = tuple(_runs(columns))
    if len(found) == 1 and not isinstance(found[0], str):
        return found[0] if columns[0].legacy == columns[0].native else Items(found)
    return Items(tuple(joined("*", run) if _is_run(run) else run for run in found))


def _runs(columns: Sequence[ColumnPlan]) -> Iterator[Code]:
    run: list[str] = []
    for column in columns:
        name = literal(column.legacy)
        alike = column.legacy == column.native
        if run and not (alike and _fits([*run, name])):
            yield call(_SAME, *run)
            run = []
        if alike:
            run.append(name)
        else:
            yield call(Name(MAPPING, "Column"), name, literal(column.native))
    if run:
        yield call(_SAME, *run)


_SAME = Name(MAPPING, "same")


def _is_run(code: Code) -> bool:
    return getattr(code, "function", None) == _SAME


def _fits(names: Sequence[str]) -> bool:
    return len(f"*same({', '.join(names)}),") <= WIDTH - WITHIN


def domain_text(plan: AppPlan) -> str:
    """The whole __init__.py."""
    constant = domain_constant(plan)
    imports = Imports({constant})
    code = call(
        Name("ported_domains.domain", "Domain"),
        name=literal(plan.name),
        mapping=Name(f"ported_domains.{plan.name}.mapping", "MAPPING"),
    )
    body = laid_out(code, imports, before=f"{constant} = ")
    return "\n\n".join((ABOUT.format(app=plan.app), imports.text(), body)) + "\n"


def domain_constant(plan: AppPlan) -> str:
    """What registry.py imports."""
    return plan.name.upper() if plan.name != "mapping" else "MAPPING_DOMAIN"
