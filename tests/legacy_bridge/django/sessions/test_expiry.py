"""How long sessions last."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from legacy_bridge.django.sessions.expiry import ends_with_browser, lifetime, set_expiry
from legacy_bridge.django.sessions.store import Lifetime, Values
from legacy_bridge.django.settings import TWO_WEEKS, SessionSettings

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
DAY = datetime(2026, 3, 1, tzinfo=UTC)
DEFAULTS = SessionSettings()
BERLIN = SessionSettings(time_zone=ZoneInfo("Europe/Berlin"))
SITE_AGE = Lifetime(TWO_WEEKS, NOW + timedelta(seconds=TWO_WEEKS))


@pytest.mark.parametrize("expiry", [None, 0, 0.0, "", "tomorrow", [], {}, "9999"])
def test_site_age(expiry: Any) -> None:
    """What cannot be read is no expiry of its own."""
    assert lifetime({"_session_expiry": expiry}, DEFAULTS, NOW) == SITE_AGE
    assert lifetime({}, DEFAULTS, NOW) == SITE_AGE


@pytest.mark.parametrize("seconds", [1, 300, 1.5, -5, True])
def test_seconds(seconds: float) -> None:
    assert lifetime({"_session_expiry": seconds}, DEFAULTS, NOW) == Lifetime(
        seconds, NOW + timedelta(seconds=seconds)
    )


@pytest.mark.parametrize(
    ("written", "settings", "seconds"),
    [
        ("2026-03-01T12:01:00+00:00", DEFAULTS, 59),
        ("2026-03-01T12:01:00.500000+00:00", DEFAULTS, 60),
        ("2026-03-01T13:01:00+01:00", DEFAULTS, 59),
        ("2026-03-03T12:00:00.500000Z", DEFAULTS, 2 * 86400),
        ("2026-03-01T12:00:00+00:00", DEFAULTS, -1),
        ("2026-03-01T13:01:00.500000", BERLIN, 60),
        ("2026-03-01T12:01:00.500000", DEFAULTS, 60),
    ],
)
def test_moments(written: str, settings: SessionSettings, seconds: int) -> None:
    """Seconds are rounded down; times without a zone are of the site's own."""
    lasts = lifetime({"_session_expiry": written}, settings, NOW)
    assert lasts.seconds == seconds
    assert lasts.ends - NOW - timedelta(seconds=seconds) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expiry", "settings", "written"),
    [
        (0, DEFAULTS, 0),
        (300, DEFAULTS, 300),
        (timedelta(minutes=1), DEFAULTS, "2026-03-01T12:01:00.500000+00:00"),
        (DAY.replace(tzinfo=timezone(timedelta(hours=2))), DEFAULTS, "2026-03-01T00:00:00+02:00"),
        (DAY.replace(tzinfo=None), DEFAULTS, "2026-03-01T00:00:00+00:00"),
        (DAY, BERLIN, "2026-03-01T01:00:00"),
        (timedelta(minutes=1), BERLIN, "2026-03-01T13:01:00.500000"),
    ],
)
def test_written(expiry: Any, settings: SessionSettings, written: Any) -> None:
    values: Values = {}
    assert set_expiry(values, expiry, settings, NOW)
    assert values == {"_session_expiry": written}


def test_taken_away() -> None:
    values: Values = {"_session_expiry": 5, "a": 1}
    assert set_expiry(values, None, DEFAULTS, NOW)
    assert values == {"a": 1}
    assert not set_expiry(values, None, DEFAULTS, NOW)


@pytest.mark.parametrize(
    ("values", "always", "ends"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"_session_expiry": None}, True, True),
        ({"_session_expiry": 0}, False, True),
        ({"_session_expiry": 5}, True, False),
        ({"_session_expiry": "2026-03-01T12:01:00+00:00"}, True, False),
    ],
)
def test_length_of_the_browser(values: Values, always: bool, ends: bool) -> None:
    settings = SessionSettings(expire_at_browser_close=always)
    assert ends_with_browser(values, settings) is ends
