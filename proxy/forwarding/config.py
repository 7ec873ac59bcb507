"""How to forward: time-outs, limits, the pool's bounds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingConfig:
    """Seconds and bytes.

    `connect_timeout`: for a connection, and as long again in line for one when all are in use.
    `read_timeout`: until the answer's head is whole; then between any two pieces of its body, so a
        server-sent event stream must say something (a comment will do) within it.
    `client_timeout`: between pieces of the client's body, and until it takes a piece of the answer.
    `max_body`: of a request; None is no limit.
    `retries`: on a fresh connection, after a kept one turned out closed; idempotent methods only.
    `keepalive`: how long an unused connection is kept. Must be less than the upstream's own
        keep-alive time (gunicorn's default is 2 s): then we close first, and no request meets a
        connection that is just being closed.
    """

    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    client_timeout: float = 60.0
    max_body: int | None = None
    retries: int = 1
    pool_size: int = 100
    pool_waiting: int = 1000
    keepalive: float = 1.5
    max_message: int = 16 * 1024 * 1024
    """Of a WebSocket, in bytes: ASGI wants messages whole."""
