"""One Redis server on a free port, in memory only: it is a cache and a queue here."""

import secrets
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from proxy.embedded.binaries import redis_server
from proxy.embedded.child import Child, on_free_port, quiet_environment, write_private

START_SECONDS = 20

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
daemonize no
save ""
appendonly no
"""


class EmbeddedRedis:
    """A running server. `folder` is locked by the caller and holds its log and configuration."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password = secrets.token_urlsafe(24)
        self._server = on_free_port(self._start)

    @property
    def url(self) -> str:
        """`redis://…` of its first database, with the password."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def close(self) -> None:
        self._server.close()

    def _start(self, port: int) -> Child:
        self._port = port
        config = self._folder / "redis.conf"
        write_private(config, CONFIG.format(port=port, password=self._password))
        server = Child(
            "Redis",
            [str(redis_server()), str(config)],
            log=self._folder / "redis.log",
            environment=quiet_environment(),
            folder=self._folder,
        )
        server.wait_until(self._answers, within=START_SECONDS)
        return server

    def _answers(self) -> bool:
        once = Retry(NoBackoff(), retries=0)
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url, retry=once) as client:
            return bool(client.ping())
        return False
