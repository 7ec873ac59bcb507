"""The proxy's own pages under /__strangler__/: health, metrics, and the operators' console."""

from collections.abc import Awaitable, Callable

import msgspec

from proxy.edge import TRUSTED_PEER_KEY, VISITOR_KEY
from proxy.server.asgi import Application, Receive, Scope, Send
from proxy.settings import Network
from proxy.visitor import within

Readiness = Callable[[], Awaitable[dict[str, object]]]
Page = tuple[int, bytes, bytes]

_SIGNS_OF_A_FRONT = frozenset((b"x-forwarded-for", b"forwarded", b"x-real-ip"))
_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"
_NAMES = ("health/live", "health/ready", "metrics")


class OwnPages:
    """`readiness` gives {"ready": bool, …details}; metrics go to `metrics_networks` only. All other
    pages are the `console`'s, where there is one."""

    def __init__(
        self,
        readiness: Readiness,
        metrics: Callable[[], Awaitable[bytes]],
        metrics_networks: tuple[Network, ...],
        console: Application | None = None,
    ) -> None:
        self._console = console
        self._readiness = readiness
        self._metrics = metrics
        self._metrics_networks = metrics_networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix("/__strangler__/")
        if self._console is not None and name not in _NAMES:
            await self._console(scope, receive, send)
            return
        status, content_type, body = await self._page(scope, name)
        headers = [
            (b"content-type", content_type),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if status == 405:
            headers.append((b"allow", b"GET, HEAD"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )

    async def _page(self, scope: Scope, name: str) -> Page:
        if name not in _NAMES:
            return 404, _TEXT, b"There is no such page of the proxy.\n"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, _TEXT, b"Only GET and HEAD.\n"
        if name == "health/live":
            return 200, _TEXT, b"live\n"
        if name == "health/ready":
            report = await self._readiness()
            return 200 if report["ready"] else 503, _JSON, msgspec.json.encode(report)
        if not self._may_see_metrics(scope):
            return 403, _TEXT, b"Metrics are for the networks in STRANGLER_METRICS_NETWORKS.\n"
        return 200, b"text/plain; version=0.0.4; charset=utf-8", await self._metrics()

    def _may_see_metrics(self, scope: Scope) -> bool:
        """A stranger's X-Forwarded-For means a front server that we were not told to trust."""
        forwarded = any(name in _SIGNS_OF_A_FRONT for name, _ in scope["headers"])
        if forwarded and not scope[TRUSTED_PEER_KEY]:
            return False
        return within(scope[VISITOR_KEY], self._metrics_networks)
