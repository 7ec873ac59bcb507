"""An exchange whose answer somebody looks at. Others pay nothing for it: this is another class."""

from typing import TYPE_CHECKING, Protocol

from proxy.forwarding.exchange import Exchange, Fallback
from proxy.forwarding.faults import Fault
from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import AnswerPlan

if TYPE_CHECKING:
    from proxy.forwarding.forwarder import Forwarder

MOST_WATCHED = 1 << 20
"""Octets of a body that are kept for whoever looks on; of a longer one none are."""


class Watcher(Protocol):
    """Looks on. After `begun`, exactly one of the others is called, once the client has been sent
    the whole of its answer, or it is known that it will not be."""

    def begun(self) -> None: ...

    def asked(self, head: bytes, body: bytes) -> None:
        """What the upstream is sent, if it is small and at hand whole; before `answered`."""

    def answered(self, head: bytes, url: str, plan: AnswerPlan, body: bytes) -> None:
        """`head` is that of the request as the upstream at `url` got it."""

    def too_large(self) -> None: ...

    def failed(self) -> None: ...


class WatchedExchange(Exchange):
    __slots__ = ("_plan", "_seen", "_size", "_told", "_watcher")

    def __init__(
        self,
        forwarder: "Forwarder",
        client: Client,
        request: Request,
        head: bytes,
        fallback: Fallback | None,
        watcher: Watcher,
    ) -> None:
        super().__init__(forwarder, client, request, head, fallback)
        self._watcher = watcher
        self._plan: AnswerPlan | None = None
        self._seen: list[bytes] = []
        self._size = 0
        self._told = False
        watcher.begun()

    def begin(self) -> None:
        if self._uploaded:
            self._watcher.asked(self._head, b"")
        super().begin()

    def body_ended(self) -> None:
        gathered = self._gathered
        if gathered is not None:
            self._watcher.asked(self._head, b"".join(gathered))
        super().body_ended()

    def answered_whole(self, plan: AnswerPlan, body: bytes) -> None:
        super().answered_whole(plan, body)
        self._plan = plan
        self._keep(body)
        self._tell()

    def answered(self, plan: AnswerPlan, length: int, piece: bytes, *, whole: bool) -> None:
        self._plan = plan
        self._keep(piece)
        super().answered(plan, length, piece, whole=whole)
        if whole:
            self._tell()

    def answer_piece(self, piece: bytes) -> None:
        self._keep(piece)
        super().answer_piece(piece)

    def answer_ended(self) -> None:
        super().answer_ended()
        self._tell()

    def _fail(self, fault: Fault) -> None:
        super()._fail(fault)
        if not self._told:
            self._told = True
            self._watcher.failed()

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= MOST_WATCHED:
            self._seen.append(piece)
        else:
            self._seen.clear()

    def _tell(self) -> None:
        """Unless the client left with the last piece, which was told."""
        if self._told:
            return
        self._told = True
        plan, member = self._plan, self._member
        if plan is None or member is None:
            self._watcher.failed()
        elif self._size > MOST_WATCHED:
            self._watcher.too_large()
        else:
            self._watcher.answered(self._head, member.url, plan, b"".join(self._seen))
