"""The models: tables, columns, relations, choices, constraints, as the database has them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.models import NOT_PROVIDED

from legacy_bridge.exporter.sql import ModelSql
from legacy_bridge.exporter.values import dotted, jsonable, text_of
from legacy_bridge.exporter.withholding import Withheld


def exported_models(withheld: Withheld) -> list[dict[str, Any]]:
    """Every model of every app, also proxies, unmanaged ones, and those that Django makes for
    many-to-many relations; in the order of their labels. Swapped-out ones are not there."""
    models = apps.get_models(include_auto_created=True)
    return [_model(each, withheld) for each in sorted(models, key=lambda each: each._meta.label)]


def _model(model: Any, withheld: Withheld) -> dict[str, Any]:
    meta = model._meta
    database = router.db_for_write(model)
    connection = connections[database]
    sql = ModelSql(model, connection, withheld)
    fields = [] if meta.proxy else [f for f in meta.local_fields if f.column is not None]
    return {
        "label": meta.label,
        "app": meta.app_label,
        "class": dotted(model),
        "table": meta.db_table,
        "database": database,
        "managed": meta.managed,
        "proxy_of": meta.concrete_model._meta.label if meta.proxy else None,
        "auto_created_by": meta.auto_created._meta.label if meta.auto_created else None,
        "parents": {
            parent._meta.label: link.column
            for parent, link in meta.parents.items()
            if link is not None and not meta.proxy
        },
        "primary_key": _primary_key(meta),
        "fields": [_field(each, connection, sql, withheld) for each in fields],
        "many_to_many": [] if meta.proxy else [_many_to_many(f) for f in meta.local_many_to_many],
        "generic_relations": [
            {"name": f.name, "type_field": f.ct_field, "key_field": f.fk_field}
            for f in meta.private_fields
            if hasattr(f, "ct_field") and hasattr(f, "fk_field")
        ],
        "unique_together": [list(names) for names in meta.unique_together],
        "index_together": [list(names) for names in getattr(meta, "index_together", ())],
        "indexes": [_index(each, sql) for each in meta.indexes],
        "constraints": [_constraint(each, sql) for each in meta.constraints],
        "ordering": [_ordering(each) for each in meta.ordering],
        "permissions": _permissions(meta),
        "verbose_name": text_of(meta.verbose_name),
        "verbose_name_plural": text_of(meta.verbose_name_plural),
    }


def _primary_key(meta: Any) -> list[str]:
    """Names of fields: several of a composite key."""
    return [field.name for field in getattr(meta, "pk_fields", None) or [meta.pk]]


def _field(field: Any, connection: Any, sql: ModelSql, withheld: Withheld) -> dict[str, Any]:
    relation = field.remote_field
    generated = bool(getattr(field, "generated", False))
    return {
        "name": field.name,
        "column": field.column,
        "class": dotted(type(field)),
        "type": field.get_internal_type(),
        "db_type": _db_type(field, connection),
        "null": field.null,
        "blank": field.blank,
        "primary_key": field.primary_key,
        "unique": field.unique,
        "index": field.db_index,
        "max_length": field.max_length,
        "max_digits": getattr(field, "max_digits", None),
        "decimal_places": getattr(field, "decimal_places", None),
        "auto_now": getattr(field, "auto_now", False),
        "auto_now_add": getattr(field, "auto_now_add", False),
        "generated": generated,
        "generated_sql": sql.generated(field) if generated else None,
        "generated_stored": generated and bool(field.db_persist),
        "collation": getattr(field, "db_collation", None),
        "check": sql.check(field),
        "default": _default(field, sql, withheld),
        "choices": _choices(field),
        "relation": _relation(field, relation) if relation else None,
    }


def _db_type(field: Any, connection: Any) -> str | None:
    """The column's type, such as `varchar(200)`. None where the project has no real database."""
    try:
        db_type = field.db_type(connection)
    except (AttributeError, NotImplementedError, ImproperlyConfigured):  # the dummy backend
        return None
    return None if db_type is None else str(db_type)


