"""One end of a TCP connection, octet by octet: nothing is read or sent before a test says so."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Literal, Self

from tests.proxy.http.messages import (
    Answer,
    AnswerHead,
    MalformedError,
    RequestHead,
    answer_head,
    chunk_size,
    framing_of,
    request_head,
)

PATIENCE = 20.0
"""Seconds that anything may take before the test has failed, however busy the machine is."""

STANDSTILL = 0.3
"""Seconds in which a machine moves many megabytes that nothing holds up."""

BODILESS = (204, 304)
Ending = Literal["closed", "reset"]


class EndedError(Exception):
    """The other end closed before what was waited for had come; `data` is what came."""

    def __init__(self, how: Ending, data: bytes) -> None:
        super().__init__(f"{how} after {data[-200:]!r}")
        self.how = how
        self.data = data


class TruncatedError(EndedError):
    """The answer ended before its end: `head` had come, and `data` of its body (decoded)."""

    def __init__(self, how: Ending, head: AnswerHead, data: bytes) -> None:
        super().__init__(how, data)
        self.head = head


class End:
    """Reads and writes exact octets. Every wait ends after `PATIENCE` seconds (`TimeoutError`)."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.received = bytearray()
        self._unread = bytearray()
        self._reading = False
        self._loop = asyncio.get_running_loop()

    async def say(self, *pieces: bytes) -> Self:
        """Send each piece by itself."""
        for piece in pieces:
            async with asyncio.timeout(PATIENCE):
                await self._loop.sock_sendall(self.sock, piece)
        return self

    async def exactly(self, size: int) -> bytes:
        while len(self._unread) < size:
            await self._more()
        return self._take(size)

    async def until(self, mark: bytes) -> bytes:
        """All up to and including the mark."""
        while (at := self._unread.find(mark)) < 0:
            await self._more()
        return self._take(at + len(mark))

    async def some(self) -> bytes:
        """What has come, at least one octet."""
        if not self._unread:
            await self._more()
        return self._take(len(self._unread))

    async def rest(self) -> bytes:
        """All until the other end closes in order; a reset raises `EndedError`."""
        data = await self._all()
        if data.how == "reset":
            raise data
        return data.data

    async def gone(self) -> Ending:
        """How the other end ends; octets that come before are put into `received` only."""
        return (await self._all()).how

    async def _all(self) -> EndedError:
        data = bytearray(self._take(len(self._unread)))
        while True:
            try:
                await self._more()
            except EndedError as ended:
                return EndedError(ended.how, bytes(data))
            data += self._take(len(self._unread))

    def silent(self) -> bool:
        """Whether nothing has come that was not read; for use after something that came later."""
        with suppress(BlockingIOError):
            return not self._unread and not self.sock.recv(1, socket.MSG_PEEK)
        return not self._unread

    def half_close(self) -> None:
        """Say that nothing more will be sent; go on reading."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()

    def take_little(self, size: int = 4096) -> None:
        """Let the kernel hold little of what the other end sends, so that it soon must wait."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    async def chunks(self) -> bytes:
        """A chunked body, decoded, up to its last chunk; trailers are an error."""
        body = bytearray()
        try:
            while size := chunk_size((await self.until(b"\r\n"))[:-2]):
                body += await self.exactly(size)
                await self._expect(b"\r\n")
            await self._expect(b"\r\n")
        except EndedError as ended:
            raise EndedError(ended.how, bytes(body) + ended.data) from None
        return bytes(body)

    async def _expect(self, octets: bytes) -> None:
        came = await self.exactly(len(octets))
        if came != octets:
            raise MalformedError(f"{came!r} where {octets!r} must stand")

    async def _more(self) -> None:
        assert not self._reading, "a script and its test read the same connection at once"
        self._reading = True
        try:
            async with asyncio.timeout(PATIENCE):
                data = await self._loop.sock_recv(self.sock, 65536)
        except ConnectionError:
            raise EndedError("reset", self._take(len(self._unread))) from None
        finally:
            self._reading = False
        if not data:
            raise EndedError("closed", self._take(len(self._unread)))
        self.received += data
        self._unread += data

    def _take(self, size: int) -> bytes:
        data = bytes(self._unread[:size])
        del self._unread[:size]
        return data


class Client(End):
    """The visitor's end; `heads` are those of all it was answered."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.heads: list[AnswerHead] = []

    async def head(self) -> AnswerHead:
        """The next head, interim or final."""
        head = answer_head(await self.until(b"\r\n\r\n"))
        self.heads.append(head)
        return head

    async def answer(self, method: str = "GET") -> Answer:
        """One whole answer to a request with that method. Raises `TruncatedError`."""
        interim = []
        while (head := await self.head()).status < 200 and head.status != 101:
            framing_of(head, bodiless=True, otherwise="none")
            interim.append(head)
        bodiless = method == "HEAD" or head.status in BODILESS or head.status == 101
        framing, length = framing_of(head, bodiless=bodiless, otherwise="close")
        try:
            body = await self._body(framing, length)
        except EndedError as ended:
            raise TruncatedError(ended.how, head, ended.data) from None
        return Answer(head, body, framing, tuple(interim))

    async def last_answer(self, method: str = "GET") -> Answer:
        """One whole answer, after which the proxy closes without another octet."""
        answer = await self.answer(method)
        assert await self.rest() == b""
        return answer

    async def _body(self, framing: str, length: int) -> bytes:
        if framing == "chunked":
            return await self.chunks()
        if framing == "length":
            return await self.exactly(length)
        return await self.rest() if framing == "close" else b""


class Peer(End):
    """The upstream's end of one connection; `heads` and `bodies` are what it was asked. `played` is
    set when its script is over."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.heads: list[RequestHead] = []
        self.bodies: list[bytes] = []
        self.played = asyncio.Event()

    async def head(self) -> RequestHead:
        head = request_head(await self.until(b"\r\n\r\n"))
        self.heads.append(head)
        return head

    async def body(self, head: RequestHead) -> bytes:
        """The whole body of the request, decoded."""
        framing, length = framing_of(head, bodiless=False, otherwise="none")
        body = await self.chunks() if framing == "chunked" else await self.exactly(length)
        self.bodies.append(body)
        return body

    async def request(self) -> RequestHead:
        """One whole request."""
        head = await self.head()
        await self.body(head)
        return head


async def stops(speaker: End, said: bytes, reader: End) -> None:
    """The speaker cannot get rid of it all while nobody reads; then the reader gets it all."""
    async with asyncio.TaskGroup() as group:
        saying = group.create_task(speaker.say(said))
        done, _ = await asyncio.wait((saying,), timeout=STANDSTILL)
        assert not done, f"{len(said)} octets went where nobody read them"
        left = len(said)
        while left > 0:
            left -= len(await reader.some())
    assert left == 0
