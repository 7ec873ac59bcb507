"""Step 3: what a table asks of its rows, and the indexes that it has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from legacy_bridge.manifest.model import Field, Model, Rule
from proxy.scaffold.code import Code, Items, literal, pairs, shown
from proxy.scaffold.names import Relations, fitting, free
from proxy.scaffold.naming import NamedModel
from proxy.scaffold.plan import CheckPlan, ColumnPlan, IndexPlan, UniquePlan
from proxy.scaffold.sql import in_native, index_part, sql_text

POSITIVE = frozenset(
    {"PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"}
)
DESCENDING = "-"


@dataclass(slots=True)
class TableRules:
    """Of one table: none twice, each with a name. `remarks` are about those that are not here."""

    uniques: list[UniquePlan] = field(default_factory=list)
    indexes: list[IndexPlan] = field(default_factory=list)
    checks: list[CheckPlan] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add_unique(self, plan: UniquePlan) -> None:
        """Unless the same columns are unique in the same way already."""
        if all(replace(known, name=None) != replace(plan, name=None) for known in self.uniques):
            self.uniques.append(plan)

    def add_index(self, plan: IndexPlan) -> None:
        if all(replace(known, name="") != replace(plan, name="") for known in self.indexes):
            self.indexes.append(plan)


def table_rules(
    owner: NamedModel, columns: Sequence[ColumnPlan], names: Relations
) -> tuple[list[ColumnPlan], TableRules]:
    """The rules of a model, and its columns: without the mark of an index or a unique constraint
    where that needs a name of its own, or where the model asks for the same in another way."""
    rules = TableRules()
    kept = [_of_column(column, owner, names, rules) for column in columns]
    marked = {column.native for column in kept if column.unique}
    for together in owner.model.unique_together:
        _unique(Rule(name="unique_together", fields=together), owner, names, rules, marked)
    for together in owner.model.index_together:
        _index(Rule(name="index_together", fields=together), owner, names, rules)
    for rule in (*owner.model.indexes, *owner.model.constraints):
        _of_meta(rule, owner, names, rules, marked)
    rules.checks += _checks(owner, rules.checks)
    rules.remarks += _generic(owner)
    return kept, rules


def _of_column(
    column: ColumnPlan, owner: NamedModel, names: Relations, rules: TableRules
) -> ColumnPlan:
    if column.unique and (name := names.usual("uq", owner.native, [column.native])):
        rules.add_unique(UniquePlan(columns=(column.native,), name=name))
        return replace(column, unique=False)
    if column.index and (name := names.usual("ix", owner.native, [column.native])):
        rules.add_index(IndexPlan(name=name, parts=((column.native, False),)))
        return replace(column, index=False)
    return column


def _of_meta(
    rule: Rule, owner: NamedModel, names: Relations, rules: TableRules, marked: set[str]
) -> None:
    match _kind(rule, owner.model):
        case "index":
            _index(rule, owner, names, rules)
        case "unique":
            _unique(rule, owner, names, rules, marked)
        case "check" if rule.condition_sql:
            name = free(fitting(rule.name), [each.name for each in rules.checks])
            rules.checks.append(CheckPlan(name, in_native(rule.condition_sql, owner.natives)))
        case _:
            rules.remarks.append(_not_here(rule))


def _kind(rule: Rule, model: Model) -> str | None:
    """Old manifests leave it to be seen from what the rule has."""
    if rule.kind or rule in model.indexes:
        return rule.kind or "index"
    return "unique" if rule.fields else "check" if rule.condition and not rule.expressions else None


def _not_here(rule: Rule) -> str:
    known = rule.sql or rule.condition or ", ".join(rule.expressions) or ", ".join(rule.fields)
    return (
        f"Not here, so write it by hand: {shown(rule.name)}, in the legacy project {shown(known)}."
    )


def _unique(
    rule: Rule, owner: NamedModel, names: Relations, rules: TableRules, marked: set[str]
) -> None:
    columns = tuple(native for each in rule.fields if (native := owner.native_of(each)))
    if rule.expressions or rule.condition or rule.include or rule.opclasses:
        _index(rule, owner, names, rules, unique=True)
    elif len(columns) < len(rule.fields):
        rules.remarks.append(_not_here(rule))
    elif set(columns) != set(owner.key) and not (len(columns) == 1 and columns[0] in marked):
        plan = UniquePlan(
            columns=columns,
            deferrable=rule.deferrable,
            nulls_distinct=rule.nulls_distinct is not False,
        )
        if plan not in [replace(known, name=None) for known in rules.uniques]:
            rules.add_unique(replace(plan, name=names.usual("uq", owner.native, columns)))


def _index(
    rule: Rule, owner: NamedModel, names: Relations, rules: TableRules, *, unique: bool = False
) -> None:
    parts = _parts(rule, owner)
    options = _options(rule, owner)
    if not parts or options is None:
        rules.remarks.append(_not_here(rule))
        return
    plan = IndexPlan(name="", parts=parts, unique=unique, options=options)
    if plan in [replace(known, name="") for known in rules.indexes]:
        return
    plain = not options and not any(sql for _, sql in parts)
    kind = "uq" if unique else "ix"
    said = [column for column, _ in parts] if plain else [rule.name]
    rules.add_index(replace(plan, name=names.given("_".join((kind, owner.native, *said)))))


def _parts(rule: Rule, owner: NamedModel) -> tuple[tuple[str, bool], ...]:
    """Columns and SQL of an index; empty if one of them is not known."""
    if rule.expressions:
        found = [(each, _column_of(each, owner)) for each in rule.expressions_sql or ()]
        return tuple(
            (column or index_part(in_native(sql, owner.natives)), not column)
            for sql, column in found
        )
    classes = dict(zip(rule.fields, rule.opclasses, strict=False))
    parts = []
    for name in rule.fields:
        native = owner.native_of(name.removeprefix(DESCENDING))
        if native is None:
            return ()
        descends = name.startswith(DESCENDING)
        words = (f'"{native}"', classes.get(name, ""), "DESC") if descends else (native,)
        parts.append((" ".join(word for word in words if word), descends))
    return tuple(parts)


def _column_of(sql: str, owner: NamedModel) -> str | None:
    """The native column where an expression is nothing else."""
    quoted = {f'"{legacy}"': native for legacy, native in owner.natives.items()}
    return quoted.get(sql)


def _options(rule: Rule, owner: NamedModel) -> dict[str, Code] | None:
    """What SQLAlchemy calls all else of an index; None if a part of that is not known."""
    include = [owner.native_of(name) for name in rule.include]
    if None in include or (rule.condition and rule.condition_sql is None):
        return None
    options: dict[str, Code] = {}
    if rule.using:
        options["postgresql_using"] = literal(rule.using)
    classes = zip(rule.fields, rule.opclasses, strict=False)
    named = [(native, word) for name, word in classes if (native := owner.native_of(name))]
    if named:
        options["postgresql_ops"] = pairs(dict(named))
    if include:
        options["postgresql_include"] = Items(tuple(map(literal, include)), "[]")
    if rule.condition_sql:
        options["postgresql_where"] = sql_text(in_native(rule.condition_sql, owner.natives))
    if rule.nulls_distinct is False:
        options["postgresql_nulls_not_distinct"] = "True"
    return options


def _checks(owner: NamedModel, known: Iterable[CheckPlan]) -> list[CheckPlan]:
    """Those that columns have by their types; old manifests leave out how they read."""
    found = list(known)
    for each in owner.fields:
        sql = each.check or _positive(each)
        if not sql:
            continue
        native = owner.natives[each.column]
        text = in_native(sql, owner.natives)
        word = "not_negative" if text == f'"{native}" >= 0' else "check"
        name = free(fitting(f"{native}_{word}"), [check.name for check in found])
        found.append(CheckPlan(name, text))
    return found[len(list(known)) :]


def _positive(each: Field) -> str | None:
    return f'"{each.column}" >= 0' if each.type in POSITIVE and not each.generated else None


def _generic(owner: NamedModel) -> list[str]:
    """The database cannot check these, on either side."""
    return [
        f"`{each.name}`: the row `{owner.native_of(each.key_field)}` of what the content type "
        f"`{owner.native_of(each.type_field)}` names; no database checks it."
        for each in owner.model.generic_relations
        if owner.native_of(each.key_field) and owner.native_of(each.type_field)
    ]
