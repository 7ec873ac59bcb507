"""Where a name leads: asked for once, kept for a while, and never waited for twice."""

import asyncio
import gc
import socket
from collections.abc import Sequence

import pytest

from proxy.forwarding import dial
from proxy.forwarding.dial import FRESH, Address, Addresses
from proxy.forwarding.upstream import Upstream
from tests.inside import until
from tests.proxy.forwarding.ground import Names

V4 = socket.AF_INET


class Moment:
    """What `monotonic` says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    moment = Moment()
    monkeypatch.setattr(dial, "monotonic", moment)
    return moment


class Finding:
    """Asks once; `found` are the addresses it was told of, and None before."""

    def __init__(self, addresses: Addresses) -> None:
        self.found: Sequence[Address] | None = None
        addresses.find(self._take)

    def _take(self, found: Sequence[Address]) -> None:
        assert self.found is None, "told twice"
        self.found = list(found)

    async def told(self) -> Sequence[Address]:
        await until(lambda: self.found is not None)
        assert self.found is not None
        return self.found


def named(names: Names, url: str = "http://legacy.internal:8001") -> Addresses:
    return Addresses(Upstream.from_url(url), names.loop)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:81", (socket.AF_INET, ("127.0.0.1", 81))),
        ("http://[::1]", (socket.AF_INET6, ("::1", 80))),
        ("https://[2001:db8::1]", (socket.AF_INET6, ("2001:db8::1", 443))),
    ],
)
async def test_a_literal_address_is_asked_of_nobody(
    url: str, address: Address, moment: Moment
) -> None:
    names = Names("10.0.0.1")
    addresses = named(names, url)
    for _ in range(2):
        assert Finding(addresses).found == [address]
        moment.now += 10 * FRESH
    assert names.asked == []


async def test_a_name_is_asked_for_once_and_all_are_told() -> None:
    names = Names("10.0.0.1", "::1")
    names.open.clear()
    addresses = named(names)
    waiting = [Finding(addresses) for _ in range(3)]
    assert [one.found for one in waiting] == [None] * 3
    names.open.set()
    both = [(V4, ("10.0.0.1", 8001)), (socket.AF_INET6, ("::1", 8001))]
    assert [await one.told() for one in waiting] == [both] * 3
    assert names.asked == [("legacy.internal", 8001)]


async def test_a_known_address_is_taken_at_once_while_it_is_fresh(moment: Moment) -> None:
    names = Names("10.0.0.1")
    addresses = named(names)
    await Finding(addresses).told()
    moment.now += FRESH - 0.1
    assert Finding(addresses).found == [(V4, ("10.0.0.1", 8001))]
    assert len(names.asked) == 1


async def test_a_stale_one_too_while_it_is_asked_for_again(moment: Moment) -> None:
    names = Names("10.0.0.1")
    addresses = named(names)
    await Finding(addresses).told()
    moment.now += FRESH
    names.addresses = ("10.0.0.2",)
    names.open.clear()
    for _ in range(3):
        assert Finding(addresses).found == [(V4, ("10.0.0.1", 8001))]
        await asyncio.sleep(0)
    assert len(names.asked) == 2
    names.open.set()
    await until(lambda: Finding(addresses).found == [(V4, ("10.0.0.2", 8001))])


async def test_a_resolver_that_is_down_costs_nothing_where_an_address_is_known(
    moment: Moment,
) -> None:
    names = Names("10.0.0.1")
    addresses = named(names)
    await Finding(addresses).told()
    names.addresses = None
    for number in (2, 3):
        moment.now += FRESH
        assert Finding(addresses).found == [(V4, ("10.0.0.1", 8001))]
        await until(lambda: addresses._asking is None)
        assert len(names.asked) == number


async def test_a_name_that_is_unknown_leads_nowhere_and_is_asked_for_again(moment: Moment) -> None:
    names = Names()
    names.addresses = None
    addresses = named(names)
    assert await Finding(addresses).told() == []
    moment.now += 0.5
    assert Finding(addresses).found == []
    assert len(names.asked) == 1
    moment.now += 0.5
    names.addresses = ("10.0.0.1",)
    assert await Finding(addresses).told() == [(V4, ("10.0.0.1", 8001))]
    assert len(names.asked) == 2


@pytest.mark.parametrize("host", ["a" * 64, "a..b", ".a"])
async def test_a_name_that_is_none_leads_nowhere(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What the resolver raises for it is no OSError."""
    loop = asyncio.get_running_loop()
    addresses = Addresses(Upstream(host, 80, host.encode()), loop)
    assert await Finding(addresses).told() == []
    del addresses
    gc.collect()  # an exception that nobody fetched would be told of by now
    assert caplog.records == []
