"""When events take place next."""

from datetime import UTC, datetime, timedelta

import pytest

from ported_domains.events.timing import Occurrence, RecurringRule, next_time

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rule(begin: str, finish: str, frequency: int, interval: int = 1) -> RecurringRule:
    return RecurringRule(at(begin), at(finish), HOUR, frequency, interval, all_day=False)


@pytest.mark.parametrize(
    ("begin", "finish", "frequency", "interval", "expected"),
    [
        # daily, weekly, and microseconds are dropped
        ("2026-11-19T09:00:00.5", "2027-01-01", 3, 1, "2026-11-21T09:00"),
        ("2026-11-19T09:00", "2027-01-01", 3, 5, "2026-11-24T09:00"),
        ("2026-11-02T09:00", "2027-01-01", 2, 2, "2026-11-30T09:00"),
        # a time that is now is over; the last one may be at the very end
        ("2026-11-19T12:00", "2027-01-01", 3, 1, "2026-11-21T12:00"),
        ("2026-11-19T12:00", "2026-11-21T12:00", 3, 1, "2026-11-21T12:00"),
        # months and years without that day are left out
        ("2026-01-31T09:00", "2027-12-31", 1, 1, "2026-12-31T09:00"),
        ("2026-08-31T09:00", "2027-12-31", 1, 3, "2027-05-31T09:00"),
        ("2024-02-29T09:00", "2029-01-01", 0, 1, "2028-02-29T09:00"),
        # what has not begun begins
        ("2027-02-01T09:00", "2027-12-31", 0, 0, "2027-02-01T09:00"),
        # after the last one it is now, as for numbers that make no series
        ("2026-10-20T09:00", "2026-12-01", 0, 1, "2026-11-20T12:00"),
        ("2026-10-20T09:00", "2027-12-01", 3, 0, "2026-11-20T12:00"),
        ("2026-10-20T09:00", "2027-12-01", 9, 1, "2026-11-20T12:00"),
        ("2010-10-20T09:00:01", "2027-12-01", 6, 1, "2026-11-20T12:00:01"),
    ],
)
def test_the_next_of_a_series(
    begin: str, finish: str, frequency: int, interval: int, expected: str
) -> None:
    found = rule(begin, finish, frequency, interval).next_after(NOW)
    assert found == Occurrence(at(expected), at(expected) + HOUR, all_day=False)


def test_the_earliest_of_all_rules_that_are_not_over_counts() -> None:
    over = rule("2026-01-01T09:00", "2026-11-20T12:00", 3)
    daily = rule("2026-01-01T13:00", "2027-01-01", 3)
    single = Occurrence(at("2026-11-20T13:00"), at("2026-11-21T13:00"), all_day=True)
    sooner = Occurrence(at("2026-11-20T12:30"), at("2026-11-21T13:00"), all_day=True)
    running = Occurrence(at("2026-11-20T11:00"), at("2026-11-21T13:00"), all_day=True)
    assert next_time(sooner, [daily], NOW) == sooner
    assert next_time(single, [daily], NOW) == daily.next_after(NOW)
    assert next_time(running, [over, daily], NOW) == daily.next_after(NOW)
    assert next_time(running, [over], NOW) is None
    assert next_time(None, [], NOW) is None


def test_a_day_is_that_of_utc() -> None:
    assert not Occurrence(at("2026-11-20T23:30"), at("2026-11-21T00:30"), all_day=False).single_day
    assert Occurrence(at("2026-11-20T22:30"), at("2026-11-20T23:30"), all_day=False).single_day
