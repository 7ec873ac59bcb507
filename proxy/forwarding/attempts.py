"""Which upstream a request is sent to, how often, and what that tells of the upstream."""

from time import monotonic
from typing import TYPE_CHECKING

import structlog

from proxy.forwarding.connection import Connection
from proxy.server.request import Request
from proxy.wire.request import IDEMPOTENT

if TYPE_CHECKING:
    from proxy.forwarding.forwarder import Forwarder, PooledMember

log = structlog.get_logger("forwarding")


class Attempts:
    """The part of an `Exchange` that chooses. Each choice is told of once to the breaker of the
    chosen: `_praise`, `_blame`, or `_excuse` where it showed neither."""

    __slots__ = ("_forwarder", "_gathered", "_member", "_request", "_retries", "_ticket", "_tried")

    def __init__(self, forwarder: "Forwarder", request: Request) -> None:
        self._forwarder = forwarder
        self._request = request
        self._gathered: list[bytes] | None = None  # the request's body, where it is at hand whole
        self._member: PooledMember | None = None
        self._ticket = 0
        self._tried: tuple[PooledMember, ...] = ()
        self._retries = -1

    def _choose(self) -> "PooledMember | None":
        """The upstream whose turn it is; None where the breaker of every one is open."""
        member = self._member = self._forwarder.upstreams.choose(monotonic(), self._tried)
        if member is not None:
            self._ticket = member.breaker.ticket
        return member

    @property
    def _repeatable(self) -> bool:
        """It may be sent twice (RFC 9110 §9.2.2), and is still at hand whole."""
        request = self._request
        at_hand = request.plan.length == 0 or self._gathered is not None
        return at_hand and request.method in IDEMPOTENT

    def _may_ask_again(self, connection: Connection) -> bool:
        """RFC 9110 §9.2.2, RFC 9112 §9.3.1: a kept connection was closed before an octet of answer,
        the request is still at hand, and it is idempotent or not an octet of it was taken."""
        request = self._request
        if not connection.silent or connection.exchanges == 1:
            return False
        at_hand = request.received == 0 or self._gathered is not None
        unread = connection.untouched and at_hand
        return (unread or self._repeatable) and self._take_retry()

    def _may_turn_elsewhere(self) -> bool:
        """Nothing was sent yet, so that any request may try the next upstream."""
        member = self._member
        if member is None or len(self._forwarder.upstreams.members) <= len(self._tried) + 1:
            return False
        self._tried = (*self._tried, member)
        return self._take_retry()

    def _take_retry(self) -> bool:
        if self._retries < 0:
            self._retries = self._forwarder.config.retries
        if self._retries == 0 or not self._forwarder.may_retry():
            return False
        self._retries -= 1
        return True

    def _praise(self) -> None:
        """It answered, whatever the status."""
        member = self._member
        if member is not None:
            self._request.upstream = member.name
            breaker = member.breaker
            if (breaker.failures or not breaker.closed) and breaker.succeeded(self._ticket):
                log.warning("upstream_back", upstream=member.name)

    def _excuse(self) -> None:
        """Neither good nor bad of the upstream is known."""
        if self._member is not None:
            self._member.breaker.cancelled(self._ticket)

    def _blame(self) -> None:
        """It could not be connected to, closed, or was late."""
        member = self._member
        if member is not None:
            self._request.upstream = member.name
            now = monotonic()
            if member.breaker.failed(now, self._ticket):
                seconds = member.breaker.remaining(now)
                log.warning("upstream_ejected", upstream=member.name, seconds=seconds)
