"""PostgreSQL and Redis together, in one folder that one process uses at a time."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Self

from proxy.embedded.child import EmbeddedError
from proxy.embedded.postgres import EmbeddedPostgres
from proxy.embedded.redis import EmbeddedRedis


class EmbeddedStack:
    """Both servers, running from construction until `close()` or the end of this process.

    `folder` is made if absent and may be started again later, with its databases as they were;
    `durable=False` trades what a crash of the machine would lose for speed; `options` are settings
    of PostgreSQL's.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._folder = folder.resolve()
        with ExitStack() as opened:
            opened.callback(os.close, _lock(self._folder))
            self._postgres = EmbeddedPostgres(self._folder, durable=durable, options=options)
            opened.callback(self._postgres.close)
            self._redis = EmbeddedRedis(self._folder)
            opened.callback(self._redis.close)
            self._opened = opened.pop_all()

    @property
    def redis_url(self) -> str:
        return self._redis.url

    def postgres_url(self, database: str) -> str:
        """`postgresql://…` of a database of this stack, whether it exists or not."""
        return self._postgres.url(database)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of `template` (nobody may be using it): its URL."""
        self._postgres.execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template or "template0"
        )
        return self.postgres_url(name)

    def has_database(self, name: str) -> bool:
        return self._postgres.has_database(name)

    def close(self) -> None:
        """Stop both. The folder keeps its databases."""
        self._opened.close()

    def delete(self) -> None:
        """Stop both and remove everything they kept."""
        self.close()
        self._postgres.delete()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def temporary_stack() -> Iterator[EmbeddedStack]:
    """Servers for the length of a block, in a folder of their own that goes afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-"))
    folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
    stack = EmbeddedStack(folder, durable=False)
    try:
        yield stack
    finally:
        stack.delete()


def _lock(folder: Path) -> int:
    """Take the folder for this process; the lock goes with it, even after SIGKILL."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 32, 0).decode() or "unknown"
        os.close(lock)
        raise EmbeddedError(f"{folder} is in use by process {owner}: stop that one first") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
