"""A worker's part: which requests are looked at, and what is told of them.

compared or not?   safe, without a body, of a domain in shadow or canary, in the sample, credit
begun              one credit less
answered           a frame to the shadow process, after the visitor has the answer
not so             failed, too long, or of no use for comparing: the credit is back

A request that writes, of a domain in shadow or reads, is told of twice: when it comes, so that it
can be rehearsed before its rows are there, and when it is answered.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from random import random
from typing import Protocol

from proxy.forwarding.exchange import GATHERED
from proxy.forwarding.watched import Watcher
from proxy.ownership.phases import Phase
from proxy.routing.table import Match
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.shadow.capture import Answered, Arrived, Capture, Told, framed
from proxy.shadow.channel import Channel
from proxy.visitor import scheme_of
from proxy.wire.answer import AnswerPlan

SAFE = frozenset((b"GET", b"HEAD", b"OPTIONS"))
# Every request is held against them: names of the module are looked up faster than an enum's.
SHADOW, CANARY, READS = Phase.SHADOW, Phase.CANARY, Phase.READS
USELESS = frozenset((206, 304, 429))
"""Of a part, of what the visitor has already, of how often they have asked: no page to compare."""
COUNT_SECONDS = 1.0
NOT_SENT = -1

Count = Callable[[str, int], None]
"""What became of captures, and of how many."""


class Forwarding(Protocol):
    """What is needed of the forwarder."""

    def forward(
        self,
        client: Client,
        request: Request,
        fallback: Callable[[], None] | None = None,
        watcher: Watcher | None = None,
    ) -> None: ...


class Tap:
    """`samples`: percent, by domain; `tell` is called once a second at most."""

    def __init__(
        self,
        channel: Channel,
        forwarder: Forwarding,
        loop: asyncio.AbstractEventLoop,
        tell: Count,
    ) -> None:
        self.samples: Mapping[str, float] = {}
        self._channel = channel
        self._forward = forwarder.forward
        self._loop = loop
        self._count = tell
        self._counted: Counter[str] = Counter()
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None
        self._numbers = count(1)

    def start(self) -> None:
        self._channel.open()
        self._tell()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._tell_once()
        self._channel.close()

    def forward(self, client: Client, request: Request, match: Match) -> None:
        """To the legacy side, watched or not."""
        phase = request.phase
        if request.method in SAFE:
            make: type[_Watching] = _Reading
            wanted = (phase is SHADOW or phase is CANARY) and not request.plan.length
        else:
            make = _Writing
            wanted = (phase is SHADOW or phase is READS) and _is_at_hand(request)
        if not wanted or not self._wants(request, match):
            self._forward(client, request)
        elif self._channel.credit <= 0:
            self._dropped += 1
            self._forward(client, request)
        else:
            self._forward(client, request, None, make(self, client, request, match))

    def _wants(self, request: Request, match: Match) -> bool:
        plan = request.plan
        if plan.websocket or match.pinned or match.domain is None or match.rule is None:
            return False
        if match.legacy_page is not None:
            return False
        sample = self.samples.get(match.domain, 0.0)
        return sample == 100 or random() * 100 < sample  # noqa: S311 - no secret

    # what becomes of one

    def begun(self) -> int:
        return self._channel.take()

    def next_number(self) -> int:
        return next(self._numbers)

    def back(self, taken: int, why: str) -> None:
        """It was for nothing."""
        self._channel.give_back(taken)
        self._counted[why] += 1

    def send(self, taken: int, told: Told) -> bool:
        """Whether it is on its way; else the credit is back."""
        sent = self._channel.send(framed(told))
        if not sent:
            self.back(taken, "dropped")
        return sent

    def send_more(self, told: Told) -> None:
        """What belongs to something that was sent before."""
        self._channel.send(framed(told))

    def _tell(self) -> None:
        self._timer = self._loop.call_later(COUNT_SECONDS, self._tell)
        self._tell_once()

    def _tell_once(self) -> None:
        self._counted["dropped"] += self._dropped
        self._dropped = 0
        for what, number in self._counted.items():
            if number:
                self._count(what, number)
        self._counted.clear()


def _is_at_hand(request: Request) -> bool:
    """Whether the body, if there is one, is gathered before the upstream is asked."""
    plan = request.plan
    return 0 <= plan.length <= GATHERED and not plan.expects_continue


class _Watching:
    """The watcher of one request."""

    __slots__ = ("_client", "_match", "_request", "_taken", "_tap")

    def __init__(self, tap: Tap, client: Client, request: Request, match: Match) -> None:
        self._tap = tap
        self._client = client
        self._request = request
        self._match = match
        self._taken = 0

    def begun(self) -> None:
        self._taken = self._tap.begun()

    def asked(self, head: bytes, body: bytes) -> None:
        """Of what only reads, only the answer counts."""

    def answered(self, head: bytes, url: str, plan: AnswerPlan, body: bytes) -> None:
        raise NotImplementedError

    def too_large(self) -> None:
        self._tap.back(self._taken, "large")

    def failed(self) -> None:
        self._tap.back(self._taken, "failed")

    def _capture(
        self, head: bytes, url: str = "", status: int = 0, start: bytes = b"", body: bytes = b""
    ) -> Capture:
        match, request, client = self._match, self._request, self._client
        return Capture(
            domain=match.domain or "",
            route=match.rule.name if match.rule else "",
            method=request.method.decode("ascii"),
            target=request.target,
            host=request.plan.host,
            passing=request.plan.passing,
            claims=request.plan.claims,
            scheme=scheme_of(request, trusted_peer=client.trusted),
            trusted=client.trusted,
            peer=client.peer,
            port=client.port,
            url=url,
            head=head,
            at=time.time(),
            status=status,
            start=start,
            body=body,
        )


class _Reading(_Watching):
    """Of a request that only reads."""

    __slots__ = ()

    def answered(self, head: bytes, url: str, plan: AnswerPlan, body: bytes) -> None:
        if plan.status in USELESS:
            self._tap.back(self._taken, "useless")
        else:
            self._tap.send(self._taken, self._capture(head, url, plan.status, plan.start, body))


class _Writing(_Watching):
    """Of a request that may write. Its credit comes back when it was rehearsed."""

    __slots__ = ("_number",)

    def __init__(self, tap: Tap, client: Client, request: Request, match: Match) -> None:
        super().__init__(tap, client, request, match)
        self._number = 0

    def asked(self, head: bytes, body: bytes) -> None:
        number = self._tap.next_number()
        sent = self._tap.send(self._taken, Arrived(number, self._capture(head), body))
        self._number = number if sent else NOT_SENT

    def answered(self, head: bytes, url: str, plan: AnswerPlan, body: bytes) -> None:
        self._tell(plan.status)

    def too_large(self) -> None:
        """The answer is; its status is told as it is."""
        self._tell(self._request.status)

    def failed(self) -> None:
        if self._number == 0:
            self._tap.back(self._taken, "failed")
        self._tell(0)

    def _tell(self, status: int) -> None:
        if self._number > 0:
            self._tap.send_more(Answered(self._number, status, time.time()))
