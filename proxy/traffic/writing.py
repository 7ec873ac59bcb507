"""A worker writes down what it counted: once a second, over a connection of its own.

    a second ─▶ look at the tally ─▶ anything new? ─▶ one statement
                                                      └─ the database is away: kept, tried again

What is written says how many there were in a bucket so far, so that writing it twice does no harm;
hits of routes are added up instead. Once a minute whoever comes first merges what is old.
"""

import asyncio
import logging
import time
from contextlib import suppress

import asyncpg
import msgspec

from proxy.telemetry.events import Seldom
from proxy.telemetry.tally import BUCKETS
from proxy.traffic.counting import KEPT_SECONDS, Batch, Counting

EVERY_SECONDS = 1.0
CONNECT_SECONDS = 3.0
LAST_SECONDS = 1.0
"""For what is left to write when the worker ends."""
TRIM_SECONDS = 60.0
TRIM_WITHIN_SECONDS = 30.0
LOCK = 0x7472_6166_6669_63

_DOWN = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

log = logging.getLogger(__name__)

_Connection = "asyncpg.Connection[asyncpg.Record]"


class TrafficWriter:
    """`worker` is a name that no other worker has, or will have."""

    def __init__(self, url: str, worker: str, counting: Counting) -> None:
        self._url = url
        self._worker = worker
        self._counting = counting
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._said = ""
        self._lost = Seldom("traffic_lost")
        self._trim_at = 0.0
        self._trimmed = False

    async def run(self) -> None:
        """Until cancelled; then the last counts are written."""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS - time.time() % EVERY_SECONDS)
                await self._round()
        finally:
            self._let_go()
            with suppress(*_DOWN):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._write()
            self._let_go()
            self._lost.close()

    async def _round(self) -> None:
        try:
            await self._write()
            await self._trim()
        except _DOWN as error:
            self._let_go()
            self._away(error)
        if lost := self._counting.forget(time.time()):
            self._lost.add(lost, f"the native database was away for {KEPT_SECONDS} s: {self._said}")

    async def _write(self) -> None:
        self._counting.look(time.time())
        batch = self._counting.unwritten()
        if batch:
            connection = await self._connected()
            await connection.execute(_WRITE, self._worker, *_as_json(batch))
            self._counting.written(batch)
            self._said = ""

    async def _trim(self) -> None:
        """The first time all that is old; later what has become old since."""
        if time.monotonic() < self._trim_at or self._connection is None:
            return
        self._trim_at = time.monotonic() + TRIM_SECONDS
        await trim(self._connection, whole=not self._trimmed)
        self._trimmed = True

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                command_timeout=CONNECT_SECONDS,
                server_settings={"application_name": "strangler traffic"},
            )
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _away(self, error: Exception) -> None:
        fault = " ".join(str(error).split()) or type(error).__name__
        if fault != self._said:
            log.warning("traffic is not written down, but kept for some minutes: %s", fault)
        self._said = fault


async def trim(connection: "asyncpg.Connection[asyncpg.Record]", *, whole: bool) -> None:
    """Merge buckets older than 15 minutes into minutes, delete minutes older than 7 days.

    Not `whole`: no further back than two hours. Does nothing while another worker does it.
    """
    async with connection.transaction():
        if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            await connection.execute(_MERGE, whole, timeout=TRIM_WITHIN_SECONDS)
            await connection.execute(_DELETE, timeout=TRIM_WITHIN_SECONDS)


def _as_json(batch: Batch) -> tuple[str, str]:
    buckets = [
        {
            "at": at,
            "domain": domain,
            "side": side,
            "requests": bucket.requests,
            "errors": bucket.errors,
            "seconds": bucket.seconds,
            "buckets": bucket.buckets,
        }
        for (at, domain, side), (bucket, _) in batch.buckets.items()
    ]
    hits = [
        {"domain": domain, "route": route, "side": side, "last_at": at, "requests": number}
        for (domain, route, side), (at, number) in batch.hits.items()
    ]
    encode = msgspec.json.encode
    return encode(buckets).decode(), encode(hits).decode()


_WRITE = """
WITH hits AS (
    INSERT INTO route_hits AS h (domain, route, side, last_at, requests)
    SELECT domain, route, side, to_timestamp(last_at), requests
    FROM jsonb_to_recordset($3::jsonb)
         AS r (domain text, route text, side text, last_at float8, requests bigint)
    ON CONFLICT (domain, route, side) DO UPDATE SET
        last_at = greatest(h.last_at, excluded.last_at),
        requests = h.requests + excluded.requests)
INSERT INTO traffic (at, worker, domain, side, requests, errors, seconds, buckets)
SELECT to_timestamp(at), $1, domain, side, requests, errors, seconds, buckets
FROM jsonb_to_recordset($2::jsonb)
     AS r (at float8, domain text, side text, requests int, errors int, seconds float8,
           buckets int[])
ON CONFLICT (at, worker, domain, side) DO UPDATE SET
    requests = excluded.requests, errors = excluded.errors, seconds = excluded.seconds,
    buckets = excluded.buckets
"""

_SUMS = ", ".join(f"sum(buckets[{place + 1}])::int" for place in range(len(BUCKETS) + 1))
_MERGE = f"""
WITH old AS (
    DELETE FROM traffic
    WHERE at < date_trunc('minute', now() - interval '15 minutes') AND worker <> ''
          AND ($1 OR at > now() - interval '2 hours')
    RETURNING *)
INSERT INTO traffic AS t (at, worker, domain, side, requests, errors, seconds, buckets)
SELECT date_trunc('minute', at), '', domain, side, sum(requests), sum(errors), sum(seconds),
       ARRAY[{_SUMS}]
FROM old GROUP BY 1, domain, side
ON CONFLICT (at, worker, domain, side) DO UPDATE SET
    requests = t.requests + excluded.requests, errors = t.errors + excluded.errors,
    seconds = t.seconds + excluded.seconds,
    buckets = ARRAY(SELECT a + b FROM unnest(t.buckets, excluded.buckets)
                    WITH ORDINALITY AS both_sides (a, b, place) ORDER BY place)
"""  # noqa: S608 - numbers only
_DELETE = "DELETE FROM traffic WHERE at < now() - interval '7 days'"
