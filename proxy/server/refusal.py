"""What is recorded of octets that are no request we take."""

from time import monotonic

from proxy.server.request import Request
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.request import Plan

_NOTHING_KNOWN = Plan(
    passing=b"",
    host=b"",
    length=0,
    sized=False,
    close=True,
    expects_continue=False,
    websocket=False,
    via=(),
    max_forwards=None,
    claims=(),
    request_id=None,
    force=None,
    plain=True,
)


def refused(error: MalformedError, method: bytes, target: bytes, peer: str) -> Request:
    """What is recorded of it: the error's status and cause; `-` for what could not be read."""
    request = Request(method, target, 1, _NOTHING_KNOWN, peer, monotonic())
    request.status = error.status
    request.fault = ("read_request", "client", _cause(error))
    return request


def _cause(error: MalformedError) -> str:
    if error.status == 408:
        return "late"
    return "limit" if isinstance(error, TooLargeError) else "invalid"
