"""Make a finding short: the fewest octets in the fewest pieces that still show it."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

Pieces = Sequence[bytes]


def shortened(pieces: Pieces, shows: Callable[[Pieces], bool], seconds: float) -> Pieces:
    """Pieces for which `shows` is still true, after at most about that many seconds."""
    until = monotonic() + seconds
    best = pieces
    improved = True
    while improved and monotonic() < until:
        improved = False
        for candidate in _shorter(best):
            if monotonic() > until:
                break
            if shows(candidate):
                best, improved = candidate, True
                break
    return best


def _shorter(pieces: Pieces) -> Iterator[Pieces]:
    """In one piece; one cut less; without a span, long ones first."""
    if len(pieces) > 1:
        yield [b"".join(pieces)]
        for at in range(len(pieces) - 1):
            yield [*pieces[:at], pieces[at] + pieces[at + 1], *pieces[at + 2 :]]
    total = sum(map(len, pieces))
    size = total // 2
    while size:
        for start in range(0, total, size):
            yield _without(pieces, start, start + size)
        size //= 2


def _without(pieces: Pieces, start: int, end: int) -> Pieces:
    left, at = [], 0
    for piece in pieces:
        kept = piece[: max(start - at, 0)] + piece[max(end - at, 0) :]
        at += len(piece)
        if kept:
            left.append(kept)
    return left
