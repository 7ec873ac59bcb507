"""How many requests may be sent again: few enough that retries never multiply an outage."""

BURST = 100.0
"""Retries saved up at most. An upstream that dies breaks all of its connections at once, and by
default a worker has this many to it."""


class RetryBudget:
    """A token bucket: each request puts in `ratio` of a retry, each second `floor` retries.

    The request path adds 1 to `requests` and no more; the sum is done when a retry is asked for,
    which gives the same, since between two withdrawals the bucket only fills. Over any stretch
    retries are at most BURST + requests * ratio + seconds * floor.

    `ratio` and `floor` may be replaced at any time.
    """

    __slots__ = ("_at", "_counted", "_tokens", "floor", "ratio", "requests")

    def __init__(self, ratio: float, floor: float, now: float) -> None:
        """`now` is a reading of the caller's clock, in seconds. One second's floor is there."""
        self.ratio = ratio
        self.floor = floor
        self.requests = 0
        self._counted = 0
        self._tokens = min(floor, BURST)
        self._at = now

    def withdraw(self, now: float) -> bool:
        """Whether one request may be sent again now; if so, it is counted as sent."""
        earned = self.ratio * (self.requests - self._counted) + self.floor * (now - self._at)
        self._tokens = min(BURST, self._tokens + earned)
        self._counted = self.requests
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
