"""What one worker counted: plain dicts and lists, as the hot path has no time for more."""

from typing import Annotated

import msgspec

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds; one more bucket takes what lasted longer."""

ANSWERS = slice(0, len(BUCKETS) + 1)
SECONDS = len(BUCKETS) + 1
SENT = SECONDS + 1
RECEIVED = SENT + 1
_ROW = RECEIVED + 1

Labels = tuple[str, ...]
Row = Annotated[list[float], msgspec.Meta(min_length=_ROW, max_length=_ROW)]
"""Answers by bucket of their duration (not cumulated), then seconds, octets sent and received."""


class Tally(msgspec.Struct):
    """`requests` by owner, domain and status; `counts` by the counter's name and its labels."""

    requests: dict[tuple[str, str, int], Row] = msgspec.field(default_factory=dict)
    counts: dict[str, dict[Labels, float]] = msgspec.field(default_factory=dict)

    def row(self, owner: str, domain: str, status: int) -> Row:
        return self.requests.setdefault((owner, domain, status), [0.0] * _ROW)

    def count(self, name: str, labels: Labels, by: float = 1) -> None:
        counts = self.counts.setdefault(name, {})
        counts[labels] = counts.get(labels, 0) + by

    def add(self, other: "Tally") -> None:
        """Make this the sum of both; the other stays as it is."""
        for key, theirs in other.requests.items():
            ours = self.requests.get(key)
            self.requests[key] = (
                [a + b for a, b in zip(ours, theirs, strict=True)] if ours else list(theirs)
            )
        for name, counts in other.counts.items():
            for labels, number in counts.items():
                self.count(name, labels, number)
