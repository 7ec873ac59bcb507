"""A worker: puts jobs into the queue when it is their time, takes them out and performs them.

However many workers there are, a job is in the queue once, and by `alone` is done once. One that
gives no sign of life for a while is given to another worker.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

import structlog
from saq import Job, Worker
from saq.queue import Queue
from saq.types import Context

from ported_domains.registry import DOMAINS
from proxy.abilities import manifest_of
from proxy.background.jobs import JOBS, Outcome, Said, Site, perform
from proxy.background.queues import connect, disconnect, queue_for
from proxy.background.rounds import next_tick, step
from proxy.native import site_look
from proxy.settings import Settings
from proxy.telemetry.events import Seldom

log = structlog.get_logger("background")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A job whose worker gives no sign of life for `heartbeat` is found by a `sweep`.

    `grace`: what a job that is told to stop has for it.
    """

    tick: float = 1.0
    beat: float = 2.0
    heartbeat: int = 15
    sweep: int = 5
    dequeue: float = 5.0
    grace: float = 4.0


TIMING = Timing()


@dataclass(frozen=True, slots=True)
class Planned:
    """A job of the schedule. `every` and `timeout` in seconds; among those that wait the one with
    the lowest `priority` goes first.
    """

    name: str
    every: float
    timeout: int
    priority: int
    attempts: int = 3
    """Until one that is killed each time is given up; the schedule brings it back."""


def plan(settings: Settings) -> tuple[Planned, ...]:
    domains = sum(1 for domain in DOMAINS.values() if domain.mapping)
    return (
        Planned("sync_once", max(1.0, settings.sync_every), timeout=3600, priority=0),
        Planned(
            "verify", max(1.0, step(settings.verify_every, domains)), timeout=3600, priority=10
        ),
        Planned("update_blogs", max(1.0, settings.blogs_every), timeout=900, priority=5),
    )


def site_of(settings: Settings, *, verify_every: float) -> Site:
    """Raises `SettingsError` for a database that is not set, or a faulty manifest."""
    return Site(
        settings.require("legacy_database_url", "the rows are read from there"),
        settings.require("database_url", "the rows are written there"),
        verify_every,
        site_look(settings, manifest_of(settings)),
    )


async def work(settings: Settings, site: Site, timing: Timing = TIMING) -> None:
    """Until SIGTERM or SIGINT; a job that runs then is handed back.

    Raises `SettingsError` where jobs cannot be queued.
    """
    queue = queue_for(settings.plain("redis_url"), site.native_url)
    _hear_queue()
    await connect(queue)
    planned = plan(settings)
    worker = Worker[Context](
        queue,
        functions=[(name, _runner(name, site, timing)) for name in JOBS],
        concurrency=len(JOBS),
        timers={"schedule": 1, "worker_info": 10, "sweep": timing.sweep, "abort": 1},
        dequeue_timeout=timing.dequeue,
        cancellation_hard_deadline_s=timing.grace + 1,
    )
    schedule = asyncio.create_task(_schedule(queue, planned, timing))
    log.info(
        "working",
        queue=type(queue).__name__,
        seconds={one.name: round(one.every, 1) for one in planned},
    )
    try:
        await worker.start()
    finally:
        schedule.cancel()
        with suppress(asyncio.CancelledError):
            await schedule
        await disconnect(queue)
        log.info("stopped")


async def _schedule(queue: Queue, planned: Sequence[Planned], timing: Timing) -> None:
    """What is in the queue already stays as it is."""
    faults = Seldom("schedule_interrupted")
    while True:
        for one in planned:
            try:
                await queue.enqueue(
                    one.name,
                    key=one.name,
                    scheduled=next_tick(one.every, time.time()),
                    timeout=one.timeout,
                    heartbeat=timing.heartbeat,
                    retries=one.attempts,
                    priority=one.priority,
                )
            except Exception as error:  # whatever the queue's server is up to: it passes
                faults.add(1, f"{type(error).__name__}: {error}")
        await asyncio.sleep(timing.tick)


def _runner(name: str, site: Site, timing: Timing) -> Callable[[Context], Awaitable[int]]:
    """What SAQ calls: the job runs in a thread, and signs of life are given beside it."""
    told = Told(name)

    async def run(context: Context) -> int:
        stop = Event()
        outcome = _in_thread(lambda: perform(name, site, stop))
        try:
            while not (await asyncio.wait([outcome], timeout=timing.beat))[0]:
                await _give_sign(context["job"])
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([outcome], timeout=timing.grace)
            log.info("job_handed_back", job=name)
            raise
        try:
            done = outcome.result()
        except Exception:
            log.exception("job_failed", job=name)
            raise
        told.tell(done)
        return done.code

    return run


async def _give_sign(job: Job) -> None:
    with suppress(Exception):  # without its queue a job goes on; nobody else can take it then
        await job.update()


def _in_thread(call: Callable[[], Outcome]) -> "asyncio.Future[Outcome]":
    """One that does not keep the worker from ending: a database may never answer."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Outcome] = loop.create_future()

    def settle(outcome: Outcome | None, error: BaseException | None) -> None:
        if future.done():
            return
        if outcome is not None:
            future.set_result(outcome)
        elif error is not None:
            future.set_exception(error)

    def work() -> None:
        outcome, fault = None, None
        try:
            outcome = call()
        except Exception as error:
            fault = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, outcome, fault)

    Thread(target=work, daemon=True).start()
    return future


class Told:
    """Logs outcomes of a job; what keeps it from being done is said once, not every time."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._last: tuple[Said, ...] = ()

    def tell(self, outcome: Outcome) -> None:
        said, last = outcome.said, self._last
        self._last = said
        if said == last and all(one.event in ("job_cannot_run", "job_left_out") for one in said):
            return
        for one in said:
            getattr(log, one.level)(one.event, job=self._job, **one.details)


class _QueueLog(logging.Handler):
    """What SAQ and the pool say of a server that is away: as often as they try."""

    def __init__(self) -> None:
        super().__init__()
        self._faults = Seldom("queue_troubled")

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        said = f"{type(error).__name__}: {error}" if error else record.getMessage()
        self._faults.add(1, " ".join(said.split()))


def _hear_queue() -> None:
    handler = _QueueLog()
    for name, level in (("saq", logging.ERROR), ("psycopg", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers = [handler]
        logger.propagate = False
