"""One cache that both sides have, in whichever server it is."""

import json
from dataclasses import dataclass
from typing import Any

from legacy_bridge.django.cache.contract import Cache
from tests.legacy_bridge.django.django_side import DjangoSide

DATABASE = "django.core.cache.backends.db.DatabaseCache"
REDIS = "django.core.cache.backends.redis.RedisCache"
TABLE = "cache of both"
"""A name that must be quoted."""


@dataclass(frozen=True)
class SharedCache:
    """`ours`, and the same cache as Django has it under an entry of CACHES."""

    ours: Cache
    django: DjangoSide
    entry: dict[str, Any]

    def theirs(self, verb: str, *arguments: Any) -> Any:
        return self.django.ask("in_cache", entry=self.entry, verb=verb, of=arguments)


def through_json(value: Any) -> Any:
    """What the other process gets, or gives."""
    return json.loads(json.dumps(value))
