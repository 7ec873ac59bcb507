"""Where jobs wait: in Redis where there is one, else in the native database."""

from contextlib import suppress
from hashlib import sha256

from psycopg import Error as PsycopgError
from psycopg import OperationalError
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from saq.queue import Queue, postgres
from saq.queue.redis import RedisQueue

from legacy_bridge.replication.connections import MANNERS, libpq_url, who
from proxy.databases import open_redis
from proxy.settings import SettingsError

CONNECTIONS = (1, 5)
CONNECT_SECONDS = 10.0
RETRIES = 3
"""Of a command, with a pause before each: whoever waits for jobs asks again at once."""


class PostgresQueue(postgres.PostgresQueue):
    """SAQ's, for workers that begin together: with it alone, whoever comes while another makes
    the tables takes them for made.
    """

    async def init_db(self) -> None:
        """One at a time; who waits longer than for a connection is refused."""
        async with self.pool.connection() as turn, turn.transaction():
            await turn.execute(
                "SELECT set_config('lock_timeout', %s, true)", [f"{CONNECT_SECONDS}s"]
            )
            await turn.execute("SELECT pg_advisory_xact_lock(hashtext('strangler queue'))")
            await super().init_db()


def queue_for(redis_url: str | None, native_url: str) -> Queue:
    """Nothing is connected yet. Its name keeps sites apart that share a Redis."""
    name = f"strangler-{_site(native_url)}"
    if redis_url is not None:
        redis = open_redis(redis_url)
        redis.set_retry(Retry(ExponentialBackoff(cap=2, base=0.1), RETRIES))
        return RedisQueue(redis, name=name)
    least, most = CONNECTIONS
    pool = AsyncConnectionPool(
        libpq_url(native_url),
        kwargs={**MANNERS, "application_name": who()},
        check=AsyncConnectionPool.check_connection,
        timeout=CONNECT_SECONDS,
        min_size=least,
        max_size=most,
        open=False,
    )
    return PostgresQueue(pool, name=name, min_size=least, max_size=most, manage_pool_lifecycle=True)


async def connect(queue: Queue) -> None:
    """Raises `SettingsError` where that is not possible."""
    try:
        await queue.connect()
        await queue.count("queued")
    except (RedisError, PoolTimeout, OperationalError, OSError) as error:
        name = "REDIS_URL" if isinstance(queue, RedisQueue) else "DATABASE_URL"
        await disconnect(queue)
        raise SettingsError(
            f"STRANGLER_{name}: jobs cannot be queued there ({type(error).__name__}: {error}) — "
            "check the setting and the server"
        ) from None


async def disconnect(queue: Queue) -> None:
    """Whether the server is there to be told, or not."""
    with suppress(RedisError, PsycopgError, OSError):
        await queue.disconnect()


def _site(native_url: str) -> str:
    parts = conninfo_to_dict(libpq_url(native_url))
    place = f"{parts.get('host')}:{parts.get('port', 5432)}/{parts.get('dbname')}"
    return sha256(place.encode()).hexdigest()[:8]
