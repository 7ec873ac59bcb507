"""How much of two texts is alike at their beginning and at their end."""

from collections.abc import Callable


def common_start(one: str, other: str) -> int:
    """Characters; by halving, since comparing slices is quicker than comparing characters."""
    return _most(min(len(one), len(other)), lambda n: one[:n] == other[:n])


def common_end(one: str, other: str) -> int:
    return _most(min(len(one), len(other)), lambda n: n == 0 or one[-n:] == other[-n:])


def _most(longest: int, alike: Callable[[int], bool]) -> int:
    least = 0
    while least < longest:
        middle = (least + longest + 1) // 2
        if alike(middle):
            least = middle
        else:
            longest = middle - 1
    return least
