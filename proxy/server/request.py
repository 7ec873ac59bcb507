"""One request on its way: what was asked, by whom, and what became of it."""

from random import getrandbits
from typing import Protocol

from proxy.ownership.phases import Side
from proxy.wire.request import Plan


class Request:
    """Filled in as it travels; the telemetry reads it at the end.

    `began` is in the terms of `time.monotonic`; `sent` and `received` are octets of bodies;
    `status` is 0 until an answer has begun. `stamp` are the field lines that say who answered, and
    `lines` what else we add to it. `fresh`: nothing that the visitor has written is waited for any
    more; `side` answers then, if it is given.
    `phase`: that of its domain, when its side was chosen. `route`: the name of the rule that took
    it. `writes_to`: the domains whose rows it may change, once it is on its way.
    """

    # Defaults of the class, so that a request costs only what is particular to it.
    owner = "proxy"
    domain: str | None = None
    route: str | None = None
    writes_to: tuple[str, ...] = ()
    phase = ""
    stamp = b""
    lines = b""
    fresh = False
    side: Side | None = None
    status = 0
    sent = 0
    received = 0
    fault: tuple[str, str, str] | None = None
    upstream: str | None = None
    upstream_seconds: float | None = None

    def __init__(
        self, method: bytes, target: bytes, minor: int, plan: Plan, address: str, began: float
    ) -> None:
        self.method = method
        self.target = target
        self.path = target.partition(b"?")[0] if b"?" in target else target
        self.minor = minor
        self.plan = plan
        self.address = address
        self.began = began
        self.id = b"%032x" % getrandbits(128)  # unique, not secret


class Course(Protocol):
    """What answers a request, told what happens on the client's side."""

    def body(self, content: bytes) -> None:
        """A piece of the request's body, never empty."""

    def body_ended(self) -> None:
        """The whole body was given."""

    def client_ready(self) -> None:
        """The client took what waited for it."""

    def client_failed(self, cause: str) -> None:
        """The client left, is late, or sent what it must not: `closed`, `late`, `invalid`, `limit`.

        The connection is still there for an answer where one has not begun, except for `closed`.
        """


class Switched(Protocol):
    """What takes the octets of a client after a change of protocol."""

    def from_client(self, data: bytes) -> None: ...

    def client_ended(self) -> None:
        """The client sends no more."""

    def client_ready(self) -> None: ...

    def client_failed(self, cause: str) -> None: ...
