"""What the edge calls: forward a request to one of the legacy upstreams.

0 refuse    what must not be forwarded, or ends here                READ_REQUEST
1 to 7         an exchange (exchange.py), a tunnel after 101 (tunnel.py)
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from time import monotonic

from proxy.forwarding.budget import RetryBudget
from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.exchange import Exchange, Fallback
from proxy.forwarding.faults import STATUS, Fault
from proxy.forwarding.head import INVALID, LOOP, came_back, hops_line, last_hop, upstream_fields
from proxy.forwarding.pool import Pool
from proxy.forwarding.upstream import Upstream
from proxy.forwarding.upstreams import Member, Upstreams
from proxy.forwarding.watched import WatchedExchange, Watcher
from proxy.net.clock import Clock
from proxy.net.poller import Poller
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import own_answer
from proxy.wire.errors import MalformedError
from proxy.wire.request import pseudonym_of

PooledMember = Member[Pool]

LONGEST_MEMO = 8192
RETRY_FLOOR = 10.0
"""Retries a second that are always allowed, so that a quiet site has some."""


class Forwarder:
    """Forwards to the upstreams of one site; one for each event loop.

    `instance` names it in Via, so that a request that comes back to it is refused with 508. Workers
    and replicas that share one find a loop at its first turn; random ones find it in a few.
    """

    def __init__(
        self,
        urls: Sequence[str],
        config: ForwardingConfig,
        loop: asyncio.AbstractEventLoop,
        poller: Poller,
        clock: Clock,
        instance: str = "",
        tunnel_patience: float = 60.0,
    ) -> None:
        """`tunnel_patience`: seconds for either end of a WebSocket to take what waits for it."""
        self.config = config
        self.loop = loop
        self.tunnel_patience = tunnel_patience
        self._poller = poller
        self._clock = clock
        self.pseudonym = pseudonym_of(instance or secrets.token_hex(6))
        self.upstreams: Upstreams[Pool] = Upstreams.of(urls, config.breaker, self._pool)
        self.budget = RetryBudget(config.retry_ratio, RETRY_FLOOR, monotonic())
        self.on_retry: Callable[[bool], None] = lambda allowed: None

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(member.url for member in self.upstreams.members)

    def reconfigure(self, urls: Sequence[str], config: ForwardingConfig) -> None:
        """In force from the next request on. Upstreams that stay keep connections and state."""
        before = self.upstreams
        self.config = config
        self.budget.ratio = config.retry_ratio
        self.upstreams = before.updated(urls, config.breaker, self._pool)
        for member in before.members:
            member.pool.config = config
            if member not in self.upstreams.members:
                member.pool.close()

    def forward(
        self,
        client: Client,
        request: Request,
        fallback: Fallback | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        """Answer from the upstream. Faults are answered, recorded, and never raised.

        `fallback` is called instead where the upstream fails before its answer begins. `watcher`
        sees the answer when it is over.
        """
        plan = request.plan
        self.budget.requests += 1
        special = b""
        if not plan.plain:
            answered, special = self._look_again(client, request)
            if answered:
                return
            plan = request.plan
        if client.memo_of is plan:
            fields = client.memo
        else:
            fields = self._fields(client, request)
            if len(fields) <= LONGEST_MEMO:
                client.memo, client.memo_of = fields, plan
        head = b"%b %b HTTP/1.1\r\n%b%bx-request-id: %b\r\n\r\n" % (
            request.method,
            request.target,
            fields,
            special,
            request.id,
        )
        if watcher is None:
            exchange = Exchange(self, client, request, head, fallback)
        else:
            exchange = WatchedExchange(self, client, request, head, fallback, watcher)
        client.course = exchange
        exchange.begin()

    def may_retry(self) -> bool:
        """Whether the budget has one more retry; it is counted then."""
        allowed = self.budget.withdraw(monotonic())
        self.on_retry(allowed)
        return allowed

    def close(self) -> None:
        for member in self.upstreams.members:
            member.pool.close()

    def _pool(self, url: str) -> Pool:
        upstream = Upstream.from_url(url)
        return Pool(upstream, self.config, self._poller, self._clock, self.loop)

    def _fields(self, client: Client, request: Request) -> bytes:
        return upstream_fields(
            request.plan,
            request.minor,
            client.peer,
            self.pseudonym,
            self.upstreams.members[0].pool.upstream.authority,
            trusted=client.trusted,
        )

    def _look_again(self, client: Client, request: Request) -> tuple[bool, bytes]:
        """Loops and last hops: whether it was answered, and more lines where it was not."""
        plan, method = request.plan, request.method
        if plan.websocket and method != b"GET":
            plan = request.plan = plan._replace(websocket=False)
        if came_back(plan, self.pseudonym):
            return self._refuse(client, request, LOOP), b""
        try:
            if status := last_hop(method, plan):
                self._answer(client, request, status)
                return True, b""
            return False, hops_line(method, plan)
        except MalformedError:
            return self._refuse(client, request, INVALID), b""

    def _refuse(self, client: Client, request: Request, fault: Fault) -> bool:
        request.fault = fault
        self._answer(client, request, STATUS[fault])
        return True

    def _answer(self, client: Client, request: Request, status: int) -> None:
        request.status = status
        client.send_own(*own_answer(status), head_only=request.method == b"HEAD")
