"""A retired domain is answered by the native side alone."""

from types import SimpleNamespace

import pytest

from proxy.edge import Edge, EdgeConfig
from proxy.ownership.phases import Phase
from proxy.ownership.standing import Placed, Standing, placed
from proxy.routing.parse import parse
from proxy.routing.table import Match, RoutingTable
from proxy.server.client import Client
from proxy.server.request import Request
from tests.inside import inside
from tests.proxy.door import ROUTING, Door, Legacy, native, no_pages

FORCED = b"Strangler-Force: legacy"


class Retired:
    """Stands in for what a worker knows of its domains."""

    domains = frozenset({"downloads"})

    def placed(self, match: Match) -> Placed:
        standing = Standing(allowed=Placed(Phase.RETIRED, epoch=7))
        return placed(match.wanted, match.phase, match.weight, standing)

    def must_hold(self, domain: str) -> bool:
        return False

    def hold(self, client: Client, request: Request, domain: str) -> None:
        raise AssertionError(domain)

    def entered(self, request: Request, domain: str) -> None: ...


@pytest.mark.parametrize("wanted", ["legacy", "canary\n    weight: 0", "reads", "retired"])
@pytest.mark.parametrize(
    ("method", "target", "lines", "status"),
    [
        (b"GET", b"/downloads/", (), 200),
        (b"POST", b"/downloads/", (), 200),
        (b"GET", b"/downloads/", (FORCED,), 200),
        (b"POST", b"/downloads/", (FORCED,), 200),
        (b"GET", b"/downloads/missing/", (), 404),
    ],
)
async def test_the_legacy_side_is_never_asked(
    wanted: str, method: bytes, target: bytes, lines: tuple[bytes, ...], status: int
) -> None:
    """Whatever routing.yaml wants, whoever forces it, and though nothing is there."""
    table = RoutingTable.build(parse(ROUTING.format(phase=wanted), {"downloads"}))
    legacy = Legacy()
    routes = SimpleNamespace(table=table)
    edge = Edge(EdgeConfig(allow_force=True), routes, native, legacy, no_pages, Retired())
    async with inside(edge.answer) as server:
        answer = await Door(server, legacy).ask(target, *lines, method=method)
    assert (answer.status, answer.values(b"strangler-owner")) == (status, [b"native"])
    assert legacy.asked == []
