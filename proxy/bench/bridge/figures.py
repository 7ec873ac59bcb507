"""What a part gives: figures with what they are compared to and what was wanted. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Literal

Measure = Literal["ratio", "ours", "added_mib"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bound of one measure of a figure; `least`: it has to be at least that, else at most."""

    measure: Measure
    bound: float
    least: bool = True

    def met(self, reached: float) -> bool:
        return reached >= self.bound if self.least else reached <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line. Medians of the rounds; `ratio` is taken within each round, ours ÷ peer.

    `unit` is that of `ours` and `peer`. Memory is that of the process which copied or applied:
    `before_mib` when it had connected and nothing else, `peak_mib` the most until the end; `cpu_us`
    is its processor time, user and system, for each transaction, which tells more than seconds do
    where others use the machine.
    """

    part: str
    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    wanted: Wanted | None = None
    before_mib: float | None = None
    peak_mib: float | None = None
    cpu_us: float | None = None
    rounds: Sequence[float] = ()
    peer_rounds: Sequence[float] = ()
    errors: Sequence[str] = field(default=())

    @property
    def added_mib(self) -> float | None:
        if self.peak_mib is None or self.before_mib is None:
            return None
        return round(self.peak_mib - self.before_mib, 1)

    @property
    def reached(self) -> float | None:
        if self.wanted is None:
            return None
        found: float | None = getattr(self, self.wanted.measure)
        return found

    @property
    def met(self) -> bool | None:
        """None where nothing is wanted, or could not be measured."""
        if self.wanted is None or self.reached is None:
            return None
        return self.wanted.met(self.reached)

    def as_dict(self) -> dict[str, Any]:
        row = asdict(self)
        return row | {"added_mib": self.added_mib, "met": self.met}


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of one process."""

    before: float
    peak: float


def beside(
    part: str,
    name: str,
    ours: Sequence[float],
    peer: Sequence[float],
    peer_name: str,
    *,
    unit: str = "rows/s",
    wanted: Wanted | None = None,
    memory: Sequence[Memory] = (),
    cpu_us: Sequence[float] = (),
    errors: Sequence[str] = (),
) -> Figure:
    """Of rounds in which ours and the peer took turns. Of memory the worst round counts."""
    worst = max(memory, key=lambda one: one.peak, default=None)
    ratios = [our / their for our, their in zip(ours, peer, strict=True) if their]
    return Figure(
        part=part,
        name=name,
        unit=unit,
        ours=round(median(ours), 1),
        peer=round(median(peer), 1),
        peer_name=peer_name,
        ratio=round(median(ratios), 3) if ratios else None,
        wanted=wanted,
        before_mib=worst.before if worst else None,
        peak_mib=worst.peak if worst else None,
        cpu_us=round(median(cpu_us), 1) if cpu_us else None,
        rounds=[round(one, 1) for one in ours],
        peer_rounds=[round(one, 1) for one in peer],
        errors=tuple(errors),
    )
