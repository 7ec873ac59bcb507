"""Requests that may write, while the rows are being handed over: those under way are counted, those
that come are held, in the order of their coming, and go to the owner that there is then."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from proxy.net.clock import NEVER
from proxy.server.client import Client
from proxy.server.held import Again, Held
from proxy.server.request import Request
from proxy.wire.answer import own_answer

MOST_HELD = 1_000
"""In one worker. More are refused with 503, before anything of them was done."""
RETRY = b"Retry-After: 1\r\n"


@dataclass(slots=True)
class Holding:
    """`again` gives a held request its course anew. `on_quiet` hears that nothing that may write to
    a domain is under way any more."""

    again: Again
    on_quiet: Callable[[str], None] = lambda domain: None
    _under_way: dict[str, int] = field(default_factory=dict)
    _held: dict[str, deque[Held]] = field(default_factory=dict)
    _count: int = 0

    def entered(self, request: Request, domain: str) -> None:
        """It is on its way to whoever answers it."""
        request.writes_to += (domain,)
        self._under_way[domain] = self._under_way.get(domain, 0) + 1

    def left(self, domain: str) -> None:
        """It was answered, or its client is gone."""
        self._under_way[domain] -= 1
        if not self._under_way[domain]:
            self.on_quiet(domain)

    def quiet(self, domain: str) -> bool:
        return not self._under_way.get(domain)

    @property
    def held(self) -> int:
        return self._count

    def hold(self, client: Client, request: Request, domain: str) -> None:
        if self._count >= MOST_HELD:
            request.status = 503
            client.send_own(*own_answer(503, RETRY), head_only=False)
            return
        self._count += 1
        waiting = self._held.setdefault(domain, deque())
        held = Held(client, request, lambda: self._gone(domain, held))
        waiting.append(held)
        client.course = held
        client.due = NEVER

    def release(self, domain: str) -> None:
        """All that are held for a domain. One may be held again."""
        waiting = self._held.pop(domain, None)
        while waiting:
            held = waiting.popleft()
            self._count -= 1
            held.client.course = None
            self.again(held.client, held.request)

    def _gone(self, domain: str, held: "Held") -> None:
        self._held[domain].remove(held)
        self._count -= 1
