"""Requests to record, pipes to write to, and what was written."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from proxy.forwarding.faults import Fault
from proxy.telemetry import Telemetry

NOON = 1_735_732_800.25
"""2025-01-01 12:00:00 UTC and a bit."""


def record(
    telemetry: Telemetry,
    method: bytes = b"GET",
    path: bytes = b"/",
    client: str = "127.0.0.1",
    request_id: bytes = b"0123456789abcdef",
    owner: str = "legacy",
    domain: str | None = None,
    status: int = 200,
    seconds: float = 0.0015,
    sent: int = 11,
    received: int = 0,
    fault: Fault | None = None,
    upstream_seconds: float | None = None,
    upstream: str | None = None,
) -> None:
    telemetry.record(
        method,
        path,
        client,
        request_id,
        owner,
        domain,
        status,
        seconds,
        sent,
        received,
        fault,
        upstream_seconds,
        upstream,
    )


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """The ends to read and to write; a test may close the one to read."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        yield reader, writer
    finally:
        os.close(writer)
        with suppress(OSError):
            os.close(reader)


def contents(reader: int) -> bytes:
    """What lies in the pipe now."""
    pieces = []
    while True:
        try:
            piece = os.read(reader, 1 << 20)
        except BlockingIOError:
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


def lines(octets: bytes) -> list[dict[str, Any]]:
    assert not octets or octets.endswith(b"\n")
    return [json.loads(line) for line in octets.splitlines()]
