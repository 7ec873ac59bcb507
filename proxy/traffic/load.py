"""What was asked of one side, and how long that took: a histogram, and what can be said from it."""

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil

from proxy.telemetry.tally import BUCKETS

NO_ANSWERS = (0,) * (len(BUCKETS) + 1)
_LOWER = (0.0, *BUCKETS)


@dataclass(frozen=True, slots=True)
class Load:
    """`errors` are answers 5xx and requests that failed on our side or upstream. `buckets` count
    answers by duration as `proxy.telemetry.tally.BUCKETS` has it; `seconds` is their sum."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    buckets: tuple[int, ...] = NO_ANSWERS

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.requests + other.requests,
            self.errors + other.errors,
            self.seconds + other.seconds,
            tuple(a + b for a, b in zip(self.buckets, other.buckets, strict=True)),
        )

    @property
    def error_share(self) -> float | None:
        return self.errors / self.requests if self.requests else None

    @property
    def p50(self) -> float | None:
        return percentile(self.buckets, 0.5)

    @property
    def p95(self) -> float | None:
        return percentile(self.buckets, 0.95)

    def above(self, bound: float) -> tuple[int, int]:
        """How many answers took longer than `bound` seconds: at least, and at most.

        Between two bounds of the histogram the sum of all durations says more: that of the answers
        in one bucket cannot be less, or more, than the others leave of it.
        """
        place = bisect_left(BUCKETS, bound)
        surely = sum(self.buckets[place + 1 :])
        if place == len(BUCKETS):
            return 0, self.buckets[-1]
        count, low, high = self.buckets[place], _LOWER[place], BUCKETS[place]
        if count == 0 or bound == high:
            return surely, surely
        least = (
            0 if self.buckets[-1] else ceil(_part(self._least(place) - count * bound, high - bound))
        )
        most = int(_part(self._most(place) - count * low, bound - low))
        return surely + min(max(least, 0), count), surely + min(max(most, 0), count)

    def _least(self, place: int) -> float:
        """Seconds that the answers in a bucket took together, if all others took the longest."""
        longest = sum(n * bound for n, bound in zip(self.buckets, BUCKETS, strict=False))
        return self.seconds - longest + self.buckets[place] * BUCKETS[place]

    def _most(self, place: int) -> float:
        shortest = sum(n * bound for n, bound in zip(self.buckets, _LOWER, strict=True))
        return self.seconds - shortest + self.buckets[place] * _LOWER[place]


NOTHING = Load()


def _part(seconds: float, each: float) -> float:
    """Rounded, as sums of floats are never quite what they should be."""
    return round(seconds / each, 6)


def percentile(buckets: tuple[int, ...], share: float) -> float | None:
    """In seconds, as if the answers in a bucket were spread over it evenly; None without answers.

    What lies above the last bound counts as that.
    """
    rank = share * sum(buckets)
    if rank == 0:
        return None
    for count, low, high in zip(buckets, _LOWER, BUCKETS, strict=False):
        if count and rank <= count:
            return low + (high - low) * rank / count
        rank -= count
    return BUCKETS[-1]
