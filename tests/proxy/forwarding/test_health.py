"""Health checks over real sockets: what is asked, what counts, what is told, what follows edits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from proxy.forwarding import health
from proxy.forwarding.breaker import Breaker, BreakerLimits
from proxy.forwarding.health import HealthCheck, HealthWatch, Streak, host_to_ask_for, jittered
from proxy.forwarding.upstreams import Member

PATIENCE = 10
"""Seconds until a test gives up; what it waits for comes within a few hundredths."""

CHECK = HealthCheck(path="/health/", interval=0.02, timeout=5.0, failures=2, successes=1)
ONCE = replace(CHECK, interval=3600.0, failures=1)
"""Only the first round comes by itself, and decides."""

T = TypeVar("T")
Told = tuple[str, str, dict[str, Any]]


class Site:
    """A legacy server that answers a status; without one it says nothing. `asked` has the heads."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()
        self.left: asyncio.Queue[None] = asyncio.Queue()
        self.member: Member[None]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.asked.put_nowait(await reader.readuntil(b"\r\n\r\n"))
            if self.status is not None:
                line = b"HTTP/1.1 %d Whatever\r\n" % self.status
                writer.write(line + b"Location: /elsewhere/\r\nContent-Length: 2\r\n\r\nok")
            await reader.read()
        writer.close()
        self.left.put_nowait(None)

    async def head(self) -> bytes:
        return await within(self.asked.get())


