"""The table: what can go wrong, how it is brought about, and what comes of it.

`pytest tests/proxy/faults` plays every row; docs/faults.md is written from them.
"""

from dataclasses import dataclass
from typing import Literal

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from tests.proxy.faults.play import Part

Connection = Literal["kept", "closed", "none"]
"""The upstream's, afterwards. none: the upstream got nothing of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`fault` as the log says it, empty where there is none; `seen` as `Play.see` says it."""

    fault: str
    how: str
    scene: Part
    seen: str
    connection: Connection = "closed"

    @property
    def name(self) -> str:
        return f"{self.fault or 'no fault'}: {self.how}"

    @property
    def key(self) -> Fault:
        stage, side, cause = self.fault.split("/")
        return Fault(Stage(stage), Side(side), Cause(cause))
