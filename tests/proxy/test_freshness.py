"""Who answers a visitor that has just written, and how long that takes: by what the record of a
stream says, which is written here by hand."""

import asyncio
import logging
from collections.abc import AsyncIterator
from time import monotonic, time
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from legacy_bridge.replication import home
from legacy_bridge.replication.causality import TOKEN_SECONDS, Token
from legacy_bridge.replication.owners import Owner
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from proxy.freshness import WAIT_SECONDS, Freshness, Wait
from proxy.ownership.phases import Side
from proxy.wire.cookies import cookie
from tests.legacy_bridge.replication.test_arrivals import record

KEY = b"key"
AHEAD = "FFFF/0"
BEHIND = "0/1"


@pytest.fixture(scope="module")
def urls(stack: EmbeddedStack, native_template: str) -> dict[Owner, str]:
    legacy = stack.create_database("fresh_legacy")
    with psycopg.connect(legacy, autocommit=True) as connection:
        home.ensure(connection)
    native = stack.create_database("fresh_native", template=native_template)
    return {Owner.LEGACY: legacy, Owner.NATIVE: native}


class Counted:
    """`asked`: how often each database was asked for its position."""

    def __init__(self, urls: dict[Owner, str]) -> None:
        self.urls = urls
        self.engines = {
            side: open_engine(url, pool_size=5, name="fresh") for side, url in urls.items()
        }
        self.freshness = Freshness(self.engines, ["users"], KEY)
        self.asked = 0
        for engine in self.engines.values():
            event.listen(engine.sync_engine, "before_cursor_execute", self._count)

    def _count(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        self.asked += "pg_logical_emit_message" in statement

    def brought(self, domain: str | None, side: Side) -> bytes:
        """The head of the next request of a visitor whose write that side has answered."""
        line = self.freshness.token_line(domain, side, secure=False)
        return (
            b"Host: a\r\n"
            + line.replace(b"Set-Cookie:", b"Cookie: a=b;").partition(b";")[0]
            + (b";" + line.partition(b" ")[2].partition(b";")[0] + b"\r\n")
        )

    def wait(self, fields: bytes, domain: str | None, side: Side) -> Wait | None:
        return self.freshness.wait(fields, domain, side, late=Side.LEGACY)

    async def told(self, wait: Wait) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.freshness.then(wait, future.set_result)
        return await future

    def applied(self, from_side: Owner, position: str | None) -> None:
        record(self.urls[from_side.other], from_side, position)


@pytest.fixture
async def site(urls: dict[Owner, str]) -> AsyncIterator[Counted]:
    counted = Counted(urls)
    for side in Owner:
        counted.applied(side, BEHIND)
        async with counted.engines[side].connect():
            pass  # to connect is not what half a second is for
    yield counted
    await counted.freshness.close()
    for engine in counted.engines.values():
        await engine.dispose()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has arrived is told in time, however long it takes a busy machine to connect."""
    monkeypatch.setattr("proxy.freshness.WAIT_SECONDS", 20.0)


def token_of(wait: Wait | None) -> Token:
    assert wait is not None
    return wait.token


async def test_without_a_token_nobody_waits(site: Counted) -> None:
    assert site.wait(b"Cookie: a=b\r\n", "downloads", Side.NATIVE) is None


async def test_the_form_of_the_cookie(site: Counted) -> None:
    line = site.freshness.token_line("downloads", Side.NATIVE, secure=True)
    assert line.startswith(b"Set-Cookie: strangler_written_native=n.")
    assert line.endswith(b"; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure\r\n")


@pytest.mark.parametrize(
    ("wrote", "reads", "waits"),
    [
        # (domain, side that answered): whose rows are where decides
        (("downloads", Side.LEGACY), ("downloads", Side.NATIVE), True),
        (("downloads", Side.LEGACY), ("downloads", Side.LEGACY), False),
        (("downloads", Side.NATIVE), ("downloads", Side.LEGACY), True),
        (("downloads", Side.NATIVE), (None, Side.LEGACY), True),
        ((None, Side.LEGACY), ("downloads", Side.NATIVE), True),
        (("users", Side.NATIVE), ("downloads", Side.NATIVE), True),
        (("users", Side.NATIVE), ("users", Side.NATIVE), False),
        (("users", Side.NATIVE), (None, Side.LEGACY), False),
    ],
)
async def test_who_waits(
    site: Counted, wrote: tuple[str | None, Side], reads: tuple[str | None, Side], waits: bool
) -> None:
    assert (site.wait(site.brought(*wrote), *reads) is not None) == waits


@pytest.mark.usefixtures("patient")
async def test_what_has_arrived_is_asked_for_once(site: Counted) -> None:
    fields = site.brought("downloads", Side.LEGACY)
    wait = site.wait(fields, "downloads", Side.NATIVE)
    assert wait is not None
    site.applied(Owner.LEGACY, AHEAD)
    assert await site.told(wait)
    assert site.wait(fields, "downloads", Side.NATIVE) is None
    assert site.asked == 1


async def test_what_is_late_is_waited_for_so_long_and_no_longer(site: Counted) -> None:
    fields = site.brought("downloads", Side.LEGACY)
    wait = site.wait(fields, "downloads", Side.NATIVE)
    assert wait is not None
    began = monotonic()
    assert not await site.told(wait)
    assert monotonic() - began >= WAIT_SECONDS * 0.9
    assert wait.late_side is Side.LEGACY
    assert site.wait(fields, "downloads", Side.NATIVE) == wait


async def test_two_sides_have_a_token_each(site: Counted) -> None:
    both = site.brought("downloads", Side.LEGACY).replace(
        b"a=b;",
        b"a=b;" + site.brought("downloads", Side.NATIVE).partition(b"a=b;")[2].strip() + b";",
    )
    assert token_of(site.wait(both, "downloads", Side.NATIVE)).side is Owner.LEGACY
    assert token_of(site.wait(both, "downloads", Side.LEGACY)).side is Owner.NATIVE


@pytest.mark.usefixtures("patient")
async def test_many_who_wait_ask_together(site: Counted) -> None:
    site.applied(Owner.LEGACY, AHEAD)
    waits = [
        site.wait(site.brought("downloads", Side.LEGACY), "downloads", Side.NATIVE)
        for _ in range(50)
    ]
    assert await asyncio.gather(*(site.told(wait) for wait in waits if wait)) == [True] * 50
    assert site.asked <= 2


@pytest.mark.usefixtures("patient")
async def test_whoever_comes_while_one_is_asked_for_needs_the_next(site: Counted) -> None:
    """The answer under way may be from before their write."""
    site.applied(Owner.LEGACY, AHEAD)
    for _ in range(3):
        wait = site.wait(site.brought("downloads", Side.LEGACY), "downloads", Side.NATIVE)
        assert wait is not None
        assert await site.told(wait)
    assert site.asked == 3


async def test_what_was_not_signed_by_us_or_is_old_counts_nothing(
    site: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = site.brought("downloads", Side.LEGACY)
    value = cookie(fields, "strangler_written_legacy")
    assert value is not None
    forged = fields.replace(value.encode(), value[:-1].encode() + b"_")
    assert site.wait(forged, "downloads", Side.NATIVE) is None
    assert site.wait(fields, "downloads", Side.NATIVE) is not None
    now = time()
    monkeypatch.setattr("proxy.freshness.time", lambda: now + TOKEN_SECONDS + 1)
    assert site.wait(fields, "downloads", Side.NATIVE) is None


async def test_a_database_that_is_away_is_late(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = {
        side: open_engine("postgresql://127.0.0.1:1/none", pool_size=1, name="nowhere")
        for side in Owner
    }
    late = Freshness(nowhere, (), KEY)
    told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    with caplog.at_level(logging.WARNING, "proxy.freshness"):
        late.then(Wait(Token.of(Owner.LEGACY, 0), Side.LEGACY), told.set_result)
        assert not await told
    (said,) = caplog.messages
    assert said.startswith("the legacy database cannot be asked: ")
    await late.close()
    for engine in nowhere.values():
        await engine.dispose()
