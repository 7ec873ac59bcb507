"""Sessions as Django's RedisCache holds them: pickles that are read without running anything."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from redis.asyncio import Redis

from legacy_bridge.django.sessions.redis_cache import RedisCache, read, write_json, write_pickle
from legacy_bridge.django.sessions.store import UnreadableSessionError
from legacy_bridge.django.settings import CacheSettings
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.sessions.native_side import NativeSide
from tests.legacy_bridge.django.vectors import many, sessions


@many
@given(values=sessions)
def test_reads_what_django_pickles(django: DjangoSide, values: dict[str, Any]) -> None:
    """Octets may differ: in a pickle a text that stands twice may refer to itself."""
    theirs = django.ask("dumps_pickle", values=values).encode("latin-1")
    assert read(theirs) == values
    assert pickle.loads(write_pickle(values)) == values
    assert read(write_json(values)) == values


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_older_pickles(protocol: int) -> None:
    values = {"a": [1, 2.5, None, True, "é"], "b": {"c": (1, (2,), ())}, "n": 2**70}
    assert read(pickle.dumps(values, protocol)) == values


class Exploding:
    """Unpickled without care, it would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("1 / 0",))


def endless() -> dict[str, Any]:
    values: dict[str, Any] = {}
    values["self"] = values
    return values


REFUSED: dict[str, tuple[bytes, str]] = {
    "a function": (pickle.dumps({"a": Exploding()}), "it contains a builtins.eval"),
    "an old pickle's function": (
        b"cos\nsystem\n(S'true'\ntR.",
        "it contains a posix.system|os.system",
    ),
    "a set": (pickle.dumps({"a": {1}}), "it contains set"),
    "octets": (pickle.dumps({"a": b"x"}), "it contains bytes"),
    "a key of octets": (pickle.dumps({b"a": 1}), "it contains bytes"),
    "itself": (pickle.dumps(endless()), "nested too deeply"),
    "another object by name": (b"\x80\x05\x8c\x011Q.", "something outside"),
    "no dictionary": (pickle.dumps([1]), "a list, no session"),
    "a number, which Django does not pickle": (b"12", "neither a pickle nor JSON"),
    "broken off": (pickle.dumps({"a": 1})[:-3], "neither a pickle nor JSON"),
    "nothing": (b"", "neither a pickle nor JSON"),
    "broken JSON": (b'{"a":', "neither a pickle nor JSON"),
    "deep JSON": (b'{"a":' + b"[" * 100_000, "neither a pickle nor JSON"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str) -> None:
    octets, reason = REFUSED[kind]
    with pytest.raises(UnreadableSessionError, match=reason):
        read(octets)


@pytest.mark.parametrize("code", ["moment", "OrderedDict(a=1)", "mark_safe('x')"])
async def test_values_that_only_django_can_read(
    django: DjangoSide, native: NativeSide, code: str
) -> None:
    django.ask("put_in_cache", key="k", code=f"{{'a': {code}}}")
    with pytest.raises(UnreadableSessionError, match="it contains a "):
        await native.cache.get("k")


async def test_names_and_ages(django: DjangoSide) -> None:
    """KEY_PREFIX, VERSION, whole seconds; what is over at once is not kept."""
    async with Redis.from_url(django.redis) as redis:
        cache = RedisCache(redis, CacheSettings(key_prefix="site", version=3, serializer="json"))
        assert await cache.add("k", {"a": 1}, 100.9)
        assert await redis.get("site:3:k") == b'{"a": 1}'
        assert 99 <= await redis.ttl("site:3:k") <= 100
        assert not await cache.add("k", {"a": 2}, 100)
        assert await cache.replace("k", {"a": 3}, 0.9)
        assert await redis.get("site:3:k") is None
        assert not await cache.replace("k", {"a": 4}, 100)
        await cache.set("k", {"a": 5}, -1)
        assert await cache.get("k") is None
        assert not await cache.delete("k")


async def test_django_reads_what_we_write(django: DjangoSide, native: NativeSide) -> None:
    await native.cache.set("django.contrib.sessions.cache" + "k" * 32, {"a": [1, "é"]}, 100)
    assert django.ask("stored", engine="cache", key="k" * 32) == {"a": [1, "é"]}
    written = django.ask("cached_octets", key="django.contrib.sessions.cache" + "k" * 32)
    assert written == django.ask("dumps_pickle", values={"a": [1, "é"]})
