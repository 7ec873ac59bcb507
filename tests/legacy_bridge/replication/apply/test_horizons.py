"""Which versions of rows count as seen."""

from legacy_bridge.replication.apply.horizons import REMEMBERED, Seen


def test_what_is_below_the_horizon_was_carried_over_or_is_our_own() -> None:
    seen = Seen()
    assert 10 not in seen
    seen.advance(10, [14, 2**32 + 16])
    seen.wrote([18])
    assert [xid for xid in range(8, 20) if xid in seen] == [8, 9, 14, 16, 18]
    assert None not in seen


def test_below_the_horizon_nothing_is_remembered() -> None:
    seen = Seen()
    seen.advance(None, [14, 16])
    seen.wrote([15, 17])
    seen.advance(16)
    assert (seen.here, seen.own) == ({16: None}, {17})
    assert all(xid in seen for xid in (14, 15, 16, 17))


def test_of_a_horizon_that_stands_still_the_newest_are_remembered() -> None:
    seen = Seen(horizon=10)
    seen.advance(None, range(20, 20 + REMEMBERED))
    seen.advance(10, [1_000_000])
    assert next(iter(seen.here)) == 21
    assert len(seen.here) == REMEMBERED
    assert 1_000_000 in seen
    assert 20 not in seen


def test_a_copy_of_it_goes_on_by_itself() -> None:
    seen = Seen(10, {12}, {14: None})
    other = seen.copy()
    other.advance(13, [20])
    other.wrote([21])
    assert seen == Seen(10, {12}, {14: None})
    assert other == Seen(13, {21}, {14: None, 20: None})
