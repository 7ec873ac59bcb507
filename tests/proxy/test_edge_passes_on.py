"""What the legacy site alone has goes to it: in every phase, and whatever the method."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from proxy.edge import Edge, EdgeConfig
from proxy.ownership.phases import Phase
from proxy.ownership.standing import Placed
from proxy.routing.parse import parse
from proxy.routing.table import Match, RoutingTable
from proxy.server.client import Client
from proxy.server.held import set_aside
from proxy.server.request import Request
from tests.inside import inside
from tests.proxy.door import Door, Legacy, native, no_pages
from tests.proxy.routing.test_legacy_pages import RULES, SHOP, pages


class Known:
    """Stands in for what a worker knows of its domains."""

    again: Callable[[Client, Request], None]

    def __init__(self, phases: Mapping[str, Phase]) -> None:
        self.domains = frozenset(phases)
        self._phases = phases
        self.entering: list[str] = []
        self.fenced: set[str] = set()
        self.holding: list[str] = []

    def placed(self, match: Match) -> Placed:
        return Placed(self._phases[match.domain or ""], weight=100)

    def must_hold(self, domain: str) -> bool:
        return domain in self.fenced

    def hold(self, client: Client, request: Request, domain: str) -> None:
        """Until the next moment."""
        self.holding.append(domain)
        self.fenced.discard(domain)
        resume = set_aside(client, request, self.again)
        asyncio.get_running_loop().call_soon(resume)

    def entered(self, request: Request, domain: str) -> None:
        self.entering.append(domain)


@asynccontextmanager
async def door(known: Known, *, manifest: bool = True) -> AsyncIterator[Door]:
    config = parse(RULES.format(pages="legacy", jobs="legacy"), {"pages", "jobs"})
    table = RoutingTable.build(config, pages(SHOP if manifest else None))
    legacy = Legacy()
    edge = Edge(
        EdgeConfig(allow_force=True), SimpleNamespace(table=table), native, legacy, no_pages, known
    )
    known.again = edge.decide
    async with inside(edge.answer) as server:
        yield Door(server, legacy)


@pytest.mark.parametrize("phase", ["canary", "reads", "native"])
@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"GET", b"/jobs/"),
        (b"HEAD", b"/jobs/?a=b"),
        (b"GET", b"/jobs"),
        (b"POST", b"/jobs/"),
        (b"GET", b"/media/missing.png"),
    ],
)
async def test_the_native_side_is_not_asked(phase: str, method: bytes, target: bytes) -> None:
    known = Known({"pages": Phase(phase), "jobs": Phase.LEGACY})
    async with door(known) as edge:
        answer = await edge.ask(target, b"Content-Length: 0", method=method)
        assert (answer.status, edge.legacy.asked) == (200, [target])
        assert answer.values(b"strangler-owner") == [b"legacy"]
        assert answer.values(b"strangler-domain") == [b"pages"]
        # What writes there may write rows of the domain, and so waits while they are handed over.
        assert known.entering == (["pages", "jobs"] if method == b"POST" else [])


@pytest.mark.parametrize("target", [b"/jobs/", b"/jobs/new/"])
async def test_what_may_write_waits_for_the_domain_that_it_belongs_to(target: bytes) -> None:
    """Be it left to the legacy side or not; and for the rule's."""
    known = Known({"pages": Phase.NATIVE, "jobs": Phase.LEGACY})
    async with door(known) as edge:
        for fenced in (["jobs"], ["pages"], ["pages", "jobs"]):
            known.fenced.update(fenced)
            assert (await edge.ask(target, b"Content-Length: 0", method=b"POST")).status == 200
            assert (known.holding, known.entering) == (fenced, ["pages", "jobs"])
            known.holding.clear()
            known.entering.clear()
        known.fenced.update(("pages", "jobs"))
        assert (await edge.ask(target)).status == 200
        assert (known.holding, known.entering) == ([], [])


@pytest.mark.parametrize("manifest", [True, False])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
@pytest.mark.parametrize(
    ("pages_in", "news_in", "owner"),
    [
        ("native", "legacy", b"legacy"),
        ("reads", "legacy", b"legacy"),
        # It was in the file, and its rows are there still.
        ("native", "native", b"native"),
        ("native", "retired", b"native"),
        ("retired", "legacy", b"native"),
    ],
)
async def test_a_domain_that_is_not_named_is_the_legacy_sides(
    pages_in: str, news_in: str, owner: bytes, method: bytes, *, manifest: bool
) -> None:
    known = Known({"pages": Phase(pages_in), "news": Phase(news_in)})
    async with door(known, manifest=manifest) as edge:
        answer = await edge.ask(b"/news/", method=method)
        assert answer.values(b"strangler-owner") == [owner]
        assert bool(edge.legacy.asked) is (owner == b"legacy")


@pytest.mark.parametrize("target", [b"/shop/", b"/nobody/", b"/missing/"])
async def test_what_both_have_or_nobody_is_the_native_sides(target: bytes) -> None:
    async with door(Known({"pages": Phase.NATIVE, "jobs": Phase.LEGACY})) as edge:
        answer = await edge.ask(target, method=b"POST")
        assert (answer.values(b"strangler-owner"), edge.legacy.asked) == ([b"native"], [])


async def test_without_a_manifest_nobody_knows() -> None:
    known = Known({"pages": Phase.NATIVE, "jobs": Phase.LEGACY})
    async with door(known, manifest=False) as edge:
        assert (await edge.ask(b"/jobs/")).values(b"strangler-owner") == [b"native"]
        assert edge.legacy.asked == []


@pytest.mark.parametrize(
    ("pages_in", "jobs_in", "target", "lines", "owner"),
    [
        ("retired", "legacy", b"/jobs/", (), b"native"),
        ("retired", "legacy", b"/jobs/", (b"Strangler-Force: legacy",), b"native"),
        ("native", "retired", b"/jobs/", (), b"native"),
        ("native", "retired", b"/shop/till/", (), b"legacy"),
    ],
)
async def test_what_is_retired_passes_nothing_on(
    pages_in: str, jobs_in: str, target: bytes, lines: tuple[bytes, ...], owner: bytes
) -> None:
    """Neither the domain of the rule, nor the one whose page it is."""
    async with door(Known({"pages": Phase(pages_in), "jobs": Phase(jobs_in)})) as edge:
        answer = await edge.ask(target, *lines)
        assert answer.values(b"strangler-owner") == [owner]
        assert bool(edge.legacy.asked) is (owner == b"legacy")


async def test_nobody_forces_the_native_side_to_say_what_it_does_not_have() -> None:
    async with door(Known({"pages": Phase.NATIVE, "jobs": Phase.LEGACY})) as edge:
        for target, owner in ((b"/jobs/", b"legacy"), (b"/nobody/", b"native")):
            answer = await edge.ask(target, b"Strangler-Force: native")
            assert answer.values(b"strangler-owner") == [owner]
