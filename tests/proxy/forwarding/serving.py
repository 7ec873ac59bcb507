"""A server in this process that forwards everything."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.forwarder import Forwarder
from proxy.forwarding.pool import Pool
from proxy.server.client import Client
from proxy.server.request import Request
from tests.inside import Inside, inside


@dataclass(frozen=True, slots=True)
class Forwarding:
    server: Inside
    forwarder: Forwarder

    @property
    def pool(self) -> Pool:
        """Of the only upstream."""
        (member,) = self.forwarder.upstreams.members
        return member.pool


@asynccontextmanager
async def forwarding(
    urls: Sequence[str], *, client_timeout: float = 60.0, **config: Any
) -> AsyncIterator[Forwarding]:
    """`config` is that of the forwarder; a tunnel has the patience of a client."""
    forwarders: list[Forwarder] = []

    def answer(client: Client, request: Request) -> None:
        forwarders[0].forward(client, request)

    async with inside(answer, client_timeout=client_timeout) as server:
        serving = server.serving
        forwarder = Forwarder(
            urls,
            ForwardingConfig(**config),
            serving.loop,
            serving.poller,
            serving.clock,
            tunnel_patience=client_timeout,
        )
        forwarders.append(forwarder)
        try:
            yield Forwarding(server, forwarder)
        finally:
            forwarder.close()
