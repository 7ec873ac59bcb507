"""How long an attempt to hand over may hold requests, and when the next one follows. Pure.

A short attempt that comes to nothing costs visitors little, and a second later the same may be
quick; where it never is, a long one is better than none at all.
"""

from proxy.ownership.flip import PAUSE_SECONDS

HELD_SECONDS = (0.35, 0.35, 0.35, 0.6, PAUSE_SECONDS)
FIRST_SECONDS, LAST_SECONDS = 1.0, 60.0


def held_seconds(failed: int) -> float:
    """At most, after so many attempts that came to nothing."""
    return HELD_SECONDS[min(failed, len(HELD_SECONDS) - 1)]


def seconds_until_next(failed: int) -> float:
    """After the last of so many."""
    return min(FIRST_SECONDS * 2.0 ** min(max(0, failed - len(HELD_SECONDS)), 10), LAST_SECONDS)
