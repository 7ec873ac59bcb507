"""A native database with rows, of a module's own; and a cache that hears of its changes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from ported_domains.shared.caching.cache import AnswerCache
from proxy.caching.listening import listen
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.proxy.caching.announced import ROWS, SECONDS, announcing

_NUMBERS = count(1)
LONG = 600.0
"""Seconds for which no test goes on."""


@pytest.fixture(scope="module")
def native_url(stack: EmbeddedStack, native_template: str) -> Iterator[str]:
    url = stack.create_database(f"announced_{next(_NUMBERS)}", template=native_template)
    with psycopg.connect(url) as connection:
        connection.execute(ROWS)
    yield url
    drop_slots(url)


@pytest.fixture(scope="module")
def announced(native_url: str) -> Iterator[str]:
    with announcing(native_url):
        yield native_url


@dataclass(slots=True)
class Hearing:
    """`counts`: what became of answers."""

    cache: AnswerCache
    counts: Counter[str] = field(default_factory=Counter)

    async def trusted(self) -> None:
        """Once a pulse has come."""
        async with asyncio.timeout(SECONDS):
            while not self.cache.trusted:  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listening(announced: str) -> AsyncIterator[Hearing]:
    counts: Counter[str] = Counter()

    def counted(what: str, times: int) -> None:
        counts[what] += times

    with pytest.MonkeyPatch.context() as patch:
        # A busy machine has not broken off if it says nothing for two seconds.
        patch.setattr("ported_domains.shared.caching.cache.SILENCE_SECONDS", LONG)
        cache = AnswerCache(1 << 20, counted)
        task: asyncio.Task[Any] = asyncio.create_task(listen(announced, cache))
        yield Hearing(cache, counts)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert not cache.trusted


@pytest_asyncio.fixture
async def hearing(listening: Hearing) -> Hearing:
    """Empty, and it has heard a pulse."""
    await listening.trusted()
    listening.cache.changed(None)
    listening.counts.clear()
    return listening
