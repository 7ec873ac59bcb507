"""How often the legacy database is waited for, counted on the wire."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from ported_domains.shared.visitors.contracts import Contracts
from tests.ported_domains.shared.visitors.ailing import ailing
from tests.ported_domains.shared.visitors.relay import Relay, relay
from tests.ported_domains.shared.visitors.twins import Reply, Side, Twins


@dataclass(frozen=True)
class Counted:
    side: Side
    relay: Relay

    async def get(self, target: str, cookies: str = "") -> tuple[int, Reply]:
        """Round trips, and the answer."""
        before = self.relay.round_trips
        reply = await self.side.get(target, cookies)
        return self.relay.round_trips - before, reply

    async def post(self, target: str, cookies: str, **form: str) -> tuple[int, Reply]:
        before = self.relay.round_trips
        reply = await self.side.post(target, cookies, **form)
        return self.relay.round_trips - before, reply


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counted(twins: Twins, contracts: Contracts, native_tables: str) -> AsyncIterator[Counted]:
    """With one connection, on which every statement has been prepared."""
    async with (
        relay(twins.legacy.database) as between,
        ailing(contracts, native_tables, between.url, pool_size=1) as native,
    ):
        person = await twins.legacy.newcomer()
        for _ in range(2):
            cookie = f"sessionid={person.session}"
            await native.side.post("/probes/session/", cookie, key="a", value="1")
            await native.side.get("/probes/user/", cookie)
        yield Counted(native.side, between)
        await twins.legacy.remove(person)


@pytest.mark.parametrize(
    "probe",
    ["user/", "session/", "messages/", "form/", "exempt/", "for/members/", "for/editors/"],
)
async def test_nobody_costs_nothing(counted: Counted, probe: str) -> None:
    trips, reply = await counted.get(f"/probes/{probe}")
    assert (trips, reply.status) == (0, 302 if probe.startswith("for/") else 200)


@pytest.mark.parametrize("key", ["short", "\\000" * 9, "x" * 41])
async def test_what_is_no_key_costs_nothing(counted: Counted, key: str) -> None:
    trips, reply = await counted.get("/probes/user/", f'sessionid="{key}"')
    assert (trips, reply.json()["name"]) == (0, "")


async def test_a_session_that_there_is_not_costs_a_round_trip(counted: Counted) -> None:
    trips, _ = await counted.get("/probes/user/", "sessionid=" + "x" * 32)
    assert trips == 1


async def test_a_page_that_asks_for_nothing_costs_nothing(counted: Counted, twins: Twins) -> None:
    person = await twins.legacy.newcomer()
    cookie = f"sessionid={person.session}"
    for probe in ("exempt/", "messages/", "form/"):
        trips, _ = await counted.get(f"/probes/{probe}", cookie)
        assert trips == 0, probe


async def test_a_session_costs_two_round_trips_and_then_one(counted: Counted, twins: Twins) -> None:
    """The first finds out whose it is; however often a page asks, it is asked once."""
    person = await twins.legacy.newcomer()
    cookie = f"sessionid={person.session}"
    for probe, expected in (("user/", 2), ("user/", 1), ("for/members/", 1), ("user/", 1)):
        trips, reply = await counted.get(f"/probes/{probe}", cookie)
        assert (trips, reply.json()["name"]) == (expected, person.name)


async def test_a_changed_session_costs_one_more(counted: Counted, twins: Twins) -> None:
    person = await twins.legacy.newcomer()
    cookie = f"sessionid={person.session}"
    trips, _ = await counted.post("/probes/session/", cookie, key="a", value="1")
    assert trips == 2


async def test_a_new_session_costs_one(counted: Counted) -> None:
    trips, reply = await counted.get("/probes/stream/")
    assert "sessionid" in reply.cookies
    again, _ = await counted.get("/probes/stream/")
    assert (trips, again) == (2, 1), "the first prepares the statement"
