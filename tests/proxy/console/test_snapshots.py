"""What is read once for all who look."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

from proxy.console.off_loop import Crew
from proxy.console.snapshots import Shared

T = TypeVar("T")


class Held:
    """A crew that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[None]] = []

    async def do(self, work: Callable[[], T]) -> T:
        self.asked.append(asyncio.get_running_loop().create_future())
        await self.asked[-1]
        return work()


async def turns_until(so: Callable[[], object]) -> None:
    """Turn by turn of the loop: what matters is who goes on first."""
    while not so():  # noqa: ASYNC110
        await asyncio.sleep(0)


async def test_somebody_asks_anew_before_the_first_one_has_the_answer() -> None:
    crew = Held()
    answers = iter(["old", "new"])
    shared = Shared(cast(Crew, crew), lambda: next(answers), 0.0)
    first = asyncio.create_task(shared.get())
    await turns_until(lambda: crew.asked)
    crew.asked[0].set_result(None)
    asking = shared._asking
    assert asking is not None
    await turns_until(asking.done)
    second = asyncio.create_task(shared.get())
    assert not first.done()
    await turns_until(lambda: len(crew.asked) == 2)
    assert await first == "old"
    crew.asked[1].set_result(None)
    assert await second == "new"
