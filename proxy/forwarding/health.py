"""Asking each upstream how it is, whether or not requests come: one task for all of a worker's.

wait        until the interval has passed since the last round began, or the plan changes
ask         all members at once: GET the path, nothing of the answer but its status
count       results in a row; enough of one kind changes the member's word
tell        each change once, in the log
"""

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from proxy.forwarding.upstreams import Member

JITTER = 0.1
"""Share of the interval by which rounds vary, so that workers do not all ask at one moment."""
REST = 1.0
"""Seconds after a fault of our own, so that one that stays does not fill the log."""

log = structlog.get_logger("upstreams")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """How to ask: `path` with its query, as it stands in a request line; times in seconds.

    `failures` in a row make a member unhealthy, `successes` in a row healthy again. An answer with
    another status than `status` is a failure, and so is none within `timeout`.
    """

    path: str
    interval: float = 5.0
    timeout: float = 2.0
    failures: int = 2
    successes: int = 1
    status: int = 200


@dataclass(slots=True)
class Streak:
    """Equal results in a row, of one member."""

    passed: bool = True
    length: int = 0

    def count(self, passed: bool, check: HealthCheck) -> bool:
        """Whether this result is the one too many: the member is now what it says."""
        self.length = self.length + 1 if passed is self.passed else 1
        self.passed = passed
        return self.length >= (check.successes if passed else check.failures)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Whom to ask and how, swapped in one assignment; streaks start anew with each plan."""

    members: tuple[Member[Any], ...]
    check: HealthCheck
    streaks: dict[Member[Any], Streak] = field(default_factory=dict, compare=False)


class HealthWatch:
    """Keeps `Member.healthy` true to what the members answer.

    `host` is the Host field to send: Django refuses names that are not in its ALLOWED_HOSTS. None
    sends each member's own authority. `tls` is for members with https, by default the system's
    authorities. `draw` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        host: str | None = None,
        tls: ssl.SSLContext | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._fields = {"user-agent": "strangler-health", "connection": "close"}
        if host is not None:
            self._fields["host"] = host
        self._tls = tls
        self._draw = draw
        self._plan: _Plan | None = None
        self._changed = asyncio.Event()

    def follow(self, members: Sequence[Member[Any]], check: HealthCheck | None) -> None:
        """Ask these from now on, at once; no check makes all of them healthy.

        Members keep their word until checks change it. Following the same again changes nothing.
        """
        plan = None if check is None else _Plan(tuple(members), check)
        if plan is None:
            for member in members:
                member.healthy = True
        if plan != self._plan:
            self._plan = plan
            self._changed.set()

    async def watch(self) -> None:
        """Ask until cancelled. Never raises."""
        await self._wanted()  # until then no client is needed, which takes a while to make
        async with self._client() as client:
            while True:
                plan = await self._wanted()
                try:
                    await self._round(client, plan)
                except Exception:  # a fault of ours must not end the checks
                    log.exception("health_watch_failed")
                    await asyncio.sleep(REST)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._tls or ssl.create_default_context(),
            headers=self._fields,
            timeout=None,  # noqa: S113 (there is one around the whole of each check)
            trust_env=False,  # the forwarder knows no HTTP_PROXY either
        )

    async def _wanted(self) -> _Plan:
        while (plan := self._plan) is None:
            self._changed.clear()
            await self._changed.wait()
        return plan

    async def _round(self, client: httpx.AsyncClient, plan: _Plan) -> None:
        """One round, and the wait for the next."""
        self._changed.clear()
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as asking:
            for member in plan.members:
                asking.create_task(self._ask(client, member, plan))
        until = began + jittered(plan.check.interval, self._draw())
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()

    async def _ask(self, client: httpx.AsyncClient, member: Member[Any], plan: _Plan) -> None:
        complaint = await complaint_of(client, member.url + plan.check.path, plan.check)
        if plan is not self._plan:
            return  # of a member that is gone, or of a check that is off: it must change nothing
        passed = complaint is None
        if plan.streaks.setdefault(member, Streak()).count(passed, plan.check):
            _tell(member, plan, complaint)


def _tell(member: Member[Any], plan: _Plan, complaint: str | None) -> None:
    """Change a member's word, and say so, if it is another than it was."""
    passed = complaint is None
    if member.healthy is passed:
        return
    member.healthy = passed
    facts = {
        "upstream": member.name,
        "healthy": sum(member.healthy for member in plan.members),
        "of": len(plan.members),
    }
    if passed:
        log.info("upstream_healthy", **facts)
    else:
        log.warning("upstream_unhealthy", reason=complaint, **facts)


def jittered(interval: float, drawn: float) -> float:
    """The interval, less or more by up to JITTER of it; `drawn` is from 0 to 1."""
    return interval * (1 + JITTER * (2 * drawn - 1))


async def complaint_of(client: httpx.AsyncClient, url: str, check: HealthCheck) -> str | None:
    """What is wrong with the upstream at this moment, in a few words; None where nothing is."""
    try:
        async with asyncio.timeout(check.timeout), client.stream("GET", url) as answer:
            status = answer.status_code
    except TimeoutError:
        return f"no answer within {check.timeout:g} s"
    except Exception as error:  # whatever a server can make a client raise
        return str(error) or type(error).__name__
    return None if status == check.status else f"status {status} instead of {check.status}"


def host_to_ask_for(allowed_hosts: Sequence[str]) -> str | None:
    """The first of STRANGLER_ALLOWED_HOSTS that names one host; `.example.org` allows its own."""
    names = (host.removeprefix(".") for host in allowed_hosts)
    return next((name for name in names if name and "*" not in name), None)
