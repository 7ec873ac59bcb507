"""What a worker knows of the release cycle: when it asks, and which pages wait."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ported_domains.downloads import cycle_source
from ported_domains.downloads.cycle_sharing import GOOD_FOR_SECONDS, RETRY_SECONDS
from ported_domains.downloads.cycle_source import PAGES_WAITING, SOON_SECONDS, ReleaseCycle
from tests.inside import until
from tests.ported_domains.downloads.cycle_servers import (
    CYCLE,
    NEXT,
    CycleServer,
    Time,
    cycle_server,
)

NOTHING_YET = (None, SOON_SECONDS)
NEXT_BODY = json.dumps(NEXT).encode()


@asynccontextmanager
async def heard_of(server: CycleServer, time: Time) -> AsyncIterator[ReleaseCycle]:
    cycle = ReleaseCycle(server.url, clock=time)
    yield cycle
    await cycle.close()


async def test_the_first_pages_wait_for_one_answer() -> None:
    async with cycle_server() as server, heard_of(server, Time()) as cycle:
        heard = await asyncio.gather(*(cycle.heard() for _ in range(PAGES_WAITING)))
        assert await cycle.heard() == (CYCLE, GOOD_FOR_SECONDS)
    assert [each.cycle for each in heard] == [CYCLE] * PAGES_WAITING
    assert len(server.asked) == 1


async def test_no_more_pages_wait_than_may() -> None:
    async with cycle_server() as server, heard_of(server, Time()) as cycle:
        server.free.clear()
        waiting = [asyncio.create_task(cycle.heard()) for _ in range(PAGES_WAITING)]
        await until(lambda: len(server.asked) == 1)
        assert await cycle.heard() == NOTHING_YET
        assert not any(page.done() for page in waiting)
        server.free.set()
        assert [heard.cycle for heard in await asyncio.gather(*waiting)] == [CYCLE] * 2


async def test_no_page_waits_longer_than_djangos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle_source, "TIMEOUT_SECONDS", 0.05)
    async with cycle_server() as server, heard_of(server, Time()) as cycle:
        server.free.clear()
        assert await cycle.heard() == NOTHING_YET
        monkeypatch.setattr(cycle_source, "TIMEOUT_SECONDS", 60)
        assert await cycle.heard() == NOTHING_YET
        await until(lambda: len(server.asked) == 1)


async def test_after_an_hour_the_old_is_shown_while_the_new_is_fetched() -> None:
    time = Time()
    async with cycle_server() as server, heard_of(server, time) as cycle:
        await cycle.heard()
        await cycle.settled()
        time.now += GOOD_FOR_SECONDS - 10
        assert await cycle.heard() == (CYCLE, 10)
        server.free.clear()
        server.body = NEXT_BODY
        time.now += 10
        assert await cycle.heard() == (CYCLE, SOON_SECONDS)
        server.free.set()
        await cycle.settled()
        assert await cycle.heard() == (NEXT, GOOD_FOR_SECONDS)
    assert len(server.asked) == 2


async def test_a_failure_is_logged_and_not_repeated_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time = Time()
    async with cycle_server(status="503 Down") as server, heard_of(server, time) as cycle:
        assert (await cycle.heard()).cycle is None
        await cycle.settled()
        time.now += RETRY_SECONDS - 1
        assert await cycle.heard() == NOTHING_YET
        assert len(server.asked) == 1
        server.free.clear()
        time.now += 1
        assert await cycle.heard() == NOTHING_YET  # it is asked again, and no page waits
        server.status = "200 OK"
        server.free.set()
        await cycle.settled()
        assert await cycle.heard() == (CYCLE, GOOD_FOR_SECONDS)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage().partition(": ")[0] for record in warnings] == [
        f"no release cycle from {server.url}"
    ]


async def test_what_was_heard_stays_when_the_source_fails() -> None:
    time = Time()
    async with cycle_server() as server, heard_of(server, time) as cycle:
        await cycle.heard()
        await cycle.settled()
        server.status = "500 Broken"
        time.now += GOOD_FOR_SECONDS
        await cycle.heard()
        await cycle.settled()
        assert await cycle.heard() == (CYCLE, RETRY_SECONDS)
    assert len(server.asked) == 2


async def test_an_answer_that_is_under_way_at_the_end_is_given_up() -> None:
    async with cycle_server() as server:
        server.free.clear()
        cycle = ReleaseCycle(server.url)
        page = asyncio.create_task(cycle.heard())
        await until(lambda: len(server.asked) == 1)
        await cycle.close()
        assert (await page).cycle is None
