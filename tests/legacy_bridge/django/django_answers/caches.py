"""Django's caches, each under an entry of CACHES that the question brings."""

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.management import call_command
from django.test.utils import override_settings


def create_cache_table(table: str) -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    with override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": table}}):
        call_command("createcachetable", verbosity=0)


def in_cache(
    entry: dict[str, Any], verb: str, *, of: list[Any], moment: float | None = None
) -> Any:
    """What a method of the cache answers to arguments; a table may be told when it is asked."""
    at: Any = nullcontext()
    if moment is not None:
        now = datetime.fromtimestamp(moment, UTC)
        at = mock.patch("django.core.cache.backends.db.tz_now", return_value=now)
    with override_settings(CACHES={"default": entry}), at:
        return getattr(cache, verb)(*of)


def put_python(entry: dict[str, Any], key: str, code: str) -> None:
    """Any Python value, as Django's own pickling stores it."""
    from collections import OrderedDict

    with override_settings(CACHES={"default": entry}):
        cache.set(key, eval(code, {"OrderedDict": OrderedDict}))
