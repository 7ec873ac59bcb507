"""A worker hears which tables changed: LISTEN on the native database, over a connection of its own.

    connect ─▶ LISTEN ─▶ pulses and changes ─▶ the connection ends ─▶ deaf, a pause, connect again

A connection that is silent for long is asked for a sign of life, since one that leads nowhere does
not end by itself.
"""

import asyncio
import logging

import asyncpg

from legacy_bridge.reactions.announcement import CHANNEL, Announcement, decode
from ported_domains.shared.caching.cache import AnswerCache

CONNECT_SECONDS = 3.0
SILENT_SECONDS = 5.0
PAUSE_SECONDS = (0.1, 5.0)
"""Between attempts to connect: from, to."""

log = logging.getLogger(__name__)


async def listen(database_url: str, cache: AnswerCache) -> None:
    """Tell the cache what is announced, until cancelled."""
    pause, said = PAUSE_SECONDS[0], ""
    while True:
        session = Session(cache)
        try:
            await session.run(database_url)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            fault = " ".join(str(error).split()) or type(error).__name__
            if session.heard:
                pause, said = PAUSE_SECONDS[0], ""
            if fault != said:
                log.warning("nothing is heard of changes, so no answer is kept: %s", fault)
            said = fault
        await asyncio.sleep(pause)
        pause = min(2 * pause, PAUSE_SECONDS[1])


class Session:
    """One connection. `heard`: something was said over it."""

    def __init__(self, cache: AnswerCache) -> None:
        self.heard = False
        self._cache = cache
        self._ended = asyncio.Event()
        self._silent = False

    async def run(self, database_url: str) -> None:
        """Until the connection ends. Raises what asyncpg does, and `OSError`."""
        connection = await asyncpg.connect(
            database_url,
            timeout=CONNECT_SECONDS,
            command_timeout=CONNECT_SECONDS,
            server_settings={"application_name": "strangler cache"},
        )
        try:
            connection.add_termination_listener(self._terminated)
            await connection.add_listener(CHANNEL, self._announced)
            while not self._ended.is_set():
                await self._quiet_time()
                if self._silent:
                    await connection.execute("SELECT 1")
            raise ConnectionResetError("the database has closed the connection")
        finally:
            self._terminated(connection)
            connection.terminate()

    async def _quiet_time(self) -> None:
        """Until the end, or until it is time to look whether anything was said."""
        self._silent = True
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            return

    def _announced(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        if self._ended.is_set():
            return  # what is said late cannot be relied on
        self.heard, self._silent = True, False
        try:
            self._take(decode(str(text)))
        except ValueError as error:
            log.warning("everything counts as changed: %s", error)
            self._cache.changed(None)

    def _take(self, announcement: Announcement) -> None:
        if announcement.is_pulse:
            self._cache.pulse()
        else:
            self._cache.changed(announcement.tables)

    def _terminated(self, _connection: object) -> None:
        self._ended.set()
        self._cache.deaf()
