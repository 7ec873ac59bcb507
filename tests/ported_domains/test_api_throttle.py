"""Limits of both APIs: windows that slide, in memory and in Redis, and the answers beyond them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ported_domains.shared.api.redis_accesses import RedisAccesses
from ported_domains.shared.api.throttle import (
    Accesses,
    MemoryAccesses,
    Rate,
    Throttles,
    address_behind,
)
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.wire import UNLIMITED, native_client

TWO_IN_TEN = Rate(2, 10)
STAFF_KEY = {"authorization": "ApiKey staff1:c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"}
STAFF_TOKEN = {"authorization": "Token 3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c"}


@pytest_asyncio.fixture(params=["memory", "redis"])
async def accesses(request: pytest.FixtureRequest) -> AsyncIterator[Accesses]:
    if request.param == "memory":
        yield MemoryAccesses()
        return
    stack: EmbeddedStack = request.getfixturevalue("stack")
    in_redis = RedisAccesses(stack.redis_url)
    yield in_redis
    await in_redis.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    name: str = request.node.nodeid
    return name


async def test_window_slides(accesses: Accesses, key: str) -> None:
    assert await accesses.wait(key, TWO_IN_TEN, 100.0, count=True) is None
    assert await accesses.wait(key, TWO_IN_TEN, 103.5, count=True) is None
    assert await accesses.wait(key, TWO_IN_TEN, 104.0, count=True) == 6.0
    assert await accesses.wait(key, TWO_IN_TEN, 109.5, count=True) == 0.5
    assert await accesses.wait(key, TWO_IN_TEN, 110.0, count=True) is None
    assert await accesses.wait(key, TWO_IN_TEN, 110.5, count=True) == 3.0


async def test_refused_accesses_do_not_count(accesses: Accesses, key: str) -> None:
    for _ in range(2):
        await accesses.count(key, TWO_IN_TEN, 100.0)
    for _ in range(5):
        assert await accesses.wait(key, TWO_IN_TEN, 101.0, count=True) == 9.0
    assert await accesses.wait(key, TWO_IN_TEN, 110.0, count=False) is None


async def test_looking_does_not_count(accesses: Accesses, key: str) -> None:
    for _ in range(5):
        assert await accesses.wait(key, TWO_IN_TEN, 100.0, count=False) is None


async def test_accesses_of_the_same_instant_all_count(accesses: Accesses, key: str) -> None:
    for _ in range(2):
        assert await accesses.wait(key, TWO_IN_TEN, 100.0, count=True) is None
    assert await accesses.wait(key, TWO_IN_TEN, 100.0, count=True) == 10.0


async def test_callers_do_not_share(accesses: Accesses, key: str) -> None:
    for _ in range(2):
        await accesses.count(key + "a", TWO_IN_TEN, 100.0)
    assert await accesses.wait(key + "b", TWO_IN_TEN, 100.0, count=True) is None


async def test_lowered_limit_waits_for_enough_to_pass(accesses: Accesses, key: str) -> None:
    for moment in (100.0, 101.0, 102.0):
        await accesses.count(key, TWO_IN_TEN, moment)
    assert await accesses.wait(key, Rate(1, 10), 103.0, count=True) == 9.0


async def test_limit_of_none_lets_everybody_in(accesses: Accesses, key: str) -> None:
    for _ in range(5):
        assert await accesses.wait(key, Rate(None, 10), 100.0, count=True) is None


async def test_limit_of_zero_lets_nobody_in(accesses: Accesses, key: str) -> None:
    assert await accesses.wait(key, Rate(0, 10), 100.0, count=True) == 10.0


async def test_two_workers_share_redis(stack: EmbeddedStack, key: str) -> None:
    workers = [RedisAccesses(stack.redis_url) for _ in range(2)]
    for worker in workers:
        assert await worker.wait(key, TWO_IN_TEN, 100.0, count=True) is None
    for worker in workers:
        assert await worker.wait(key, TWO_IN_TEN, 101.0, count=True) == 9.0
        await worker.close()


async def test_without_redis_a_worker_still_limits(key: str) -> None:
    nowhere = RedisAccesses(f"redis://127.0.0.1:{free_port()}/0")
    for _ in range(2):
        assert await nowhere.wait(key, TWO_IN_TEN, 100.0, count=True) is None
    assert await nowhere.wait(key, TWO_IN_TEN, 101.0, count=True) == 9.0
    await nowhere.close()


async def test_memory_forgets_callers_that_stay_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryAccesses, "SWEEP_EVERY", 3)
    memory = MemoryAccesses()
    await memory.count("gone", TWO_IN_TEN, 100.0)
    await memory.count("here", TWO_IN_TEN, 109.0)
    await memory.count("here", TWO_IN_TEN, 110.0)
    assert memory.callers == {"here"}


@pytest.mark.parametrize(
    ("forwarded_for", "address"),
    [
        ("", "9.9.9.9"),
        ("1.1.1.1", "1.1.1.1"),
        ("1.1.1.1, 2.2.2.2", "1.1.1.1"),
        ("1.1.1.1, 2.2.2.2, 3.3.3.3", "1.1.1.1"),
        ("1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4", "2.2.2.2"),
    ],
)
def test_address_behind_three_front_servers(forwarded_for: str, address: str) -> None:
    assert address_behind(forwarded_for, "9.9.9.9") == address


@pytest.fixture
def urls(native_database_url: str, legacy_database_url: str) -> tuple[str, str]:
    return native_database_url, legacy_database_url


async def test_v1_beyond_its_rate(urls: tuple[str, str]) -> None:
    throttles = Throttles(v1=Rate(2, 3600))
    async with native_client(*urls, throttles=throttles) as client:
        url = "/api/v1/downloads/os/"
        # Errors, sets and OPTIONS are not counted; schemas are (B.5).
        assert (await client.get(f"{url}?limit=-1")).status_code == 400
        assert (await client.get(f"{url}set/1;2/")).status_code == 200
        assert (await client.options(url)).status_code == 200
        assert (await client.get(f"{url}schema/")).status_code == 200
        assert (await client.get(f"{url}9999/")).status_code == 404
        refused = await client.get(url)
        assert refused.status_code == 429
        assert refused.content == b""
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert 3590 <= int(refused.headers["retry-after"]) <= 3600
        assert "vary" not in refused.headers
        # Another identity, another window; and wrong keys are found first (B.2).
        assert (await client.get(url, headers=STAFF_KEY)).status_code == 200
        wrong = {"authorization": "ApiKey staff1:wrong"}
        assert (await client.get(url, headers=wrong)).status_code == 401


async def test_v2_beyond_the_anonymous_rate(urls: tuple[str, str]) -> None:
    throttles = Throttles(anonymous=Rate(2, 86_400), user=UNLIMITED)
    async with native_client(*urls, throttles=throttles) as client:
        url = "/api/v2/downloads/os/"
        # 404 and 400 are counted, 401 and 406 are not (C.3).
        assert (await client.get(f"{url}9999/")).status_code == 404
        assert (await client.get(url, headers={"authorization": "Token x"})).status_code == 401
        assert (await client.get(url, headers={"accept": "text/html"})).status_code == 406
        assert (await client.get("/api/v2/downloads/release_file/?x=1")).status_code == 400
        refused = await client.get(url)
        assert refused.status_code == 429
        seconds = int(refused.headers["retry-after"])
        assert 86_390 <= seconds <= 86_400
        assert refused.json() == {
            "detail": f"Request was throttled. Expected available in {seconds} seconds."
        }
        assert refused.headers["allow"] == "GET, POST, HEAD, OPTIONS"
        assert (await client.get(url, headers=STAFF_TOKEN)).status_code == 200


async def test_v2_beyond_the_rate_of_a_user(urls: tuple[str, str]) -> None:
    throttles = Throttles(user=Rate(1, 86_400))
    async with native_client(*urls, throttles=throttles) as client:
        url = "/api/v2/downloads/os/"
        assert (await client.get(url, headers=STAFF_TOKEN)).status_code == 200
        assert (await client.get(url, headers=STAFF_TOKEN)).status_code == 429
        # Anonymous callers count against it as well, by their address.
        assert (await client.get(url)).status_code == 200
        assert (await client.get(url)).status_code == 429


async def test_v2_believes_forwarded_addresses_of_front_servers_only(
    urls: tuple[str, str],
) -> None:
    for trusts_peers, statuses in ((True, [200, 200, 429]), (False, [200, 429, 429])):
        throttles = Throttles(anonymous=Rate(1, 86_400))
        async with native_client(*urls, throttles=throttles, trusts_peers=trusts_peers) as client:
            for address, status in zip(("1.1.1.1", "2.2.2.2", "1.1.1.1"), statuses, strict=True):
                answer = await client.get(
                    "/api/v2/downloads/os/", headers={"x-forwarded-for": address}
                )
                assert answer.status_code == status
