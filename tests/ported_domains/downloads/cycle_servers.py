"""A release-cycle API on a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CYCLE: Mapping[str, Any] = {"3.14": {"status": "bugfix", "pep": 745}}
NEXT: Mapping[str, Any] = {"3.15": {"status": "feature", "pep": 790}, **CYCLE}


@dataclass
class CycleServer:
    """Answers everything alike, as its fields say, as soon as `free` is set."""

    url: str = ""
    status: str = "200 OK"
    fields: str = ""
    body: bytes = json.dumps(CYCLE).encode()
    asked: list[bytes] = field(default_factory=list)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    answering: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answering.add(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        await self.free.wait()
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n{self.fields}"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + self.body)
        writer.close()
        with suppress(ConnectionError):  # whoever asked may have gone
            await writer.wait_closed()


@asynccontextmanager
async def cycle_server(**said: Any) -> AsyncIterator[CycleServer]:
    serving = CycleServer(**said)
    serving.free.set()
    server = await asyncio.start_server(serving.accept, "127.0.0.1", 0)
    serving.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/cycle.json"
    async with server:
        yield serving
        serving.free.set()
        await asyncio.gather(*serving.answering)


class Time:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now
