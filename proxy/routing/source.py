"""routing.yaml on disk, followed: the last good table stays in force whatever happens to the file.

The file is read anew five times a second and compared byte for byte. At its size that costs less
than a request, and unlike a look at inode and mtime it misses no way of saving: a rename, a
truncated and rewritten file, a switched symlink, two writes within one tick of the clock.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from proxy.routing.config import RoutingConfig
from proxy.routing.faults import Fault, RoutingError
from proxy.routing.legacy_pages import LegacyPages
from proxy.routing.parse import Known, parse_bytes, read_bytes
from proxy.routing.table import RoutingTable

POLL = 0.2
SETTLE = 0.1
"""Seconds. A new content counts when it was read twice, so that a file half written does not."""

log = structlog.get_logger("routing")


@dataclass(frozen=True, slots=True)
class Reload:
    """An edit was seen. With `faults` it changed nothing, and `new` is `old`."""

    old: RoutingTable
    new: RoutingTable
    faults: tuple[Fault, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is in force, swapped in one assignment."""

    table: RoutingTable
    config: RoutingConfig
    digest: str


class RoutingSource:
    """The table in force, and what is wrong with the file now if it is another one.

    `on_change` is called in the event loop for each edit, good or not, after it took effect.
    """

    def __init__(
        self,
        path: Path,
        known_domains: Known,
        on_change: Callable[[Reload], None] | None = None,
        legacy_pages: LegacyPages | None = None,
    ) -> None:
        """Read the file; raises `RoutingError` for a fault, as there is no last good table."""
        self._path = path
        self._known_domains = known_domains
        self._on_change = on_change
        self._legacy_pages = legacy_pages
        self._content = read_bytes(path)
        self._faults: tuple[Fault, ...] = ()
        self._loaded = self._load(self._content)
        self.table = self._loaded.table
        """The last good table: a plain attribute, as every request asks for it."""

    @property
    def config(self) -> RoutingConfig:
        """The config that the table was built from."""
        return self._loaded.config

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the content in force: equal in all workers that agree."""
        return self._loaded.digest

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps the file as it is on disk from being in force; empty when it is."""
        return self._faults

    async def watch(self) -> None:
        """Follow the file until cancelled. Never raises."""
        unsettled: bytes | Fault | None = None
        while True:
            await asyncio.sleep(POLL if unsettled is None else SETTLE)
            try:
                content = await asyncio.to_thread(read_bytes, self._path)
                if content == self._content:
                    unsettled = None
                elif content != unsettled:
                    unsettled = content
                else:
                    unsettled = None
                    await self._take(content)
            except Exception:
                log.exception("routing_watch_failed", path=str(self._path))

    async def _take(self, content: bytes | Fault) -> None:
        """Put a new content in force, or keep its faults."""
        self._content = content
        old = self.table
        try:
            self._loaded = await asyncio.to_thread(self._load, content)
            self.table = self._loaded.table
            self._faults = ()
        except RoutingError as error:
            self._faults = error.faults
        if self._on_change:
            self._on_change(Reload(old, self.table, self._faults, self.digest))

    def _load(self, content: bytes | Fault) -> _Loaded:
        if isinstance(content, Fault):
            raise RoutingError([content], str(self._path))
        config = parse_bytes(content, self._known_domains, str(self._path))
        digest = hashlib.sha256(content).hexdigest()
        table = RoutingTable.build(config, self._legacy_pages)
        return _Loaded(table, config, digest)
