"""The cache of one process: ages, copies, and its bound."""

import pytest

from legacy_bridge.django.cache.memory import MemoryCache


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "later", "is_there"),
    [
        (10, 9.99, True),
        (10, 10, False),
        (0, 0, False),
        (-1, 0, False),
        (None, 1e9, True),
    ],
)
async def test_ages(seconds: float | None, later: float, is_there: bool) -> None:
    clock = Clock()
    cache = MemoryCache(clock=clock)
    await cache.set("k", "v", seconds)
    clock.now += later
    assert await cache.get("k") == ("v" if is_there else None)
    assert await cache.replace("k", "w", 1) is is_there
    assert await cache.add("k", "x", 1) is not is_there
    assert await cache.get("k") == ("w" if is_there else "x")
    assert await cache.delete("k")
    assert not await cache.delete("k")


async def test_values_are_nobody_elses() -> None:
    cache = MemoryCache()
    given = [1]
    await cache.set("k", given, None)
    given.append(2)
    (await cache.get("k")).append(3)
    assert await cache.get("k") == [1]


async def test_the_longest_untouched_make_room() -> None:
    cache = MemoryCache(max_entries=2)
    for key in ("a", "b", "a", "c"):
        await cache.set(key, key, None)
    assert [await cache.get(key) for key in ("a", "b", "c")] == ["a", None, "c"]
