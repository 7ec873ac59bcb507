"""Requests made of field lines, and the plan of the plainest one."""

from proxy.wire.request import Plan
from tests.proxy.wire.feeding import refusal, request

PLAIN = Plan(
    passing=b"Host: a\r\n",
    host=b"a",
    length=0,
    sized=False,
    close=False,
    expects_continue=False,
    websocket=False,
    via=(),
    max_forwards=None,
    claims=(),
    request_id=None,
    force=None,
    plain=True,
)
"""Of a request with nothing but a Host."""


def head(*lines: bytes, minor: int = 1) -> bytes:
    return b"".join(line + b"\r\n" for line in (b"GET / HTTP/1.%d" % minor, *lines, b""))


def plan(*lines: bytes, minor: int = 1) -> Plan:
    """Of a request with these and a Host in front."""
    _, read = request(head(b"Host: a", *lines, minor=minor))
    return read


def status(*lines: bytes, minor: int = 1) -> int:
    return refusal(head(b"Host: a", *lines, minor=minor))


def passed(*lines: bytes) -> list[bytes]:
    """Which of them do, behind Host."""
    host, *others, end = plan(*lines).passing.split(b"\r\n")
    assert (host, end) == (b"Host: a", b"")
    return others
