"""What the edge calls: forward one ASGI request to the legacy upstream.

0 refuse    what must not be forwarded, or ends here                READ_REQUEST
1 to 8         an HTTP exchange (exchange.py) or a WebSocket (websocket.py)
"""

import secrets

from proxy.forwarding.asgi import Message, Receive, Scope, Send
from proxy.forwarding.clock import Clock
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.exchange import Exchange
from proxy.forwarding.faults import (
    STATUS,
    AnswerBrokenError,
    Cause,
    Fault,
    ForwardingError,
    Outcome,
    Side,
    Stage,
    send_plain,
)
from proxy.forwarding.fields import PSEUDONYM
from proxy.forwarding.pool import Pool
from proxy.forwarding.request import ForwardContext, Identity, LastHopError, request_head
from proxy.forwarding.upstream import Upstream
from proxy.forwarding.websocket import WebSocket

__all__ = [
    "AnswerBrokenError",
    "Fault",
    "ForwardContext",
    "Forwarder",
    "ForwardingConfig",
    "Outcome",
    "Upstream",
]


class Forwarder:
    """Forwards to one upstream; one for each event loop.

    `instance` names it in Via, so that a request that comes back to it is refused with 508. Workers
    and replicas that share one find a loop at its first turn; random ones find it in a few.
    """

    def __init__(
        self, upstream: Upstream, config: ForwardingConfig | None = None, instance: str = ""
    ) -> None:
        config = config or ForwardingConfig()
        instance = instance or secrets.token_hex(6)
        self._upstream = upstream
        self._config = config
        self._clock = Clock()
        self._pool = Pool(upstream, config, self._clock)
        self._identity = Identity(b"%b-%b" % (PSEUDONYM, instance.encode()), upstream.authority)

    @property
    def config(self) -> ForwardingConfig:
        return self._config

    @config.setter
    def config(self, config: ForwardingConfig) -> None:
        """In force from the next request on."""
        self._config = self._pool.config = config

    @property
    def pool(self) -> Pool:
        """For metrics: how many connections are open, how many of them idle."""
        return self._pool

    async def forward(
        self, scope: Scope, receive: Receive, send: Send, context: ForwardContext
    ) -> Outcome:
        """Faults of the upstream are answered, not raised.

        Raises `AnswerBrokenError` where the answer broke off: let the server see it.
        """
        if scope["type"] == "websocket":
            return await WebSocket(
                scope, receive, send, self._upstream, self._identity, self._config
            ).run(context)
        first = await _first_of_unknown(scope, receive)
        if first is not None and first["type"] == "http.disconnect":
            return Outcome(None, Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.CLOSED))
        follows = first is not None and bool(first.get("body") or first.get("more_body"))
        try:
            request = request_head(scope, context, self._identity, body_follows=follows)
        except ForwardingError as failed:
            status = STATUS[failed.fault]
            return Outcome(status, failed.fault, bytes_out=await send_plain(send, status))
        except LastHopError as here:
            return Outcome(here.status, bytes_out=await send_plain(send, here.status))
        return await Exchange(
            request, receive, send, self._pool, self._clock, self._config, first
        ).run()

    async def close(self) -> None:
        """Close idle connections; those in use when their exchange ends."""
        self._pool.close()
        self._clock.stop()


async def _first_of_unknown(scope: Scope, receive: Receive) -> Message | None:
    """HTTP/2 has bodies without a length or a coding: only the first message tells."""
    if scope.get("http_version", "1.1")[0] == "1":
        return None
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return None
    return await receive()
