"""Rows of what the proxy itself decides, and of what becomes of tunnels."""

from collections.abc import Iterator

from tests.proxy.faults import acts
from tests.proxy.faults.parts import (
    asks,
    finds_the_line_full,
    refused,
    upgrades,
    upgrades_and_resets,
    upgrades_and_takes_nothing,
    waits_in_line,
)
from tests.proxy.faults.play import LEFT, TARGET, Play, scene
from tests.proxy.faults.proxy import Settings
from tests.proxy.faults.row import Row
from tests.proxy.http.harness import request

GET = request(TARGET)


def rows() -> Iterator[Row]:
    yield Row(
        fault="lease/proxy/limit",
        how="all connections are in use, and the line for one is full",
        scene=finds_the_line_full,
        seen="503",
        connection="none",
    )
    yield Row(
        fault="lease/proxy/late",
        how="all connections are in use for longer than connect_timeout",
        scene=waits_in_line,
        seen="503",
        connection="none",
    )
    yield Row(
        fault="lease/proxy/open",
        how="the breaker is open",
        scene=meets_an_open_breaker,
        seen="503",
        connection="none",
    )
    yield from tunnels()


async def meets_an_open_breaker(play: Play) -> str:
    await play.reroute(Settings(failures=1))
    assert await refused(request(b"/first"))(play) == "502"
    play.besides["connect/upstream/closed"] = 1
    play.afterwards.append(lambda: closed_again(play))
    return await asks(GET)(play)


async def closed_again(play: Play) -> None:
    """Its time over, the next request finds the upstream well."""
    await play.reroute(Settings())
    while (await play.harness.ask(request(b"/probe"))).status != 200:
        pass


def tunnels() -> Iterator[Row]:
    yield Row(
        fault="upgraded/upstream/closed",
        how="the upstream resets",
        scene=scene(acts.switches(acts.resets), upgrades(b"hello")),
        seen="101, then closed",
    )
    yield Row(
        fault="upgraded/upstream/late",
        how="the upstream takes nothing",
        scene=scene(acts.switches(acts.hears_nothing), upgrades(bytes(12_000_000))),
        seen="101, then closed",
    )
    yield Row(
        fault="upgraded/client/closed",
        how="the client resets",
        scene=scene(acts.switches(acts.stalls), upgrades_and_resets),
        seen=LEFT,
    )
    yield Row(
        fault="upgraded/client/late",
        how="the client takes nothing",
        scene=scene(acts.switches(acts.speaks), upgrades_and_takes_nothing),
        seen="101, then reset",
    )
