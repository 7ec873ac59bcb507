"""How much is measured: rows, transactions and seconds of each part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

COPY, VERIFY, BACKLOG, LATENCY, LARGE, IDLE = PARTS = (
    "copy",
    "verify",
    "backlog",
    "latency",
    "large",
    "idle",
)
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgePlan:
    """`names` of the parts. `narrow` and `wide` are rows of the two tables, `backlog` transactions
    of one row, `plain` the upserts of a peer, `rate` transactions a second, `large` the bytes of
    one transaction. Ours and peers take turns, `rounds` times."""

    names: Sequence[str] = PARTS
    rounds: int = 3
    narrow: int = 1_000_000
    wide: int = 100_000
    backlog: int = 200_000
    plain: int = 5_000
    rate: int = 500
    latency_seconds: float = 20.0
    large: int = 1024 * MIB
    idle_seconds: float = 15.0


DEFAULT = BridgePlan()
FULL = replace(DEFAULT, narrow=10_000_000, wide=300_000)
SHORT = BridgePlan(
    rounds=1,
    narrow=20_000,
    wide=500,
    backlog=2_000,
    plain=200,
    rate=200,
    latency_seconds=0.5,
    large=4 * MIB,
    idle_seconds=0.5,
)
