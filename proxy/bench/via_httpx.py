"""Forwarding as one would write it with httpx: one client, pooled connections, streaming."""

import os

import httpx

from proxy.bench.asgi import (
    CONNECTIONS,
    UPSTREAM,
    Receive,
    Scope,
    Send,
    end_to_end,
    lifespan,
    request_body,
    send_answer,
    target,
)


class Forward:
    """An ASGI application."""

    _client: httpx.AsyncClient

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send, self._start, self._stop)
            return
        request = self._client.build_request(
            scope["method"],
            os.environ[UPSTREAM] + target(scope),
            headers=end_to_end(scope["headers"]),
            content=request_body(scope, receive),
        )
        response = await self._client.send(request, stream=True)
        try:
            await send_answer(
                send, response.status_code, response.headers.raw, response.aiter_raw()
            )
        finally:
            await response.aclose()

    async def _start(self) -> None:
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            timeout=30,
            trust_env=False,
        )

    async def _stop(self) -> None:
        await self._client.aclose()


app = Forward()
