import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ported_domains.downloads.cycle_source import ReleaseCycle

CYCLE = {"3.14": {"status": "bugfix"}}


@asynccontextmanager
async def answering(status: str, body: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers everything alike, its URL, and the requests it got."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/cycle.json", asked


async def test_asks_once_and_keeps_no_page_waiting() -> None:
    async with answering("200 OK", json.dumps(CYCLE)) as (url, asked):
        cycle = ReleaseCycle(url)
        assert cycle() is None
        assert cycle() is None
        await cycle.settled()
        assert cycle() == CYCLE
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [("503 Service Unavailable", "{}"), ("200 OK", "not json"), ("200 OK", '["3.14"]')],
)
async def test_a_failure_is_logged_and_not_repeated_at_once(
    status: str, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering(status, body) as (url, asked):
        cycle = ReleaseCycle(url)
        assert cycle() is None
        await cycle.settled()
        assert cycle() is None
        await cycle.settled()
        assert len(asked) == 1
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage().partition(": ")[0] for record in warnings] == [
        f"no release cycle from {url}"
    ]


async def test_what_was_heard_stays_when_the_source_fails() -> None:
    async with answering("200 OK", json.dumps(CYCLE)) as (url, _):
        cycle = ReleaseCycle(url)
        cycle()
        await cycle.settled()
    cycle._ask_again = 0.0  # as if an hour had gone by; the server is gone meanwhile
    assert cycle() == CYCLE
    await cycle.settled()
    assert cycle() == CYCLE
