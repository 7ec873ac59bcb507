"""How to forward: time-outs, limits, the pool's bounds."""

from dataclasses import dataclass, field

from proxy.forwarding.breaker import BreakerLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingConfig:
    """Seconds and octets.

    `connect_timeout`: for a connection, and as long again in line for one when all are in use.
    `read_timeout`: until the answer's head is whole; then between any two pieces of its body, so a
        server-sent event stream must say something (a comment will do) within it.
    `max_body`: of a request; None is no limit.
    `retries`: on a fresh connection, after a kept one turned out closed; or on another upstream
        where one cannot be connected to. `retry_ratio`: of all requests, at most.
    `pool_size`: connections for each upstream; `pool_waiting`: requests in line for one.
    `keepalive`: how long an unused connection is kept. Must be less than the upstream's own
        keep-alive time (gunicorn's default is 2 s): then we close first, and no request meets a
        connection that is just being closed.
    """

    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    max_body: int | None = None
    retries: int = 1
    retry_ratio: float = 0.2
    pool_size: int = 100
    pool_waiting: int = 1000
    keepalive: float = 1.5
    breaker: BreakerLimits = field(default_factory=BreakerLimits)