def _default(field: Any, sql: ModelSql, withheld: Withheld) -> dict[str, Any]:
    """`kind` is none, value, callable or database; `value` only where it is plain and public."""
    if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        return {"kind": "database", "sql": sql.default(field)}
    if field.default is NOT_PROVIDED:
        return {"kind": "none"}
    if callable(field.default):
        return {"kind": "callable", "callable": dotted(field.default)}
    if withheld.holds(field.default):
        return {"kind": "value"}
    return {"kind": "value", "value": jsonable(field.default)}


def _choices(field: Any) -> list[Any] | None:
    """Values and labels, groups flattened; None where the field has none."""
    if not field.choices:
        return None
    return [[jsonable(value), text_of(label)] for value, label in field.flatchoices]


def _relation(field: Any, relation: Any) -> dict[str, Any]:
    target = field.related_model._meta
    return {
        "kind": "one_to_one" if field.one_to_one else "foreign_key",
        "to": target.label,
        "table": target.db_table,
        "column": field.target_field.column,
        "on_delete": _on_delete(relation.on_delete),
        "constraint": getattr(field, "db_constraint", True),
        "related_name": _related_name(relation),
        "parent_link": bool(relation.parent_link),
    }


def _on_delete(rule: Any) -> str:
    """CASCADE, SET_NULL …; SET of a value is SET, whatever the value."""
    return "SET" if hasattr(rule, "deconstruct") else str(getattr(rule, "__name__", rule))


def _related_name(relation: Any) -> str | None:
    """The name by which the other model reaches this one; None where it does not."""
    name = relation.get_accessor_name()
    return None if name is None or name.endswith("+") else str(name)


def _many_to_many(field: Any) -> dict[str, Any]:
    through = field.remote_field.through._meta
    return {
        "name": field.name,
        "to": field.related_model._meta.label,
        "through": through.label,
        "table": field.m2m_db_table(),
        "source_column": field.m2m_column_name(),
        "target_column": field.m2m_reverse_name(),
        "related_name": _related_name(field.remote_field),
        "symmetrical": bool(getattr(field.remote_field, "symmetrical", False)),
    }


def _index(index: Any, sql: ModelSql) -> dict[str, Any]:
    """`using` is the access method where it is not the usual one, such as gin."""
    return {
        "name": index.name,
        "class": dotted(type(index)),
        "kind": "index",
        "fields": list(index.fields),
        "expressions": [str(each) for each in index.expressions],
        "condition": _text_or_none(index.condition),
        "include": list(index.include or ()),
        "opclasses": list(index.opclasses or ()),
        "using": sql.using(index),
        **_in_sql(index, sql),
    }


_KINDS = {
    "UniqueConstraint": "unique",
    "CheckConstraint": "check",
    "ExclusionConstraint": "exclude",
}


def _constraint(constraint: Any, sql: ModelSql) -> dict[str, Any]:
    """`condition` is of a unique constraint, or what a check asks for, as Django prints it."""
    condition = getattr(constraint, "condition", None)
    if condition is None:
        condition = getattr(constraint, "check", None)  # before Django 5.1
    deferrable = getattr(constraint, "deferrable", None)
    kinds = (_KINDS.get(each.__name__) for each in type(constraint).__mro__)
    return {
        "name": constraint.name,
        "class": dotted(type(constraint)),
        "kind": next((kind for kind in kinds if kind), None),
        "fields": list(getattr(constraint, "fields", ())),
        "expressions": [str(each) for each in getattr(constraint, "expressions", ())],
        "condition": None if callable(condition) else _text_or_none(condition),
        "include": list(getattr(constraint, "include", None) or ()),
        "opclasses": list(getattr(constraint, "opclasses", None) or ()),
        "deferrable": None if deferrable is None else deferrable.name.lower(),
        "nulls_distinct": getattr(constraint, "nulls_distinct", None),
        **_in_sql(constraint, sql),
    }


def _in_sql(rule: Any, sql: ModelSql) -> dict[str, Any]:
    """What the database makes of it: expressions and condition by themselves, and the whole."""
    return {
        "expressions_sql": sql.expressions(rule),
        "condition_sql": sql.condition(rule),
        "sql": sql.whole(rule),
    }


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def _ordering(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry)


def _permissions(meta: Any) -> list[str]:
    """Codenames, those that Django makes first."""
    made = [f"{action}_{meta.model_name}" for action in meta.default_permissions]
    return made + [str(codename) for codename, _ in meta.permissions]
