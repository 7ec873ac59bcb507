"""What `.ci/run` leaves out of the tests, so that it ends in time; `scripts/test` has it all."""

import os
from collections.abc import Iterable, Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

SHORT = "STRANGLER_SHORT" in os.environ
LONGER = pytest.mark.skipif(SHORT, reason="STRANGLER_SHORT is set: the long form alone has it")


def sampled(values: Iterable[T], short: int) -> Sequence[T]:
    """All of them; in the short form so many, from the first one to the last, evenly apart."""
    found = [*values]
    if not SHORT or len(found) <= short:
        return found
    if short == 1:
        return found[:1]
    return [found[place * (len(found) - 1) // (short - 1)] for place in range(short)]


def shorter(long: T, short: T) -> T:
    """How long, how often, how many: in the long form, and in the short one."""
    return short if SHORT else long
