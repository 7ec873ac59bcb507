"""What the legacy side does not say twice is no fault of the candidate (after Twitter's Diffy).

The legacy side is asked the same twice; how often it differs from itself at a field path is that
path's noise. A candidate's difference is clear where its rate lies above the noise by more than
chance: where the lower end of Newcombe's interval for the difference of two proportions (method 10
of Newcombe 1998, made of two Wilson score intervals) is above zero, at 95 % confidence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from math import sqrt

from proxy.parity.paths import generalised

Z = 1.959963984540054
"""Two-sided 95 %."""


class Verdict(StrEnum):
    """CLEAR: above the noise beyond chance. UNPROVEN: the legacy side was not seen to differ from
    itself there, but too few answers were compared to be sure. NOISE: it does so itself, and the
    candidate not clearly more often. EQUAL: nothing differs."""

    EQUAL = "equal"
    NOISE = "noise"
    UNPROVEN = "unproven"
    CLEAR = "clear"

    @property
    def shown(self) -> bool:
        """Whether it belongs in a report: noise alone is kept back."""
        return self in (Verdict.CLEAR, Verdict.UNPROVEN)


def wilson(hits: int, asked: int, z: float = Z) -> tuple[float, float]:
    """Wilson's score interval of a proportion; all that is possible where nothing was asked."""
    if asked == 0:
        return 0.0, 1.0
    rate, square = hits / asked, z * z
    middle = (rate + square / (2 * asked)) / (1 + square / asked)
    half = z * sqrt(rate * (1 - rate) / asked + square / (4 * asked * asked))
    half /= 1 + square / asked
    low = middle - half if hits else 0.0  # exactly, whatever was rounded
    high = middle + half if hits < asked else 1.0
    return low, high


def newcombe(hits: int, asked: int, others: int, others_asked: int) -> tuple[float, float]:
    """Interval of the first proportion less the second."""
    low, high = wilson(hits, asked)
    other_low, other_high = wilson(others, others_asked)
    rate = hits / asked if asked else 0.5
    other = others / others_asked if others_asked else 0.5
    distance = rate - other
    return (
        distance - sqrt((rate - low) ** 2 + (other_high - other) ** 2),
        distance + sqrt((high - rate) ** 2 + (other - other_low) ** 2),
    )


def verdict(differing: int, compared: int, noisy: int, noise_compared: int) -> Verdict:
    """Of one path: how often the candidate differed, of how many; the legacy side from itself."""
    if not 0 <= differing <= compared or not 0 <= noisy <= noise_compared:
        raise ValueError("counts must be of what was compared")
    if differing == 0:
        return Verdict.EQUAL
    if newcombe(differing, compared, noisy, noise_compared)[0] > 0:
        return Verdict.CLEAR
    return Verdict.NOISE if noisy else Verdict.UNPROVEN


class Noise:
    """What was learnt of one route. `paths`: how often each differed by itself; generalised."""

    def __init__(self, compared: int = 0, paths: Mapping[str, int] | None = None) -> None:
        self.compared = compared
        self.paths: Counter[str] = Counter(paths or {})

    def learn(self, differing: Iterable[str]) -> None:
        """One pair of answers of the legacy side, and the field paths at which they differ."""
        self.compared += 1
        self.paths.update({generalised(path) for path in differing})

    def verdict(self, path: str, differing: int, compared: int) -> Verdict:
        """Of a path at which the candidate differed so often, of so many answers compared."""
        return verdict(differing, compared, self.paths[generalised(path)], self.compared)

    def merge(self, other: "Noise") -> None:
        self.compared += other.compared
        self.paths.update(other.paths)
