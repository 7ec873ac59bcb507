"""A proxy of these tests: impatient, with few connections, and fed from a routing.yaml of ours."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from tests.proxy.http.ends import PATIENCE
from tests.proxy.http.harness import Harness
from tests.proxy.http.upstream import Upstream

CLIENT_TIMEOUT = 1.0
HEAD_TIMEOUT = 1.0
CONNECT_TIMEOUT = 1.0
UPSTREAM_TIMEOUT = 1.5
"""Seconds; the last is longer, so that others can be late while the upstream is not."""

POOL = 2
WAITING = 1
MAX_BODY = 16 * 1024 * 1024
LOOK_AGAIN = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What routing.yaml says of the legacy side. Without `urls`, the harness's own upstream."""

    urls: Sequence[str] = ()
    timeout: float = UPSTREAM_TIMEOUT
    connect_timeout: float = CONNECT_TIMEOUT
    pool: int = POOL
    waiting: int = WAITING
    retries: int = 1
    retry_budget: int = 100
    failures: int = 1000
    open: float = 0.3
    more: Sequence[str] = ()

    def routing(self) -> str:
        lines = [
            "version: 1",
            "legacy:",
            f"  timeout: {self.timeout}s",
            f"  connect_timeout: {self.connect_timeout}s",
            f"  max_body: {MAX_BODY}",
            f"  pool: {self.pool}",
            f"  waiting: {self.waiting}",
            "  keepalive: 30s",
            f"  retries: {self.retries}",
            f"  retry_budget: {self.retry_budget}",
            f"  breaker: {{failures: {self.failures}, open: {self.open}s}}",
            *(f"  {line}" for line in self.more),
        ]
        if self.urls:
            lines += ["  urls:", *(f"    - {url}" for url in self.urls)]
        return "\n".join((*lines, ""))


ENVIRONMENT = {
    "STRANGLER_HEAD_TIMEOUT": str(HEAD_TIMEOUT),
    "STRANGLER_CLIENT_TIMEOUT": str(CLIENT_TIMEOUT),
    "STRANGLER_KEEPALIVE": "5",
}


class FaultHarness(Harness):
    def close_clients(self) -> None:
        """All of this test's."""
        for client in self._clients:
            client.close()


@asynccontextmanager
async def running(
    folder: Path,
    settings: Settings | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[FaultHarness]:
    """`strangler serve`, one worker, in front of an upstream that is scripted."""
    (folder / "routing.yaml").write_text((settings or Settings()).routing())
    upstream = Upstream()
    legacy = {"STRANGLER_LEGACY_URL": f"http://127.0.0.1:{upstream.port}"}
    try:
        whole = ENVIRONMENT | legacy | dict(environment or {})

        def start(port: int) -> RunningProxy:
            return RunningProxy(whole, folder, port=port, workers=1)

        proxy = await asyncio.to_thread(on_free_port, start)
        harness = FaultHarness(proxy, proxy.port, upstream)
        try:
            await harness.meet()
            await harness.forget()
            yield harness
        finally:
            harness.close_clients()
            await asyncio.to_thread(proxy.close)
    finally:
        await upstream.close()


@asynccontextmanager
async def refusing(upstream: Upstream) -> AsyncIterator[None]:
    """New connections are refused meanwhile, and nobody else gets the port."""
    async with upstream.refusing():
        with socket.socket() as keeper:
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keeper.bind(("127.0.0.1", upstream.port))
            yield


async def rerouted(proxy: RunningProxy, routing: str) -> None:
    """Write routing.yaml, and wait until it is in force."""
    start = proxy.log.stat().st_size
    (proxy.log.parent / "routing.yaml").write_text(routing)

    async def loaded() -> bool:
        return b'"routing_loaded"' in proxy.log.read_bytes()[start:]

    await becomes_true(loaded)


async def becomes_true(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Of what no event tells: look again and again, for `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if await is_so():
            return
        await asyncio.sleep(LOOK_AGAIN)
    raise AssertionError(f"{is_so.__qualname__} never became true")
