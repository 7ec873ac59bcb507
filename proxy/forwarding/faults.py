"""What can go wrong while forwarding: at which stage, on whose side, how; and what we answer."""

from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """Where the exchange was, in the order in which it travels."""

    READ_REQUEST = "read_request"
    LEASE = "lease"
    CONNECT = "connect"
    SEND_BODY = "send_body"
    AWAIT_HEAD = "await_head"
    RECEIVE_BODY = "receive_body"
    UPGRADED = "upgraded"


class Side(StrEnum):
    CLIENT = "client"
    PROXY = "proxy"
    UPSTREAM = "upstream"


class Cause(StrEnum):
    CLOSED = "closed"  # refused, reset, ended early, left
    LATE = "late"  # a time-out
    INVALID = "invalid"  # not what the protocol allows
    LIMIT = "limit"  # more than we take
    LOOP = "loop"  # our own request came back to us
    OPEN = "open"  # the circuit breaker of every upstream is


class Fault(NamedTuple):
    stage: Stage
    side: Side
    cause: Cause


BEGUN = 0
"""No status can be sent any more: the answer had begun, or nobody is left to read it."""

_READ, _LEASE, _CONNECT = Stage.READ_REQUEST, Stage.LEASE, Stage.CONNECT
_BODY, _AWAIT = Stage.SEND_BODY, Stage.AWAIT_HEAD
_RECEIVE, _UPGRADED = Stage.RECEIVE_BODY, Stage.UPGRADED
_CLIENT, _PROXY, _UPSTREAM = Side.CLIENT, Side.PROXY, Side.UPSTREAM

STATUS: dict[Fault, int] = {
    Fault(_READ, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_READ, _CLIENT, Cause.INVALID): 400,
    Fault(_READ, _CLIENT, Cause.LIMIT): 413,
    Fault(_READ, _CLIENT, Cause.LOOP): 508,
    Fault(_LEASE, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_LEASE, _CLIENT, Cause.LATE): BEGUN,
    Fault(_LEASE, _PROXY, Cause.LIMIT): 503,
    Fault(_LEASE, _PROXY, Cause.LATE): 503,
    Fault(_LEASE, _PROXY, Cause.OPEN): 503,
    Fault(_CONNECT, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_CONNECT, _UPSTREAM, Cause.LATE): 504,
    Fault(_BODY, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_BODY, _CLIENT, Cause.INVALID): 400,
    Fault(_BODY, _CLIENT, Cause.LATE): 408,
    Fault(_BODY, _CLIENT, Cause.LIMIT): 413,
    Fault(_BODY, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_BODY, _UPSTREAM, Cause.INVALID): 502,
    Fault(_BODY, _UPSTREAM, Cause.LIMIT): 502,
    Fault(_BODY, _UPSTREAM, Cause.LATE): 504,
    Fault(_AWAIT, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_AWAIT, _CLIENT, Cause.LATE): BEGUN,
    Fault(_AWAIT, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_AWAIT, _UPSTREAM, Cause.INVALID): 502,
    Fault(_AWAIT, _UPSTREAM, Cause.LIMIT): 502,
    Fault(_AWAIT, _UPSTREAM, Cause.LATE): 504,
    Fault(_RECEIVE, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_RECEIVE, _CLIENT, Cause.INVALID): BEGUN,
    Fault(_RECEIVE, _CLIENT, Cause.LATE): BEGUN,
    Fault(_RECEIVE, _CLIENT, Cause.LIMIT): BEGUN,
    Fault(_RECEIVE, _UPSTREAM, Cause.CLOSED): BEGUN,
    Fault(_RECEIVE, _UPSTREAM, Cause.INVALID): BEGUN,
    Fault(_RECEIVE, _UPSTREAM, Cause.LATE): BEGUN,
    Fault(_UPGRADED, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_UPGRADED, _CLIENT, Cause.LATE): BEGUN,
    Fault(_UPGRADED, _UPSTREAM, Cause.CLOSED): BEGUN,
    Fault(_UPGRADED, _UPSTREAM, Cause.LATE): BEGUN,
}
"""The one place that says what a fault means to the client. A missing key is an error."""

RETRY_AFTER = b"Retry-After: %d\r\n"
