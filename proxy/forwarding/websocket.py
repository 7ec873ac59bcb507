"""One WebSocket: shake hands upstream first, then accept the client, then pass messages both ways.

    0 refuse     what must not be forwarded                      READ_REQUEST
    1 connect    a connection of its own, not from the pool      CONNECT
    2 ask        the client's request; key and version are ours  SEND_HEAD
    3 await      101, or the upstream's refusal, passed on       AWAIT_HEAD
    4 accept     with the subprotocol that the upstream chose
    5 relay      messages and close codes, until either side ends UPGRADED

Frames, masks and the handshake's arithmetic are `websockets`' (its Sans-I/O protocol). Pings are
answered hop by hop: ASGI has no message for them. No extension is offered to the upstream.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeVar

from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import OPEN, Event
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from proxy.forwarding.asgi import Fields, Receive, Scope, Send
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.faults import (
    BEGUN,
    STATUS,
    Cause,
    Fault,
    ForwardingError,
    Outcome,
    Side,
    Stage,
    plain_answer,
)
from proxy.forwarding.request import ForwardContext, Identity, request_head
from proxy.forwarding.response import forwarded_fields
from proxy.forwarding.upstream import Upstream

CLOSE_WAIT = 2.0
"""Seconds for the upstream to answer our close before the connection is cut."""

READ_SIZE = 64 * 1024
DENIAL = "websocket.http.response"
_HANDSHAKE_ONLY = frozenset((b"date", b"content-length", b"server"))
_UNSENDABLE = frozenset((1004, 1005, 1006, 1015))

T = TypeVar("T")


class WebSocket:
    """One client's WebSocket and its counterpart upstream."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        upstream: Upstream,
        identity: Identity,
        config: ForwardingConfig,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._upstream = upstream
        self._identity = identity
        self._config = config
        self._bytes_in = 0
        self._bytes_out = 0
        self._client_gone = False
        self._early: list[Event] = []
        self._parts: list[bytes] = []
        self._opcode = Opcode.BINARY
        self._protocol = ClientProtocol(
            WebSocketURI(upstream.tls is not None, upstream.host, upstream.port, "/", ""),
            subprotocols=[Subprotocol(name) for name in scope.get("subprotocols", ())] or None,
            max_size=config.max_message,
        )

    async def run(self, context: ForwardContext) -> Outcome:
        """Status 101 where the client was accepted, else that of the refusal."""
        message = await self._receive()
        if message["type"] != "websocket.connect":
            return Outcome(None, Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.CLOSED))
        loop = asyncio.get_running_loop()
        writer: asyncio.StreamWriter | None = None
        try:
            head = self._head(context)
            reader, writer = await self._connect()
            asked_at = loop.time()
            writer.write(head)
            response = await self._handshake(reader)
            seconds = loop.time() - asked_at
            if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
                status = await self._deny(
                    response.status_code, _fields_of(response), bytes(response.body or b"")
                )
                return Outcome(status, None, seconds, 0, self._bytes_out)
            await self._accept(response)
            fault = await self._relay(reader, writer)
            return Outcome(101, fault, seconds, self._bytes_in, self._bytes_out)
        except ForwardingError as failed:
            return await self._refuse(failed.fault)
        finally:
            if writer is not None:
                writer.transport.abort()

    # 0 to 3 refuse, connect, ask, await

    def _head(self, context: ForwardContext) -> bytes:
        lines = [
            b"connection: Upgrade",
            b"upgrade: websocket",
            b"sec-websocket-version: 13",
            b"sec-websocket-key: " + self._protocol.key.encode("ascii"),
        ]
        if names := self._scope.get("subprotocols"):
            lines.append(b"sec-websocket-protocol: " + ", ".join(names).encode("latin-1"))
        scope = {**self._scope, "method": "GET"}
        return request_head(scope, context, self._identity, extra=tuple(lines)).data

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        upstream = self._upstream
        opening = asyncio.open_connection(upstream.host, upstream.port, ssl=upstream.tls)
        try:
            return await _within(self._config.connect_timeout, opening)
        except TimeoutError:
            raise _failed(Stage.CONNECT, Cause.LATE) from None
        except OSError:
            raise _failed(Stage.CONNECT, Cause.CLOSED) from None

    async def _handshake(self, reader: asyncio.StreamReader) -> Response:
        try:
            return await _within(self._config.read_timeout, self._response(reader))
        except TimeoutError:
            raise _failed(Stage.AWAIT_HEAD, Cause.LATE) from None
        except OSError:
            raise _failed(Stage.AWAIT_HEAD, Cause.CLOSED) from None

    async def _response(self, reader: asyncio.StreamReader) -> Response:
        """The 101 that was checked, or the whole of a refusal; what follows the 101 is kept."""
        protocol = self._protocol
        silent = True
        while True:
            data = await reader.read(READ_SIZE)
            if data:
                silent = False
                protocol.receive_data(data)
            else:
                protocol.receive_eof()
            events = protocol.events_received()
            if events and isinstance(response := events[0], Response):
                if protocol.handshake_exc is not None and response.status_code == 101:
                    raise _failed(Stage.AWAIT_HEAD, Cause.INVALID)
                self._early = events[1:]
                return response
            if protocol.handshake_exc is not None or not data:
                raise _failed(Stage.AWAIT_HEAD, Cause.CLOSED if silent else Cause.INVALID)

    async def _refuse(self, fault: Fault) -> Outcome:
        status = STATUS[fault]
        if status == BEGUN:
            return Outcome(101, fault, None, self._bytes_in, self._bytes_out)
        return Outcome(await self._deny(status, *plain_answer(status)), fault)

    async def _deny(self, status: int, fields: Fields, body: bytes) -> int:
        """As an HTTP answer where the server can send one; else it makes 403 of the close."""
        if DENIAL not in (self._scope.get("extensions") or {}):
            await self._send({"type": "websocket.close", "code": CloseCode.POLICY_VIOLATION})
            return HTTPStatus.FORBIDDEN
        await self._send({"type": f"{DENIAL}.start", "status": status, "headers": fields})
        await self._send({"type": f"{DENIAL}.body", "body": body})
        self._bytes_out = len(body)
        return status

    # 4 accept

    async def _accept(self, response: Response) -> None:
        fields = [
            field
            for field in _fields_of(response)
            if field[0] not in _HANDSHAKE_ONLY and not field[0].startswith(b"sec-websocket-")
        ]
        await self._send(
            {
                "type": "websocket.accept",
                "subprotocol": self._protocol.subprotocol,
                "headers": fields,
            }
        )

    # 5 relay

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Fault | None:
        client = asyncio.get_running_loop().create_task(self._from_client(writer))
        try:
            await self._from_upstream(reader, writer)
        finally:
            client.cancel()
        # Granian's send of a close waits for a receive under way: let that one end first.
        await asyncio.wait((client,))
        return await self._end()

    async def _from_client(self, writer: asyncio.StreamWriter) -> None:
        protocol = self._protocol
        while protocol.state is OPEN:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._client_gone = True
                self._close_upstream(writer, message.get("code"), message.get("reason") or "")
                return
            if protocol.state is not OPEN:
                return
            if (text := message.get("text")) is not None:
                data = text.encode()
                protocol.send_text(data)
            else:
                data = message["bytes"]
                protocol.send_binary(data)
            self._bytes_in += len(data)
            self._flush(writer)
            with suppress(ConnectionError):
                await writer.drain()

    def _close_upstream(self, writer: asyncio.StreamWriter, code: int | None, reason: str) -> None:
        """A client that vanished is made known as such: no close frame, only the end."""
        if self._protocol.state is not OPEN or code == CloseCode.ABNORMAL_CLOSURE:
            writer.transport.abort()
            return
        if code is None or code == CloseCode.NO_STATUS_RCVD:
            self._protocol.send_close()
        else:
            self._protocol.send_close(_sendable(code), reason)
        self._flush(writer)
        asyncio.get_running_loop().call_later(CLOSE_WAIT, writer.transport.abort)

    async def _from_upstream(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Until the upstream closed, in whichever way."""
        protocol = self._protocol
        events = self._early
        while True:
            for event in events:
                if isinstance(event, Frame) and not self._client_gone:
                    await self._pass_to_client(event)
            self._flush(writer)
            if protocol.close_rcvd is not None or protocol.parser_exc is not None:
                return
            try:
                data = await reader.read(READ_SIZE)
            except OSError:
                data = b""
            if data:
                protocol.receive_data(data)
            else:
                protocol.receive_eof()
            events = protocol.events_received()

    async def _pass_to_client(self, frame: Frame) -> None:
        """ASGI knows whole messages only: fragments are put together."""
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._opcode = frame.opcode
        elif frame.opcode is not Opcode.CONT:
            return
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return
        data = b"".join(self._parts)
        self._parts.clear()
        message: dict[str, Any] = {"type": "websocket.send"}
        if self._opcode is Opcode.BINARY:
            message["bytes"] = data
        else:
            try:
                message["text"] = data.decode()
            except UnicodeDecodeError as error:
                self._protocol.fail(CloseCode.INVALID_DATA, error.reason)
                self._protocol.parser_exc = error
                return
        self._bytes_out += len(data)
        await self._send(message)

    async def _end(self) -> Fault | None:
        """Tell the client how it ended."""
        protocol = self._protocol
        fault, code, reason = None, int(CloseCode.INTERNAL_ERROR), ""
        if isinstance(protocol.parser_exc, PayloadTooBig):
            fault = Fault(Stage.UPGRADED, Side.UPSTREAM, Cause.LIMIT)
            code = CloseCode.MESSAGE_TOO_BIG
        elif protocol.close_rcvd is not None:
            code, reason = protocol.close_rcvd.code, protocol.close_rcvd.reason
        elif self._client_gone:
            return Fault(Stage.UPGRADED, Side.CLIENT, Cause.CLOSED)
        else:
            broken = isinstance(protocol.parser_exc, EOFError)
            cause = Cause.CLOSED if broken else Cause.INVALID
            fault = Fault(Stage.UPGRADED, Side.UPSTREAM, cause)
        if not self._client_gone:
            close = {"type": "websocket.close", "code": _sendable(code), "reason": reason}
            await self._send(close)
        return fault

    def _flush(self, writer: asyncio.StreamWriter) -> None:
        for data in self._protocol.data_to_send():
            if data and not writer.is_closing():
                writer.write(data)


def _fields_of(response: Response) -> Fields:
    seen = [
        (name.lower().encode("ascii"), value.encode("ascii", "surrogateescape"))
        for name, value in response.headers.raw_items()
    ]
    options = b",".join(value for name, value in seen if name == b"connection")
    fields = forwarded_fields(seen, response.status_code, b"1.1", options)
    return [field for field in fields if field[0] != b"content-length"] + (
        [(b"content-length", b"%d" % len(response.body or b""))]
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS
        else []
    )


def _sendable(code: int) -> int:
    """RFC 6455 §7.4: some codes only report, and are never sent."""
    if code == CloseCode.NO_STATUS_RCVD:
        return CloseCode.NORMAL_CLOSURE
    if code in _UNSENDABLE or not 1000 <= code < 5000:
        return CloseCode.INTERNAL_ERROR
    return code


def _failed(stage: Stage, cause: Cause) -> ForwardingError:
    return ForwardingError(Fault(stage, Side.UPSTREAM, cause))


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.timeout` needs an asyncio task, which the server's need not be."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        await asyncio.wait((task,), timeout=seconds)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
