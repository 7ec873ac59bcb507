"""Two lists beside each other: what is in both, in order, and what only one has."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Key = Callable[[T], Hashable]
Pair = tuple[int | None, int | None]
"""Positions in control and candidate; None where that side has nothing for it."""


class Budget:
    """How much searching one comparison may still do."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """Whether there was enough left; else nothing is taken."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def paired(
    control: Sequence[T], candidate: Sequence[T], keys: Sequence[Key[T]], budget: Budget
) -> Iterator[Pair]:
    """Aligned by the first key; what that leaves over between two pairs, by the next, and so on.

    So the first key is "the same", the next "the same thing, changed", the last "of its kind".
    """
    yield from _paired(control, candidate, keys, budget, 0, 0)


def _paired(
    control: Sequence[T],
    candidate: Sequence[T],
    keys: Sequence[Key[T]],
    budget: Budget,
    before: int,
    behind: int,
) -> Iterator[Pair]:
    key, further = keys[0], keys[1:]
    matches = aligned([key(one) for one in control], [key(one) for one in candidate], budget)
    start, other_start = 0, 0
    for end, other_end in [*matches, (len(control), len(candidate))]:
        left, right = control[start:end], candidate[other_start:other_end]
        if len(left) == len(right) == 1 and keys[-1](left[0]) == keys[-1](right[0]):
            yield before + start, behind + other_start  # no need to look closer
        elif left and right and further:
            yield from _paired(left, right, further, budget, before + start, behind + other_start)
        else:
            yield from ((before + at, None) for at in range(start, end))
            yield from ((None, behind + at) for at in range(other_start, other_end))
        if end < len(control) and other_end < len(candidate):
            yield before + end, behind + other_end
        start, other_start = end + 1, other_end + 1


def aligned(
    control: Sequence[Hashable], candidate: Sequence[Hashable], budget: Budget
) -> list[tuple[int, int]]:
    """Positions of a longest common subsequence; of a good one where that would be too much work.

    `O(n·m)` steps in what is between the equal beginning and the equal end.
    """
    shorter = min(len(control), len(candidate))
    head = next((at for at in range(shorter) if control[at] != candidate[at]), shorter)
    tail = next(
        (at for at in range(shorter - head) if control[-1 - at] != candidate[-1 - at]),
        shorter - head,
    )
    one, other = control[head : len(control) - tail], candidate[head : len(candidate) - tail]
    search = _longest if budget.spend(len(one) * len(other)) else _by_unique
    ends = ((len(control) - at, len(candidate) - at) for at in range(tail, 0, -1))
    return [
        *((at, at) for at in range(head)),
        *((head + at, head + beside) for at, beside in search(one, other)),
        *ends,
    ]


def _longest(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Longest common subsequence by dynamic programming, from the ends."""
    width = len(other)
    rows: list[list[int]] = [[0] * (width + 1)]
    for value in reversed(one):
        below, row = rows[-1], [0] * (width + 1)
        for at in range(width - 1, -1, -1):
            row[at] = below[at + 1] + 1 if value == other[at] else max(below[at], row[at + 1])
        rows.append(row)
    rows.reverse()
    pairs, at, beside = [], 0, 0
    while at < len(one) and beside < width:
        if one[at] == other[beside]:
            pairs.append((at, beside))
            at, beside = at + 1, beside + 1
        elif rows[at + 1][beside] >= rows[at][beside + 1]:
            at += 1
        else:
            beside += 1
    return pairs


def _by_unique(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """What occurs once on each side, in the longest order that both have: `O(n log n)`."""
    counts, others = Counter(one), Counter(other)
    where = {value: at for at, value in enumerate(other) if others[value] == 1}
    pairs = [(at, where[v]) for at, v in enumerate(one) if counts[v] == 1 and v in where]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for number, (_, beside) in enumerate(pairs):
        length = bisect_left(tails, beside)
        tails[length : length + 1] = [beside]
        ends[length : length + 1] = [number]
        before.append(ends[length - 1] if length else None)
    chain, last = [], ends[-1] if ends else None
    while last is not None:
        chain.append(pairs[last])
        last = before[last]
    return chain[::-1]
