"""Which cache an entry of the legacy project's CACHES is, for both sides to share."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.contract import Cache
from legacy_bridge.django.cache.database import DatabaseCache
from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.settings import CacheSettings

DATABASE: Final = "django.core.cache.backends.db.DatabaseCache"
REDIS: Final = "django.core.cache.backends.redis.RedisCache"
USUAL_KEYS: Final = "django.core.cache.backends.base.default_key_func"
PICKLES: Final = "django.core.cache.backends.redis.RedisSerializer"


class NotSharedError(Exception):
    """Both sides cannot have this cache together; the message says why. A `MemoryCache` serves."""


def shared_cache(entry: Mapping[str, Any], legacy: AsyncEngine, redis: Redis | None) -> Cache:
    """The cache of an entry such as `CACHES["default"]`; `redis` is connected to its LOCATION.

    The manifest names the table of an entry TABLE, and no LOCATION, which may have a password.
    `NotSharedError` where it is in the memory of a Django process, or of a kind not known here.
    """
    backend = str(entry.get("BACKEND"))
    if backend not in (DATABASE, REDIS):
        raise NotSharedError(f"{backend} is not a cache that another process can read")
    if entry.get("KEY_FUNCTION") not in (None, USUAL_KEYS):
        raise NotSharedError(f"its keys are named by {entry['KEY_FUNCTION']}")
    if backend == DATABASE:
        table = entry.get("TABLE") or entry.get("LOCATION")
        if not table:
            raise NotSharedError("the entry does not name its table")
        return DatabaseCache(legacy, str(table), cache_settings(entry))
    if redis is None:
        raise NotSharedError("where its Redis is says STRANGLER_LEGACY_CACHE_URL, which is not set")
    return RedisCache(redis, cache_settings(entry))


def cache_settings(entry: Mapping[str, Any]) -> CacheSettings:
    """What is not said, or no number, is Django's default, as there."""
    options: Mapping[str, Any] = entry.get("OPTIONS") or {}
    defaults = CacheSettings()
    return CacheSettings(
        key_prefix=str(entry.get("KEY_PREFIX", "")),
        version=entry.get("VERSION", 1),
        serializer=_format(options.get("serializer")),
        max_entries=_number(entry, options, "MAX_ENTRIES", defaults.max_entries),
        cull_frequency=_number(entry, options, "CULL_FREQUENCY", defaults.cull_frequency),
    )


def _format(serializer: object) -> Literal["pickle", "json"]:
    """A project's own has no other sign of what it writes than its name."""
    if serializer is None or serializer == PICKLES:
        return "pickle"
    if "json" in str(serializer).lower():
        return "json"
    raise NotSharedError(f"what {serializer} writes is not known here")


def _number(entry: Mapping[str, Any], options: Mapping[str, Any], name: str, default: int) -> int:
    """Django takes it from the entry itself, in small letters, before OPTIONS."""
    try:
        return int(entry.get(name.lower(), options.get(name, default)))
    except (TypeError, ValueError):
        return default