async def within(waited: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await waited


def member_of(port: int) -> Member[None]:
    return Member(f"http://127.0.0.1:{port}", None, Breaker(BreakerLimits()))


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.member = member_of(server.sockets[0].getsockname()[1])
    yield made
    server.close()


@asynccontextmanager
async def watching(host: str | None = None) -> AsyncIterator[HealthWatch]:
    watch = HealthWatch(host)
    task = asyncio.create_task(watch.watch())
    yield watch
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(task)


class Log:
    """What was told, in order."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Told] = asyncio.Queue()

    def _level(self, name: str) -> Callable[..., None]:
        return lambda event, **facts: self.events.put_nowait((name, event, facts))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return self._level(name)

    async def told(self) -> Told:
        return await within(self.events.get())


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    monkeypatch.setattr(health, "log", log)
    return log


async def reason(log: Log) -> str:
    level, event, facts = await log.told()
    assert (level, event) == ("warning", "upstream_unhealthy")
    return str(facts["reason"])


async def test_each_change_is_told_once(log: Log) -> None:
    async with site() as one, site() as two, watching() as watch:
        one.status = 500
        watch.follow([one.member, two.member], CHECK)
        facts = {"upstream": one.member.name, "healthy": 1, "of": 2}
        why = {"reason": "status 500 instead of 200"}
        assert await log.told() == ("warning", "upstream_unhealthy", why | facts)
        assert (one.member.healthy, two.member.healthy) == (False, True)
        while not one.asked.empty():
            one.asked.get_nowait()
        for _ in range(3):
            await one.head()
        assert log.events.empty()
        one.status = 200
        assert await log.told() == ("info", "upstream_healthy", facts | {"healthy": 2})
        assert one.member.healthy
    assert log.events.empty()


@pytest.mark.usefixtures("log")
async def test_what_is_asked() -> None:
    async with site() as one, watching("www.example.org") as watch:
        watch.follow([one.member], replace(ONCE, path="/health/?deep=1"))
        lines = (await one.head()).lower().split(b"\r\n")
        assert lines[0] == b"get /health/?deep=1 http/1.1"
        assert b"host: www.example.org" in lines
        assert b"user-agent: strangler-health" in lines
        assert b"connection: close" in lines


@pytest.mark.usefixtures("log")
async def test_without_a_host_its_own_authority_is_asked_for() -> None:
    async with site() as one, watching() as watch:
        watch.follow([one.member], ONCE)
        assert f"\r\nhost: {one.member.name}\r\n".encode() in (await one.head()).lower()


async def test_redirects_are_not_followed(log: Log) -> None:
    async with site() as one, watching() as watch:
        one.status = 301
        watch.follow([one.member], ONCE)
        assert await reason(log) == "status 301 instead of 200"
        assert one.asked.qsize() == 1


async def test_another_status_may_be_the_good_one(log: Log) -> None:
    async with site() as one, watching() as watch:
        one.status = 301
        one.member.healthy = False
        watch.follow([one.member], replace(ONCE, status=301))
        assert (await log.told())[1] == "upstream_healthy"


async def test_no_answer_in_time(log: Log) -> None:
    async with site() as one, watching() as watch:
        one.status = None
        watch.follow([one.member], replace(ONCE, timeout=0.05))
        assert await reason(log) == "no answer within 0.05 s"
        await within(one.left.get())


async def test_nobody_there(log: Log) -> None:
    async with site() as one:
        pass
    async with watching() as watch:
        watch.follow([one.member], ONCE)
        assert await reason(log) == "All connection attempts failed"


@pytest.mark.parametrize("answer", [b"", b"\0\r\n\r\n", b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"])
async def test_whatever_it_says_is_no_more_than_a_failure(answer: bytes, log: Log) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server, watching() as watch:
        watch.follow([member_of(server.sockets[0].getsockname()[1])], ONCE)
        assert await reason(log)


async def test_members_are_asked_at_the_same_time(log: Log) -> None:
    """The first answers only when the second was asked."""
    async with site() as one, site() as two, watching() as watch:
        one.status = two.status = None
        watch.follow([one.member, two.member], ONCE)
        await one.head()
        await two.head()
    assert log.events.empty(), "cancelled in the middle, and nothing is made of it"


async def test_a_new_plan_is_carried_out_at_once(log: Log) -> None:
    async with site() as one, site() as two, watching() as watch:
        watch.follow([one.member], ONCE)
        await one.head()
        two.status = 503
        watch.follow([one.member, two.member], ONCE)
        assert (await log.told())[2]["upstream"] == two.member.name
        await one.head()


async def test_the_same_plan_again_is_none(log: Log) -> None:
    async with site() as one, watching() as watch:
        one.status = 500
        watch.follow([one.member], CHECK)
        await one.head()
        watch.follow([one.member], replace(CHECK))
        assert await reason(log) == "status 500 instead of 200"
        assert one.asked.qsize() <= 1, "two in a row were enough, from both together"


async def test_without_checks_all_are_healthy(log: Log) -> None:
    async with site() as one, watching() as watch:
        one.status = 500
        watch.follow([one.member], ONCE)
        await reason(log)
        watch.follow([one.member], None)
        assert one.member.healthy
    assert log.events.empty()


async def test_an_answer_to_a_plan_of_the_past_changes_nothing(log: Log) -> None:
    async with site() as one, site() as two, watching() as watch:
        one.status = None
        watch.follow([one.member], replace(ONCE, timeout=0.05))
        await one.head()
        watch.follow([one.member], None)
        await within(one.left.get())
        watch.follow([two.member], ONCE)
        await two.head()
    assert one.member.healthy
    assert log.events.empty()


async def test_a_fault_of_our_own_does_not_end_the_checks(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = health.complaint_of
    faults = [RuntimeError("a slip")]

    async def slip_once(*arguments: Any) -> str | None:
        if faults:
            raise faults.pop()
        return await asked(*arguments)

    monkeypatch.setattr(health, "REST", 0.0)
    monkeypatch.setattr(health, "complaint_of", slip_once)
    async with site() as one, watching() as watch:
        one.status = 500
        watch.follow([one.member], ONCE)
        assert await log.told() == ("exception", "health_watch_failed", {})
        assert await reason(log) == "status 500 instead of 200"


def counted(results: str, failures: int, successes: int) -> str:
    """Results, + for a good one, and after each what the streak makes of it: . for nothing."""
    streak, check, word = Streak(), replace(CHECK, failures=failures, successes=successes), ""
    for result in results:
        decided = streak.count(result == "+", check)
        word += result if decided else "."
    return word


def test_enough_in_a_row_decide() -> None:
    assert counted("-+--+---", failures=2, successes=1) == ".+.-+.--"
    assert counted("--+-++-+++", failures=1, successes=3) == "--.-..-..+"


def test_the_interval_varies_by_a_tenth() -> None:
    assert [jittered(5.0, drawn) for drawn in (0.0, 0.5, 1.0)] == pytest.approx([4.5, 5.0, 5.5])


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ((), None),
        (("*",), None),
        (("www.example.org", "example.org"), "www.example.org"),
        ((".example.org",), "example.org"),
        (("*", "www.example.org"), "www.example.org"),
    ],
)
def test_the_host_to_ask_for(allowed: tuple[str, ...], host: str | None) -> None:
    assert host_to_ask_for(allowed) == host
