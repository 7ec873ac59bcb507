"""The smallest application around a forwarder, for tests through the server that we ship."""

import os

from proxy.forwarding.asgi import Receive, Scope, Send
from proxy.forwarding.forwarder import ForwardContext, Forwarder, ForwardingConfig
from proxy.forwarding.upstream import Upstream

_forwarders: dict[str, Forwarder] = {}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """UPSTREAM_HTTP and UPSTREAM_WEBSOCKET are their URLs."""
    kind = scope["type"]
    if kind not in _forwarders:
        upstream = Upstream.from_url(os.environ[f"UPSTREAM_{kind.upper()}"])
        _forwarders[kind] = Forwarder(upstream, ForwardingConfig(read_timeout=1.0))
    context = ForwardContext("0123456789abcdef", trusted=False)
    await _forwarders[kind].forward(scope, receive, send, context)
