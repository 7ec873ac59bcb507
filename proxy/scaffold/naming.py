"""Step 1: the models of an app that have tables to be ported, and what all their parts are called.

Names come before anything else is decided, as tables refer to each other by them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from legacy_bridge.manifest.model import Field, Manifest, Model
from proxy.scaffold.code import shown
from proxy.scaffold.names import as_kept, attribute_name, class_name, column_name, table_name
from proxy.scaffold.order import parents_first

SCHEMA = '"."'
"""Between a schema and a table, in projects that smuggle one into `db_table`."""


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model and its names: those of its columns by what Django calls the fields and columns.

    `fields` are those that get a column; `inherited` are the attributes of its parent classes.
    """

    model: Model
    legacy: str
    native: str
    class_name: str
    parent: str | None
    fields: tuple[Field, ...]
    natives: Mapping[str, str]
    attributes: Mapping[str, str]
    inherited: frozenset[str]

    def native_of(self, field: str) -> str | None:
        """The column of a field, which may be given by its name, its column, or as `pk`."""
        if field == "pk" and len(self.model.primary_key) == 1:
            field = self.model.primary_key[0]
        for known in self.fields:
            relation = {f"{known.name}_id"} if known.relation else set()
            if field in {known.name, known.column} | relation:
                return self.natives[known.column]
        return None

    @property
    def key(self) -> tuple[str, ...]:
        """The native columns of the primary key."""
        found = (self.native_of(name) for name in self.model.primary_key)
        return tuple(native for native in found if native is not None)


@dataclass(frozen=True, slots=True)
class NamedApp:
    """The models with tables, parents first; and what there is to say of the others."""

    models: tuple[NamedModel, ...]
    remarks: tuple[str, ...]

    def by_table(self, legacy: str) -> NamedModel | None:
        """The model whose table that is, as Django names it."""
        return next((each for each in self.models if each.model.table == legacy), None)


def named_app(manifest: Manifest, app: str, taken: Collection[str]) -> NamedApp:
    """Names for an app. `taken` are tables that the native side has already."""
    models = [each for each in manifest.models_of(app) if not each.proxy_of]
    left = {each.label: why for each in models if (why := _left_to_people(each))}
    ported = [each for each in models if each.label not in left]
    return NamedApp(
        models=tuple(_named(_ordered(ported), taken)),
        remarks=tuple(f"{label}: {why}" for label, why in left.items()),
    )


def _left_to_people(model: Model) -> str | None:
    """Why nothing is written for a model."""
    if not model.managed:
        return (
            f"{shown(model.table)} is not managed by Django, so it may be a view — if it is a "
            "table, write its model and mapping by hand"
        )
    if model.database != "default":
        return (
            f"{shown(model.table)} is in the database {model.database!r}, the bridge reads one, "
            "which is taken to be 'default' — leave it to Django, or write it by hand"
        )
    if not model.fields:
        return f"{shown(model.table)} has no columns of its own — write it by hand"
    return None


def _ordered(models: Sequence[Model]) -> list[Model]:
    by_table = {each.table: each for each in models}
    refers_to = {each.table: _referred(each) for each in models}
    inherits = {each.table: parent for each in models if (parent := parent_table(each)) in by_table}
    order = parents_first([each.table for each in models], refers_to, inherits)
    return [by_table[table] for table in order]


def _referred(model: Model) -> set[str]:
    relations = (each.relation for each in model.fields)
    return {each.table for each in relations if each is not None and each.constraint}


def parent_table(model: Model) -> str:
    """The table whose rows those of this model complete, key and all; empty if there is none."""
    for field in model.fields:
        relation = field.relation
        if relation and relation.parent_link and model.primary_key == (field.name,):
            return relation.table
    return ""


def _named(models: Sequence[Model], taken: Collection[str]) -> Iterator[NamedModel]:
    tables, classes = set(taken), set[str]()
    known: dict[str, NamedModel] = {}
    for model in models:
        parent = known.get(parent_table(model))
        inherited = parent.inherited | set(parent.attributes.values()) if parent else frozenset()
        fields = tuple(f for f in model.fields if not f.generated or f.generated_sql)
        natives = _natives(fields)
        legacy = as_kept(model.table.split(SCHEMA)[-1])
        named = NamedModel(
            model=model,
            legacy=legacy,
            native=table_name(legacy, tables),
            class_name=class_name(model.label, classes),
            parent=parent.class_name if parent else None,
            fields=fields,
            natives=natives,
            attributes=_attributes(natives.values(), inherited),
            inherited=inherited,
        )
        tables.add(named.native)
        classes.add(named.class_name)
        known[model.table] = named
        yield named


def _natives(fields: Sequence[Field]) -> dict[str, str]:
    names: dict[str, str] = {}
    # Those that keep their names come first, so that none of them has to step aside.
    for field in sorted(fields, key=lambda each: column_name(each.column, ()) != each.column):
        names[field.column] = column_name(as_kept(field.column), names.values())
    return names


def _attributes(natives: Collection[str], inherited: frozenset[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for native in natives:
        names[native] = attribute_name(native, {*names.values(), *inherited})
    return names
