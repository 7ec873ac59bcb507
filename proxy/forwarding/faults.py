"""What can go wrong while forwarding: at which stage, on whose side, how; and what we answer."""

from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from proxy.forwarding.asgi import Fields, Send


class Stage(StrEnum):
    """Where the exchange was, in the order in which it travels."""

    READ_REQUEST = "read_request"
    LEASE = "lease"
    CONNECT = "connect"
    SEND_HEAD = "send_head"
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


class Fault(NamedTuple):
    stage: Stage
    side: Side
    cause: Cause


class Outcome(NamedTuple):
    """What became of a request.

    `status` sent to the client, None where none could be; seconds from asking the upstream to the
    head of its answer; body bytes from (`bytes_in`) and to (`bytes_out`) the client.
    """

    status: int | None
    fault: Fault | None = None
    upstream_seconds: float | None = None
    bytes_in: int = 0
    bytes_out: int = 0


class AnswerBrokenError(Exception):
    """The answer broke off after its start: the server must abort the client's connection.

    Only so can the client know (RFC 9112 §8). Carries the `Outcome`.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(" ".join(outcome.fault or ()))
        self.outcome = outcome


class ForwardingError(Exception):
    """An exchange cannot go on; carries the `Fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(" ".join(fault))
        self.fault = fault


BEGUN = 0
"""No status can be sent any more: the answer had begun, or nobody is left to read it."""

_READ, _LEASE, _CONNECT = Stage.READ_REQUEST, Stage.LEASE, Stage.CONNECT
_HEAD, _BODY, _AWAIT = Stage.SEND_HEAD, Stage.SEND_BODY, Stage.AWAIT_HEAD
_RECEIVE, _UPGRADED = Stage.RECEIVE_BODY, Stage.UPGRADED
_CLIENT, _PROXY, _UPSTREAM = Side.CLIENT, Side.PROXY, Side.UPSTREAM

STATUS: dict[Fault, int] = {
    Fault(_READ, _CLIENT, Cause.INVALID): 400,
    Fault(_READ, _CLIENT, Cause.LIMIT): 413,
    Fault(_READ, _CLIENT, Cause.LOOP): 508,
    Fault(_LEASE, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_LEASE, _PROXY, Cause.LIMIT): 503,
    Fault(_LEASE, _PROXY, Cause.LATE): 503,
    Fault(_CONNECT, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_CONNECT, _UPSTREAM, Cause.LATE): 504,
    Fault(_HEAD, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_HEAD, _UPSTREAM, Cause.INVALID): 502,
    Fault(_HEAD, _UPSTREAM, Cause.LIMIT): 502,
    Fault(_HEAD, _UPSTREAM, Cause.LATE): 504,
    # A server reports a malformed chunk as a client that left: 400 tells the one that did not.
    Fault(_BODY, _CLIENT, Cause.CLOSED): 400,
    Fault(_BODY, _CLIENT, Cause.INVALID): 400,
    Fault(_BODY, _CLIENT, Cause.LATE): 408,
    Fault(_BODY, _CLIENT, Cause.LIMIT): 413,
    Fault(_BODY, _UPSTREAM, Cause.CLOSED): 502,
    Fault(_BODY, _UPSTREAM, Cause.INVALID): 502,
    Fault(_BODY, _UPSTREAM, Cause.LIMIT): 502,
    Fault(_BODY, _UPSTREAM, Cause.LATE): 504,
    Fault(_AWAIT, _CLIENT, Cause.CLOSED): BEGUN,
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
    Fault(_RECEIVE, _UPSTREAM, Cause.LIMIT): BEGUN,
    Fault(_RECEIVE, _UPSTREAM, Cause.LATE): BEGUN,
    Fault(_UPGRADED, _CLIENT, Cause.CLOSED): BEGUN,
    Fault(_UPGRADED, _UPSTREAM, Cause.CLOSED): BEGUN,
    Fault(_UPGRADED, _UPSTREAM, Cause.INVALID): BEGUN,
    Fault(_UPGRADED, _UPSTREAM, Cause.LIMIT): BEGUN,
}
"""The one place that says what a fault means to the client. A missing key is an error."""

RETRY_AFTER = b"1"


def plain_answer(status: int) -> tuple[Fields, bytes]:
    """Fields and body of our own answer. It names no stage and no side: those are for the log."""
    body = f"{status} {HTTPStatus(status).phrase}\n".encode("ascii")
    fields = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        fields.append((b"retry-after", RETRY_AFTER))
    return fields, body


async def send_plain(send: Send, status: int, *, kind: str = "http.response") -> int:
    """Answer with the bare status; `kind` is the ASGI prefix. Returns the body's length."""
    fields, body = plain_answer(status)
    await send({"type": f"{kind}.start", "status": status, "headers": fields})
    await send({"type": f"{kind}.body", "body": body})
    return len(body)
