"""PASSWORD_HASHERS with their costs, as the project's classes have them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import hashers
from django.utils.module_loading import import_string

from legacy_bridge.exporter.values import dotted

COSTS = (
    "iterations",
    "rounds",
    "work_factor",
    "block_size",
    "parallelism",
    "time_cost",
    "memory_cost",
    "salt_entropy",
)
_HARMLESS = {
    *COSTS,
    "algorithm",
    "__module__",
    "__doc__",
    "__qualname__",
    "__firstlineno__",
    "__static_attributes__",
}
"""What a class may say anew and still be the one of Django's that it is made from."""


def exported_hashers() -> list[dict[str, Any]]:
    """In the order of the setting: the first one makes new passwords."""
    return [_hasher(path) for path in settings.PASSWORD_HASHERS]


def _hasher(path: str) -> dict[str, Any]:
    kind = import_string(path)
    return {
        "class": str(path),
        "django": _of_django(kind),
        "algorithm": str(kind.algorithm),
        "costs": {name: getattr(kind, name) for name in COSTS if _is_cost(kind, name)},
    }


def _of_django(kind: type[Any]) -> str | None:
    """Django's own class that this one is, apart from costs; None where it works in another way."""
    for base in kind.__mro__:
        if base.__module__ == hashers.__name__:
            return dotted(base)
        if not _HARMLESS.issuperset(vars(base)):
            return None
    return None


def _is_cost(kind: type[Any], name: str) -> bool:
    value = getattr(kind, name, None)
    return isinstance(value, int) and not isinstance(value, bool)
