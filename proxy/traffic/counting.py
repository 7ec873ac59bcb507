"""What one worker counted, in buckets of two seconds, until it is written down.

Each look takes the differences of the telemetry's tally: nothing is counted twice over, and a
request costs nothing here but the count of its route.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from proxy.telemetry.tally import ANSWERS, SECONDS
from proxy.traffic.load import NO_ANSWERS

BUCKET_SECONDS = 2
KEPT_SECONDS = 300
"""How long counts wait for a database that is away."""
SETTLED_SECONDS = 10
"""After which a bucket that is written down gets no more: clocks are set back by less."""

SIDES = frozenset({"legacy", "native"})
_SWITCHED = 101  # lasts as long as the client likes

Row = list[float]
Key = tuple[int, str, str]
"""A bucket's begin in seconds since 1970, domain or '', side."""
Hits = defaultdict[tuple[str | None, str, str], int]
"""Requests by domain, route and who answered: counted at the end of each."""


class Counted(Protocol):
    """What the telemetry has counted since the worker began."""

    @property
    def requests(self) -> Mapping[tuple[str, str, int], Row]:
        """By owner, domain or '-', and status; rows as `proxy.telemetry.tally` has them."""

    @property
    def failed(self) -> Mapping[tuple[str, str], int]:
        """By owner and domain: failed through no fault of the client, with no 5xx to show it."""


@dataclass(slots=True)
class Bucket:
    """`version` grows with each change; `written` is the last one that the database has."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: list(NO_ANSWERS))
    version: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What the database does not have: buckets as they are now, hits since the last batch
    (by domain, route and side: when last, how many)."""

    buckets: Mapping[Key, tuple[Bucket, int]]
    hits: Mapping[tuple[str, str, str], tuple[float, int]]

    def __bool__(self) -> bool:
        return bool(self.buckets or self.hits)


class Counting:
    """`hits` is filled by whoever records requests."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._seen: dict[tuple[str, str, int], Row] = {}
        self._seen_failed: dict[tuple[str, str], int] = {}
        self._buckets: dict[Key, Bucket] = {}
        self._hits: dict[tuple[str, str, str], tuple[float, int]] = {}
        self.hits: Hits = defaultdict(int)

    def look(self, now: float) -> None:
        """Count what was added since the last look as of `now`, in seconds since 1970."""
        at = int(now // BUCKET_SECONDS) * BUCKET_SECONDS
        for (side, domain, status), row in self._counted.requests.items():
            before = self._seen.get((side, domain, status))
            if row != before and side in SIDES and status != _SWITCHED:
                self._seen[side, domain, status] = list(row)
                self._add(self._bucket(at, domain, side), status, row, before)
        for (side, domain), number in self._counted.failed.items():
            more = number - self._seen_failed.get((side, domain), 0)
            if more and side in SIDES:
                self._seen_failed[side, domain] = number
                bucket = self._bucket(at, domain, side)
                bucket.errors += more
                bucket.version += 1
        self._take_hits(now)

    def unwritten(self) -> Batch:
        changed = {
            key: (bucket, bucket.version)
            for key, bucket in sorted(self._buckets.items())
            if bucket.version != bucket.written
        }
        return Batch(changed, dict(sorted(self._hits.items())))

    def written(self, batch: Batch) -> None:
        """The database has it now."""
        for bucket, version in batch.buckets.values():
            bucket.written = version
        for key, (at, number) in batch.hits.items():
            last, counted = self._hits[key]
            if counted == number:
                del self._hits[key]
            else:
                self._hits[key] = max(at, last), counted - number

    def forget(self, now: float) -> int:
        """Let go what is settled, and what has waited too long: requests that nobody will see."""
        lost = 0
        for key, bucket in list(self._buckets.items()):
            waits = bucket.version != bucket.written
            if abs(now - key[0]) > (KEPT_SECONDS if waits else SETTLED_SECONDS):
                lost += bucket.requests if waits else 0
                del self._buckets[key]
        return lost

    def _bucket(self, at: int, domain: str, side: str) -> Bucket:
        return self._buckets.setdefault((at, "" if domain == "-" else domain, side), Bucket())

    def _add(self, bucket: Bucket, status: int, row: Row, before: Row | None) -> None:
        added = list(_differences(row, before))
        answers = [int(number) for number in added[ANSWERS]]
        number = sum(answers)
        bucket.requests += number
        bucket.errors += number if status >= 500 else 0
        bucket.seconds += added[SECONDS]
        bucket.buckets = [a + b for a, b in zip(bucket.buckets, answers, strict=True)]
        bucket.version += 1

    def _take_hits(self, now: float) -> None:
        for (domain, route, side), number in self.hits.items():
            if domain is not None and side in SIDES:
                before = self._hits.get((domain, route, side), (0.0, 0))[1]
                self._hits[domain, route, side] = now, before + number
        self.hits.clear()


def _differences(row: Row, before: Row | None) -> Iterator[float]:
    return (a - b for a, b in zip(row, before or [0.0] * len(row), strict=True))
