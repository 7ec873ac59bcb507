"""Whose turn it is to be compared, and when: so that all were within the time for one round."""

import time
from collections.abc import Mapping, Sequence


def next_domain(
    tables: Mapping[str, Sequence[str]],
    compared: Mapping[str, float],
    every: float,
    now: float | None = None,
) -> str | None:
    """The domain with the table that was longest not compared; of several the first.

    `tables` by domain; `compared`: when each table was, in seconds since 1970. None where all were
    within this round of `every` seconds. A step of the round is granted, else the last domain would
    be a step late each time.
    """
    since = {
        name: min(compared.get(table, 0.0) for table in own) for name, own in tables.items() if own
    }
    name = min(since, key=since.__getitem__, default=None)
    if name is None:
        return None
    age = (time.time() if now is None else now) - since[name]
    return name if age >= every - step(every, len(since)) else None


def step(every: float, number: int) -> float:
    """Seconds from one domain to the next, where so many take a round."""
    return every / max(number, 1)


def next_tick(every: float, now: float) -> int:
    """The next moment of a schedule, in whole seconds since 1970: the same for all workers."""
    return int((now // every + 1) * every)
