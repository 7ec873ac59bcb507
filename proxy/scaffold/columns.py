"""Step 2: a field of a model as a column."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from legacy_bridge.manifest.model import Default, Field, Relation
from proxy.scaffold.code import Code, Name, call, literal, shown
from proxy.scaffold.names import as_kept, fitting
from proxy.scaffold.naming import NamedApp, NamedModel
from proxy.scaffold.plan import ColumnPlan, Computed, Reference
from proxy.scaffold.sql import as_default, in_native
from proxy.scaffold.types import ColumnType, column_type

COUNTED = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})
"""Fields that the database numbers."""

CONTENT_TYPES = "django_content_type"
ALWAYS_THERE = frozenset({"C", "POSIX", "default", "ucs_basic", "unicode"})
LONGEST_DEFAULT = 40
"""Characters. Longer ones are better looked up than read in a model."""

_CALLABLES: dict[str | None, Code] = {
    "builtins.dict": "dict",
    "builtins.list": "list",
    "uuid.uuid4": Name("uuid", "uuid4"),
}


def column_plan(field: Field, owner: NamedModel, app: NamedApp) -> ColumnPlan:
    """The column, with all that the manifest says of it. `field.db_type` is not None."""
    native = owner.natives[field.column]
    primary = owner.key == (native,)
    kind = column_type(field.db_type or "", field.collation)
    reference = _reference(field.relation, owner, native, app) if field.relation else None
    computed = Computed(in_native(field.generated_sql or "", owner.natives), field.generated_stored)
    default, told = _default(field, kind)
    return ColumnPlan(
        legacy=as_kept(field.column),
        native=native,
        attribute=owner.attributes[native],
        type=kind,
        nullable=field.null and native not in owner.key,
        primary_key=primary,
        identity=field.type in COUNTED and not field.generated,
        counted_by_hand=primary and kind.python == "int" and not (reference and not reference.late),
        unique=field.unique and not primary,
        index=field.index and not (field.unique or primary),
        reference=reference,
        default=default,
        server_default=_server_default(field, owner),
        computed=computed if field.generated else None,
        remarks=(*_of_type(field, kind), *_of_relation(field, reference), *told),
    )


def _reference(
    relation: Relation, owner: NamedModel, native: str, app: NamedApp
) -> Reference | None:
    target = app.by_table(relation.table)
    column = target.natives.get(relation.column) if target else None
    if target is None or column is None or not relation.constraint:
        return None
    tables = [each.native for each in app.models]
    comes_later = tables.index(target.native) > tables.index(owner.native)
    late = fitting(f"fk_{owner.native}_{native}_{target.native}") if comes_later else None
    return Reference(target.native, column, late)


def _of_type(field: Field, kind: ColumnType) -> Iterator[str]:
    if kind.raw:
        yield (
            f"PostgreSQL's type {shown(kind.raw)}, which is not known here: rows are carried as "
            "they are, but read and write its values only with a type of your own."
        )
    if field.collation and field.collation not in ALWAYS_THERE:
        yield (
            f"The collation {shown(field.collation)} has to be there before the migration: it may "
            "be one that Django made."
        )


def _of_relation(field: Field, reference: Reference | None) -> Iterator[str]:
    relation = field.relation
    if relation is None or reference is not None:
        return
    if relation.table == CONTENT_TYPES:
        yield (
            "A content type: its number in the legacy database. Compare the app_label and model "
            "behind it, never the number."
        )
    elif not relation.constraint:
        yield f"Of {relation.to}, without a foreign key, as in the legacy database."
    else:
        yield f"Of {relation.to} in another domain, so without a foreign key (see `Authored`)."


def _server_default(field: Field, owner: NamedModel) -> str | None:
    if field.default.kind != "database" or field.default.sql is None or field.generated:
        return None
    return as_default(in_native(field.default.sql, owner.natives))


def _default(field: Field, kind: ColumnType) -> tuple[Code | None, tuple[str, ...]]:
    """What the model sets, or else what there is to say."""
    if field.auto_now:
        return None, ("Django sets it whenever a row is saved.",)
    if field.auto_now_add:
        return None, ("Django sets it when a row is made.",)
    default = field.default
    match default.kind:
        case "value" if default.value is not None:
            code = _value(default.value, kind)
            return code, () if code else ("Django has a default for it: see the manifest.",)
        case "value" if not field.null:
            return None, ("Django has a default for it, which stands in a setting.",)
        case "callable":
            return _called(default)
        case "database" if default.sql is None and not field.generated:
            return None, ("The legacy database has a default for it, which is not known here.",)
        case _:
            return None, ()


def _called(default: Default) -> tuple[Code | None, tuple[str, ...]]:
    code = _CALLABLES.get(default.callable)
    return code, () if code else (
        f"Django's default comes of {shown(default.callable or 'a function')}.",
    )


def _value(value: object, kind: ColumnType) -> Code | None:
    """The default as code; None where its text does not say what it is, or says too much."""
    if isinstance(value, str) and len(value) > LONGEST_DEFAULT:
        return None
    if kind.python == Name("decimal", "Decimal"):
        return _decimal(str(value))
    expected: dict[str, type | tuple[type, ...]] = {
        "bool": bool,
        "int": int,
        "float": (int, float),
        "str": str,
    }
    python = kind.python if isinstance(kind.python, str) else ""
    wanted = expected.get(python)
    if wanted is None or not isinstance(value, wanted):
        return None
    return literal(value) if isinstance(value, bool) is (python == "bool") else None


def _decimal(text: str) -> Code | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return call(Name("decimal", "Decimal"), literal(str(number))) if number.is_finite() else None
