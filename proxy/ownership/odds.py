"""How sure one can be that one share lies above another, from counts."""

from math import exp, lgamma, log, log1p

from proxy.parity.noise import wilson

ALPHA = 1e-6
"""What is taken for chance: looked at twice a second it comes about once a week at worst, where the
true share is just as high as it may be."""
CAUTION = 3.0
"""The share that something is compared with may be so many standard deviations higher than seen."""


def at_most(hits: int, asked: int) -> float:
    """What the share may be in truth."""
    return wilson(hits, asked, CAUTION)[1]


def surely_above(hits: int, asked: int, share: float) -> bool:
    """Whether so many hits hardly come about where the true share is this one, or less."""
    return tail(hits, asked, share) < ALPHA


def tail(hits: int, asked: int, share: float) -> float:
    """The chance of so many hits, or more, of so many asked: the binomial distribution's tail."""
    if hits <= asked * share or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    choose = lgamma(asked + 1) - lgamma(hits + 1) - lgamma(asked - hits + 1)
    term = total = exp(choose + hits * log(share) + (asked - hits) * log1p(-share))
    odds = share / (1 - share)
    for number in range(hits, asked):
        term *= (asked - number) / (number + 1) * odds  # falls: there are more hits than expected
        total += term
        if term < total * 1e-12:
            break
    return min(total, 1.0)
