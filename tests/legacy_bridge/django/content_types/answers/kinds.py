"""Django's content types and the names of its permissions."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import transaction

from legacy_bridge.exporter.manifest import manifest as exported

OPEN: list[Any] = []


def manifest() -> Any:
    return exported()


def rows() -> list[Any]:
    return list(ContentType.objects.order_by("id").values_list("id", "app_label", "model"))


def remove(app_label: str, model: str) -> None:
    """With the permissions that point to it."""
    Permission.objects.filter(content_type__app_label=app_label, content_type__model=model).delete()
    ContentType.objects.filter(app_label=app_label, model=model).delete()
    ContentType.objects.clear_cache()


def migrate() -> None:
    """Which makes the rows that are absent."""
    call_command("migrate", run_syncdb=True, verbosity=0)


def for_models(labels: list[str], concrete: bool) -> dict[str, Any]:
    ContentType.objects.clear_cache()
    models = {apps.get_model(label): label for label in labels}
    kinds = ContentType.objects.get_for_models(*models, for_concrete_models=concrete)
    return {models[model]: [kind.id, *kind.natural_key()] for model, kind in kinds.items()}


def begin(app_label: str, model: str) -> Any:
    """Make a row in a transaction that stays open: its id."""
    OPEN.append(transaction.atomic())
    OPEN[-1].__enter__()
    return ContentType.objects.create(app_label=app_label, model=model).id


def finish(commit: bool) -> None:
    transaction.set_rollback(not commit)
    OPEN.pop().__exit__(None, None, None)
    ContentType.objects.clear_cache()


def permission_names(label: str) -> list[str]:
    """Of the actions that Django has permissions for, unless Meta says otherwise."""
    meta = apps.get_model(label)._meta
    actions = ("add", "change", "delete", "view")
    return [f"{meta.app_label}.{get_permission_codename(action, meta)}" for action in actions]


def stored_permissions() -> list[str]:
    return [
        f"{label}.{name}"
        for label, name in Permission.objects.values_list("content_type__app_label", "codename")
    ]
