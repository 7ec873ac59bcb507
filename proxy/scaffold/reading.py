"""From the manifest of a project to the plan of one app's tables."""

from collections.abc import Collection, Sequence

from legacy_bridge.manifest.model import Field, Manifest
from proxy.scaffold.columns import column_plan
from proxy.scaffold.names import Relations, as_kept, domain_name
from proxy.scaffold.naming import NamedApp, NamedModel, named_app
from proxy.scaffold.plan import AppPlan, ColumnPlan, TablePlan
from proxy.scaffold.rules import table_rules

OTHER_ENGINES = ("mysql", "oracle", "sqlite3", "spatialite", "dummy")
"""The last parts of engines of Django's that are no PostgreSQL."""

NOT_KNOWN_OF_WHAT = "computed by the legacy database; the manifest does not say of what"
COMPUTED_TWICE = "computed by both databases"
SECRETS = ("key", "token", "secret")
"""What is in the name of a text by which somebody may act as somebody else."""


class ScaffoldError(Exception):
    """An app cannot be written. The text says why, and what to do."""


def app_plan(manifest: Manifest, app: str, taken: Collection[str] = ()) -> AppPlan:
    """The tables of an app, by its label. `taken` are names of tables that the native side has.

    Raises `ScaffoldError` for an app that the manifest lacks, that has no tables, or whose tables
    are in no PostgreSQL.
    """
    _require(manifest, app)
    named = named_app(manifest, app, taken)
    if not named.models:
        raise ScaffoldError("\n".join((f"{app}: has no tables to be ported", *named.remarks)))
    _require_types(named)
    relations = Relations()
    return AppPlan(
        app=app,
        name=domain_name(app),
        tables=tuple(_table(each, named, relations) for each in named.models),
        remarks=named.remarks,
    )


def _require(manifest: Manifest, app: str) -> None:
    labels = sorted({each.app for each in manifest.models if not each.proxy_of})
    if app not in {each.label for each in manifest.apps} | set(labels):
        raise ScaffoldError(
            f"{app}: the manifest has no such app — those with tables are {', '.join(labels)}"
        )
    engine = manifest.settings.get("DATABASES", {}).get("default", {}).get("ENGINE", "")
    if engine.split(".")[-1] in OTHER_ENGINES:
        raise ScaffoldError(
            f"{app}: the project's database is {engine}, the bridge reads PostgreSQL — move the "
            "project to PostgreSQL, then write its manifest anew"
        )


def _require_types(app: NamedApp) -> None:
    without = [
        f"{each.model.label}.{field.name}: the manifest does not say its type in the database — "
        "write it anew in the project's own environment, with its database driver installed"
        for each in app.models
        for field in each.fields
        if not field.db_type
    ]
    if without:
        raise ScaffoldError("\n".join(without))


def _table(owner: NamedModel, app: NamedApp, relations: Relations) -> TablePlan:
    relations.given(owner.native)
    planned = [column_plan(each, owner, app) for each in owner.fields]
    columns, rules = table_rules(owner, _key_first(planned, owner.key), relations)
    return TablePlan(
        label=owner.model.label,
        legacy=owner.legacy,
        native=owner.native,
        class_name=owner.class_name,
        parent=owner.parent,
        key=owner.key,
        columns=tuple(columns),
        uniques=tuple(rules.uniques),
        indexes=tuple(rules.indexes),
        checks=tuple(rules.checks),
        secret_key=_is_secret(columns, owner.key),
        left_out=_left_out(owner),
        remarks=tuple(rules.remarks),
    )


def _key_first(columns: Sequence[ColumnPlan], key: Sequence[str]) -> list[ColumnPlan]:
    return sorted(columns, key=lambda column: column.native not in key)


def _is_secret(columns: Sequence[ColumnPlan], key: Sequence[str]) -> bool:
    texts = [each.native for each in columns if each.native in key and each.type.python == "str"]
    return any(word in native for native in texts for word in SECRETS)


def _left_out(owner: NamedModel) -> dict[str, str]:
    known = {each.column for each in owner.fields}

    def reason(field: Field) -> str:
        return COMPUTED_TWICE if field.column in known else NOT_KNOWN_OF_WHAT

    return {as_kept(each.column): reason(each) for each in owner.model.fields if each.generated}
