"""Steps of the walk: what passes piece by piece. A long body, events as they happen, WebSocket."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from proxy.demo.expectations import NotSeenError, expect
from proxy.demo.memory import AddedMemory
from proxy.demo.system import System

UPLOAD_BYTES = 314_573_125
"""300 MiB and a little, so that no buffer's size divides it."""
PIECE = 256 * 1024
FILLING = bytes(range(256)) * (PIECE // 256)
MEMORY_BYTES = 64 * 1024 * 1024
EVENTS = 5
ANSWER_SECONDS = 10
# The last one stays 1 MiB on the way, compressed or not.
MESSAGES = ("Grüße, 世界", bytes(range(256)), hashlib.shake_128().digest(1024 * 1024))


def large_upload(system: System, visitor: httpx.Client) -> str:
    processes = system.proxy.processes()
    expect(len(processes) > 2, "the two workers of the proxy are not below its first process")
    sent, memory = hashlib.sha256(), AddedMemory(processes)
    headers = {"content-length": str(UPLOAD_BYTES), "content-type": "application/octet-stream"}
    answer = visitor.post("/streams/sink/", content=_watched(sent, memory), headers=headers)
    memory.look()
    expect(answer.status_code == 200, f"the upload answered {answer.status_code}")
    expected = {"bytes": UPLOAD_BYTES, "sha256": sent.hexdigest()}
    expect(answer.json() == expected, f"Django got {answer.json()} instead of {expected}")
    added = f"{memory.most / 1024 / 1024:.1f} MiB"
    expect(memory.most < MEMORY_BYTES, f"the proxy took {added} more")
    return f"{UPLOAD_BYTES:,} bytes, same SHA-256 in Django; the proxy took {added} more at most"


def live_events(system: System, visitor: httpx.Client) -> str:
    page = f"/streams/events/{uuid4()}/"
    with visitor.stream("GET", page) as answer:
        expect(answer.status_code == 200, f"the events answered {answer.status_code}")
        seen = []
        for number in _numbers(answer.iter_lines()):
            seen.append(number)
            # Only now does the view send the next one.
            told = visitor.post(f"{page}ack?n={number}")
            expect(told.status_code == 204, f"acknowledging answered {told.status_code}")
    expect(seen == list(range(1, EVENTS + 1)), f"of {EVENTS} events these came in time: {seen}")
    return f"{EVENTS} events, each seen before the next was sent"


def websocket_echo(system: System, visitor: httpx.Client) -> str:
    url = f"{system.proxy.url.replace('http', 'ws', 1)}/streams/echo/"
    with connect(url, proxy=None, max_size=None) as channel:
        for message in MESSAGES:
            channel.send(message)
            back = channel.recv(timeout=ANSWER_SECONDS)
            expect(back == message, f"{message[:20]!r}… came back as {back[:20]!r}…")
        channel.close(4001, "seen")
    expect(channel.close_code == 4001, f"our 4001 was answered with {channel.close_code}")
    with connect(url, proxy=None) as channel:
        channel.send("close 4002 enough")
        closed = _close_of(channel)
    expect(closed == (4002, "enough"), f"the site's 4002 arrived as {closed}")
    return "text, bytes and 1 MiB came back; close codes arrive from either side"


def _watched(digest: "hashlib._Hash", memory: AddedMemory) -> Iterator[bytes]:
    for number, start in enumerate(range(0, UPLOAD_BYTES, PIECE)):
        # No two pieces alike: one lost, doubled or out of order changes the digest.
        piece = (number.to_bytes(8, "big") + FILLING)[: min(PIECE, UPLOAD_BYTES - start)]
        digest.update(piece)
        yield piece
        memory.look()


def _numbers(lines: Iterable[str]) -> Iterator[int]:
    """The number of each event, once the empty line at its end is there."""
    number = None
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "id":
            number = int(value)
        elif not line and number is not None:
            yield number
            number = None


def _close_of(channel: ClientConnection) -> tuple[int, str] | None:
    try:
        message = channel.recv(timeout=ANSWER_SECONDS)
    except ConnectionClosed as closed:
        return None if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason)
    raise NotSeenError(f"instead of closing, the site said {message[:20]!r}")
