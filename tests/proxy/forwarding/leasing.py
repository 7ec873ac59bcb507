"""A pool before a door that takes whoever comes, and those who wait for its connections."""

import socket
from time import monotonic
from typing import Any

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Fault
from proxy.forwarding.pool import Pool
from proxy.forwarding.upstream import Upstream
from tests.inside import until
from tests.proxy.forwarding.ground import Ground, Names


class Asker:
    """Is told of exactly one thing: a connection, or why there is none."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.connection: Connection | None = None
        self.fault: Fault | None = None

    @property
    def told(self) -> bool:
        return self.connection is not None or self.fault is not None

    def leased(self, connection: Connection) -> None:
        assert not self.told, "told twice"
        self.connection = connection

    def lease_failed(self, fault: Fault) -> None:
        assert not self.told, "told twice"
        self.fault = fault

    @property
    def own(self) -> tuple[str, int]:
        """The address of our end."""
        assert self.connection is not None
        name: tuple[str, int] = self.connection.sock.getsockname()
        return name

    async def got(self) -> Connection:
        await until(lambda: self.told)
        assert self.connection is not None, self.fault
        return self.connection

    async def failed(self) -> Fault:
        await until(lambda: self.told)
        assert self.fault is not None
        return self.fault

    def give_back(self) -> None:
        assert self.connection is not None
        self.pool.give_back(self.connection, monotonic())

    def drop(self) -> None:
        assert self.connection is not None
        self.pool.drop(self.connection)


def pool_at(around: Ground, port: int, names: Names | None = None, **config: Any) -> Pool:
    """To that port of this machine; `names` says where the upstream's name leads instead."""
    host = "127.0.0.1" if names is None else "legacy.internal"
    loop = around.loop if names is None else names.loop
    upstream = Upstream(host, port, host.encode())
    return Pool(upstream, ForwardingConfig(**config), around.poller, around.clock, loop)


def asking(pool: Pool) -> Asker:
    asker = Asker(pool)
    pool.lease(asker)
    return asker


async def leased(pool: Pool, number: int) -> list[Asker]:
    """So many, each with a connection of its own."""
    askers = [asking(pool) for _ in range(number)]
    for asker in askers:
        await asker.got()
    return askers


def state(pool: Pool) -> tuple[int, int, int]:
    """Open, idle, in line."""
    return pool.open, len(pool.idle), pool.waiting


def port_of(door: socket.socket) -> int:
    return int(door.getsockname()[1])
