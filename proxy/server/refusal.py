"""What is answered to octets that are no request we take."""

from time import monotonic
from typing import TYPE_CHECKING

from proxy.server.request import Request
from proxy.wire.answer import own_answer
from proxy.wire.errors import MalformedError, TooLargeError
from proxy.wire.request import Plan

if TYPE_CHECKING:
    from proxy.server.client import Client

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


def refuse(
    client: "Client", error: MalformedError, method: bytes = b"-", target: bytes = b"-"
) -> None:
    """Answer with the error's status, say why in the log only, and read no further request."""
    request = Request(method, target, 1, _NOTHING_KNOWN, client.peer, monotonic())
    request.status = error.status
    request.fault = ("read_request", "client", _cause(error))
    client.serving.refused(error.status)
    client.send_refusal(request, *own_answer(error.status))


def _cause(error: MalformedError) -> str:
    if error.status == 408:
        return "late"
    return "limit" if isinstance(error, TooLargeError) else "invalid"
