"""Two lists beside each other."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from proxy.parity.align import Budget, aligned, paired
from proxy.parity.common_ends import common_end, common_start
from tests.proxy.parity.sides import QUICK

LETTERS = st.lists(st.sampled_from("abcde"), max_size=12)


def longest(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, as it is defined."""
    if not one or not other:
        return 0
    if one[0] == other[0]:
        return 1 + longest(one[1:], other[1:])
    return max(longest(one[1:], other), longest(one, other[1:]))


SHORT = st.lists(st.sampled_from("abc"), max_size=7)


@QUICK
@given(SHORT, SHORT)
def test_no_longer_alignment_exists(one: list[str], other: list[str]) -> None:
    assert len(aligned(one, other, Budget(10_000))) == longest(one, other)


@QUICK
@given(LETTERS, LETTERS, st.sampled_from([0, 10_000]))
def test_an_alignment_is_of_equals_and_in_order(
    one: list[str], other: list[str], steps: int
) -> None:
    pairs = aligned(one, other, Budget(steps))
    assert all(one[at] == other[beside] for at, beside in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@QUICK
@given(LETTERS, LETTERS)
def test_everything_is_in_a_pair_once(one: list[str], other: list[str]) -> None:
    pairs = list(paired(one, other, (str, str.upper, lambda _: None), Budget(10_000)))
    assert [at for at, _ in pairs if at is not None] == list(range(len(one)))
    assert [beside for _, beside in pairs if beside is not None] == list(range(len(other)))


def test_what_is_rare_is_found_without_a_search() -> None:
    one = [*"xxaxxbxxc"]
    other = [*"xaxbxcx"]
    pairs = aligned(["#", *one, "$"], ["%", *other, "&"], Budget(0))
    assert pairs == [(3, 2), (6, 4), (9, 6)]


@QUICK
@given(st.text("ab", max_size=20), st.text("ab", max_size=20))
def test_what_texts_have_in_common(one: str, other: str) -> None:
    start, end = common_start(one, other), common_end(one, other)
    assert one[:start] == other[:start]
    shorter = min(len(one), len(other))
    assert start == shorter or one[start] != other[start]
    assert one[len(one) - end :] == other[len(other) - end :]
