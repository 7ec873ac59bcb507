"""Ground to stand on, and doors to knock at; all is closed behind a test."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest
import pytest_asyncio

from proxy.forwarding.pool import Pool
from tests.inside import listening
from tests.proxy.forwarding.ground import Ground, Hanging, ground
from tests.proxy.forwarding.leasing import pool_at, port_of


@pytest_asyncio.fixture
async def around() -> AsyncIterator[Ground]:
    async with ground() as made:
        yield made


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Takes whoever comes, in the kernel; nobody is at home."""
    with closing(listening()) as sock:
        yield sock


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    with closing(Hanging()) as made:
        yield made


@pytest.fixture
def pool(around: Ground, door: socket.socket) -> Pool:
    """Of two places, and two in line."""
    return pool_at(around, port_of(door), pool_size=2, pool_waiting=2, keepalive=60.0)
