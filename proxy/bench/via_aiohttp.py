"""Forwarding as one would write it with aiohttp: one session, pooled connections, streaming."""

import os

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

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

    _session: ClientSession

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send, self._start, self._stop)
            return
        fields = end_to_end(scope["headers"])
        async with self._session.request(
            scope["method"],
            URL(os.environ[UPSTREAM] + target(scope), encoded=True),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields],
            data=request_body(scope, receive),
            allow_redirects=False,
        ) as response:
            await send_answer(
                send, response.status, response.raw_headers, response.content.iter_any()
            )

    async def _start(self) -> None:
        self._session = ClientSession(
            connector=TCPConnector(limit=CONNECTIONS),
            timeout=ClientTimeout(total=30),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
        )

    async def _stop(self) -> None:
        await self._session.close()


app = Forward()
