"""Which cache an entry of CACHES means; why some cannot be shared."""

from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.choosing import (
    USUAL_KEYS,
    NotSharedError,
    cache_settings,
    shared_cache,
)
from legacy_bridge.django.cache.database import DatabaseCache
from legacy_bridge.django.cache.redis_cache import RedisCache
from legacy_bridge.django.settings import CacheSettings
from tests.legacy_bridge.django.cache.shared import DATABASE, REDIS

BACKENDS = "django.core.cache.backends"


async def test_shared(engine: AsyncEngine) -> None:
    table = {"BACKEND": DATABASE, "LOCATION": "django_cache_table"}
    told = {"BACKEND": DATABASE, "TABLE": "django_cache_table", "KEY_FUNCTION": USUAL_KEYS}
    for entry in (table, told):
        assert isinstance(shared_cache(entry, engine, None), DatabaseCache)
    async with Redis.from_url("redis://127.0.0.1:1") as redis:
        assert isinstance(shared_cache({"BACKEND": REDIS}, engine, redis), RedisCache)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({}, "None is not a cache that another process can read"),
        ({"BACKEND": f"{BACKENDS}.locmem.LocMemCache"}, "LocMemCache is not a cache that"),
        ({"BACKEND": f"{BACKENDS}.dummy.DummyCache"}, "DummyCache is not a cache that"),
        ({"BACKEND": DATABASE}, "does not name its table"),
        ({"BACKEND": REDIS}, "STRANGLER_LEGACY_CACHE_URL, which is not set"),
        (
            {"BACKEND": DATABASE, "LOCATION": "t", "KEY_FUNCTION": "site.keys.of"},
            r"its keys are named by site\.keys\.of",
        ),
        (
            {"BACKEND": DATABASE, "LOCATION": "t", "OPTIONS": {"serializer": "site.MsgPack"}},
            r"what site\.MsgPack writes is not known here",
        ),
    ],
)
def test_not_shared(engine: AsyncEngine, entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotSharedError, match=reason):
        shared_cache(entry, engine, None)


@pytest.mark.parametrize(
    ("entry", "meant"),
    [
        ({}, CacheSettings()),
        (
            {
                "KEY_PREFIX": "site",
                "VERSION": 3,
                "OPTIONS": {"MAX_ENTRIES": "50", "CULL_FREQUENCY": 0, "serializer": "x.AsJSON"},
            },
            CacheSettings(
                key_prefix="site", version=3, serializer="json", max_entries=50, cull_frequency=0
            ),
        ),
        ({"max_entries": 7, "OPTIONS": {"MAX_ENTRIES": 50}}, CacheSettings(max_entries=7)),
        ({"OPTIONS": {"MAX_ENTRIES": "many", "CULL_FREQUENCY": None}}, CacheSettings()),
        (
            {"OPTIONS": {"serializer": "django.core.cache.backends.redis.RedisSerializer"}},
            CacheSettings(),
        ),
    ],
)
def test_settings(entry: dict[str, Any], meant: CacheSettings) -> None:
    assert cache_settings(entry) == meant
