"""Sessions in a cache, whichever it is: Django's cache engine reads and writes the same entries."""

from datetime import UTC, datetime, timedelta

import pytest

from legacy_bridge.django.sessions.cache import PREFIX, CacheStore
from legacy_bridge.django.sessions.store import (
    Lifetime,
    Loaded,
    SessionInterruptedError,
    UnreadableSessionError,
)
from tests.legacy_bridge.django.cache.shared import SharedCache

AN_HOUR = Lifetime(3600, datetime.now(UTC) + timedelta(hours=1))


async def test_a_session(shared: SharedCache) -> None:
    store = CacheStore(shared.ours)
    key = await store.create({"_auth_user_id": "1"}, AN_HOUR)
    assert shared.theirs("get", PREFIX + key) == {"_auth_user_id": "1"}
    shared.theirs("set", PREFIX + key, {"theirs": 1}, 100)
    assert await store.load(key) == Loaded({"theirs": 1}, key)
    await store.update(key, {"ours": 2}, AN_HOUR)
    assert shared.theirs("get", PREFIX + key) == {"ours": 2}
    shared.theirs("delete", PREFIX + key)
    with pytest.raises(SessionInterruptedError):
        await store.update(key, {"ours": 3}, AN_HOUR)
    assert await store.load(key) == Loaded.nothing()


@pytest.mark.parametrize("value", [[1], 12, "x"])
async def test_no_session(shared: SharedCache, value: object) -> None:
    key = "k" * 32
    shared.theirs("set", PREFIX + key, value, 100)
    with pytest.raises(UnreadableSessionError, match=f"a {type(value).__name__}, no session"):
        await CacheStore(shared.ours).load(key)
