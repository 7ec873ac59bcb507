"""All rows, played by several proxies at once: most of a row's time is waiting."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.proxy.faults.perform import perform
from tests.proxy.faults.proxy import FaultHarness, running
from tests.proxy.faults.row import Row

PROXIES = 4

Results = Mapping[str, "asyncio.Future[None]"]
"""By the name of the row: done when it was played, with the exception where it failed."""


@asynccontextmanager
async def playing(folder: Path, rows: Sequence[Row]) -> AsyncIterator[Results]:
    loop = asyncio.get_running_loop()
    results = {row.name: loop.create_future() for row in rows}
    waiting = deque(rows)

    async def take_turns(stage: Path) -> None:
        await asyncio.to_thread(stage.mkdir)
        async with running(stage) as harness:
            while waiting:
                row = waiting.popleft()
                try:
                    await alone(harness, row)
                except Exception as error:
                    results[row.name].set_exception(error)
                else:
                    results[row.name].set_result(None)

    async with asyncio.TaskGroup() as group:
        for turn in range(min(PROXIES, len(rows))):
            group.create_task(take_turns(folder / str(turn)))
        try:
            yield results
        finally:
            waiting.clear()


async def alone(harness: FaultHarness, row: Row) -> None:
    """Play a row, and leave nothing of it to the next."""
    try:
        await perform(harness, row)
    finally:
        await harness.forget()
        failed, harness.upstream.faults = harness.upstream.faults, []
    assert failed == [], "the upstream's script failed"
