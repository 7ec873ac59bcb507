"""`strangler serve` between a scripted client and a scripted upstream, both octet by octet."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from tests.proxy.http.ends import PATIENCE, Client
from tests.proxy.http.messages import Answer, Head, RequestHead
from tests.proxy.http.upstream import Script, Upstream, answering

HOST = b"Host: www.example.org\r\n"
STRANGER = "127.0.0.1"
TRUSTED = "127.0.0.2"
"""Source addresses of clients; the proxy believes what the second says of where it comes from."""

UPSTREAM_TIMEOUT = 1.0
HEAD_TIMEOUT = 1.0
CLIENT_TIMEOUT = 1.0
KEEPALIVE = 2.0
MAX_BODY = 16 * 1024 * 1024
"""Seconds and bytes that the proxy of the tests is set to."""

ROUTING = f"""\
version: 1
legacy:
  timeout: {UPSTREAM_TIMEOUT}s
  connect_timeout: {UPSTREAM_TIMEOUT}s
  max_body: {MAX_BODY}
  breaker: {{failures: 1000}}
  retry_budget: 100
"""
SETTINGS = {
    "STRANGLER_TRUSTED_PROXIES": f"{TRUSTED}/32",
    "STRANGLER_HEAD_TIMEOUT": str(HEAD_TIMEOUT),
    "STRANGLER_CLIENT_TIMEOUT": str(CLIENT_TIMEOUT),
    "STRANGLER_KEEPALIVE": str(KEEPALIVE),
}
LOOK_AGAIN = 0.01
_VIA = re.compile(rb"1\.1 (strangler-[!#$%&'*+\-.^_`|~0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the upstream received it, and its answer as the client did."""

    request: RequestHead
    body: bytes
    answer: Answer


class Harness:
    """The proxy and its upstream; `forget` parts one test from the next.

    `pseudonym` is the proxy's name in the Via of requests.
    """

    def __init__(self, proxy: RunningProxy, port: int, upstream: Upstream) -> None:
        self.proxy = proxy
        self.port = port
        self.upstream = upstream
        self.pseudonym = b""
        self._clients: list[Client] = []
        self._log_start = 0
        self._past: set[bytes] = set()  # ids of requests whose lines the log may write only now

    async def meet(self) -> None:
        """Learn the proxy's pseudonym."""
        await self.ask(request())
        via = _VIA.fullmatch(self.upstream.head.value(b"via"))
        assert via is not None
        self.pseudonym = via[1]

    async def forget(self) -> None:
        """Close all connections; nothing that came before counts from here on."""
        heads: list[Head] = [head for client in self._clients for head in client.heads]
        for head in heads + self.upstream.heads:
            self._past.update(head.values(b"x-request-id"))
        for client in self._clients:
            client.close()
        self._clients.clear()
        await self.upstream.forget()
        self._log_start = self.proxy.log.stat().st_size

    async def client(self, source: str = STRANGER, *, receive_buffer: int = 0) -> Client:
        """A new connection from that address; `receive_buffer` bytes make a slow reader."""
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((source, 0))
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        client = Client(sock)
        self._clients.append(client)
        return client

    async def ask(self, *pieces: bytes, source: str = STRANGER, method: str = "GET") -> Answer:
        """Send a request on a connection of its own, and read one answer."""
        client = await self.client(source)
        await client.say(*pieces)
        answer = await client.answer(method)
        client.close()
        return answer

    async def exchange(
        self,
        *pieces: bytes,
        answer: bytes = b"",
        script: Script | None = None,
        source: str = STRANGER,
        method: str = "GET",
    ) -> Exchange:
        """Send a request that reaches the upstream exactly once, which plays `answer`."""
        if script or answer:
            self.upstream.play(script or answering(answer))
        came = await self.ask(*pieces, source=source, method=method)
        bodies = self.upstream.bodies
        return Exchange(self.upstream.head, bodies[0] if bodies else b"", came)

    async def refused(self, *pieces: bytes, status: int, source: str = STRANGER) -> Answer:
        """Send what must be refused: our own answer, then the end; nothing reaches the upstream."""
        client = await self.client(source)
        await client.say(*pieces)
        answer = await client.last_answer()
        assert answer.status == status, answer
        assert answer.body == b"%d %b\n" % (status, answer.head.reason)
        assert answer.value(b"content-type").partition(b";")[0] == b"text/plain"
        assert answer.values(b"connection") == [b"close"]
        assert self.upstream.heads == []
        return answer

    async def line(self, **wanted: object) -> dict[str, Any]:
        """The first line of the access log, in this test, in which all these keys are so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self._lines():
                if all(line.get(key) == value for key, value in wanted.items()):
                    return line
            await asyncio.sleep(LOOK_AGAIN)
        raise AssertionError(f"no line with {wanted} in {self._lines()}")

    def _lines(self) -> list[dict[str, Any]]:
        with self.proxy.log.open("rb") as log:
            log.seek(self._log_start)
            whole = log.read().rpartition(b"\n")[0].splitlines()
        lines = [json.loads(line) for line in whole if line.startswith(b"{")]
        return [
            line
            for line in lines
            if line.get("event") == "request" and line["request_id"].encode() not in self._past
        ]

    async def metric(self, name: str, **labels: str) -> float:
        """A sample of the proxy's metrics page as it is now; 0 where it is not there."""
        answer = await self.ask(b"GET /__strangler__/metrics HTTP/1.1\r\n" + HOST + b"\r\n")
        assert answer.status == 200
        for line in answer.body.decode().splitlines():
            sample, _, value = line.rpartition(" ")
            if _same_sample(sample, name, labels):
                return float(value)
        return 0.0

    async def faults(self, fault: str) -> float:
        """How often there was this `stage/side/cause`, by the proxy's metrics."""
        stage, side, cause = fault.split("/")
        name = "strangler_forward_faults_total"
        return await self.metric(name, stage=stage, side=side, cause=cause)


def request(
    target: bytes = b"/",
    *lines: bytes,
    method: bytes = b"GET",
    body: bytes = b"",
    version: bytes = b"1.1",
) -> bytes:
    """A request with Host, then these field lines; Content-Length where there is a body."""
    length = (b"Content-Length: %d" % len(body),) if body else ()
    fields = b"".join(line + b"\r\n" for line in (*lines, *length))
    start = b"%b %b HTTP/%b\r\n" % (method, target, version)
    return start + HOST + fields + b"\r\n" + body


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """A chunked body of these chunks, with whole lines of trailers."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailers + b"\r\n"


def answer(*lines: bytes, status: bytes = b"200 OK", body: bytes = b"ok") -> bytes:
    """An upstream's answer with these field lines, then Content-Length and the body."""
    fields = b"".join(line + b"\r\n" for line in (*lines, b"Content-Length: %d" % len(body)))
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + body


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Harness]:
    """The proxy, one worker, started in this folder."""
    (folder / "routing.yaml").write_text(ROUTING)
    upstream = Upstream()
    settings = SETTINGS | {"STRANGLER_LEGACY_URL": f"http://127.0.0.1:{upstream.port}"}
    try:
        proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port, workers=1))
        try:
            harness = Harness(proxy, proxy.port, upstream)
            await harness.meet()
            await harness.forget()
            yield harness
        finally:
            proxy.close()
    finally:
        await upstream.close()


def _same_sample(sample: str, name: str, labels: dict[str, str]) -> bool:
    found, _, rest = sample.partition("{")
    pairs = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    return found == name and pairs == labels
