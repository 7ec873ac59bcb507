"""Times as a page prints them for a visitor, beside Django's own."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from legacy_bridge.django.time_zone import (
    FinalTime,
    as_printed,
    in_utc,
    in_zone,
    name_of,
    zone_named,
    zone_of_visitor,
)
from tests.legacy_bridge.django.language.side import AnswersSide
from tests.legacy_bridge.django.vectors import many

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC", "Etc/GMT+5", "Africa/Cairo"]
PRINTED = '{{ value|date:"Y-m-d H:i:s.u" }}'
IN_BLOCK = '{% localtime SWITCH %}{{ value|date:"H:i e" }}{% endlocaltime %}'
FILTERED = "{% with shown=value|FILTER %}{{ shown.isoformat }}{% endwith %}"

zones = st.sampled_from(ZONES)
offsets: st.SearchStrategy[tzinfo] = st.timezones() | st.integers(-840, 840).map(
    lambda m: timezone(timedelta(minutes=m))
)
moments = st.datetimes(
    datetime.fromisoformat("1975-01-01"),
    datetime.fromisoformat("2037-01-01"),
    timezones=st.one_of(st.none(), offsets),
)


def _utc_or_naive(moment: datetime) -> datetime:
    """As a database gives times: JSON carries no names of zones."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(fold=0)


@many
@given(moment=moments.map(_utc_or_naive), zone=zones, use_tz=st.booleans())
@example(moment=datetime(2024, 10, 27, 1, 30, tzinfo=UTC), zone="Europe/Berlin", use_tz=True)
@example(moment=datetime(2024, 10, 27, 0, 30, tzinfo=UTC), zone="Europe/Berlin", use_tz=True)
def test_values_are_printed_as_there(
    times_side: AnswersSide, moment: datetime, zone: str, use_tz: bool
) -> None:
    ours = as_printed(moment, ZoneInfo(zone), use_tz=use_tz)
    assert isinstance(ours, datetime)
    theirs = times_side.ask(
        "printed", template=PRINTED, zone=zone, moment=moment.isoformat(), use_tz=use_tz
    )
    assert f"{ours:%Y-%m-%d %H:%M:%S.%f}" == theirs


@pytest.mark.parametrize(("switch", "use_tz"), [("on", True), ("off", False)])
def test_blocks_switch_it(times_side: AnswersSide, switch: str, use_tz: bool) -> None:
    moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
    template = IN_BLOCK.replace("SWITCH", switch)
    theirs = times_side.ask(
        "printed", template=template, zone="Asia/Kathmandu", moment=moment.isoformat()
    )
    ours = as_printed(moment, ZoneInfo("Asia/Kathmandu"), use_tz=use_tz)
    assert isinstance(ours, datetime)
    assert theirs == ours.strftime("%H:%M %Z") == ("17:45 +0545" if use_tz else "12:00 UTC")


@many
@given(moment=moments.map(_utc_or_naive), visitor=zones, named=zones | st.just("No/Where"))
@example(moment=datetime(2024, 10, 27, 1, 30, tzinfo=UTC), visitor="UTC", named="Europe/Berlin")
@example(moment=datetime.fromisoformat("2024-10-27T02:30"), visitor="Europe/Berlin", named="UTC")
def test_filters_as_there(
    times_side: AnswersSide, moment: datetime, visitor: str, named: str
) -> None:
    here = {
        f'timezone:"{named}"': in_zone(moment, named, BERLIN),
        "localtime": in_zone(moment, ZoneInfo(visitor), BERLIN),
        "utc": in_utc(moment, BERLIN),
    }
    for used, ours in here.items():
        template = FILTERED.replace("FILTER", used)
        theirs = times_side.ask(
            "printed", template=template, zone=visitor, moment=moment.isoformat()
        )
        assert theirs == (ours.isoformat() if isinstance(ours, datetime) else "")
        # What a filter has converted is not converted again.
        assert as_printed(ours, BERLIN) is ours


@pytest.mark.parametrize("value", [None, "2024-01-01", 3])
def test_what_is_no_time(times_side: AnswersSide, value: Any) -> None:
    asked = {"template": "{{ value|localtime }}", "zone": "UTC", "value": value}
    assert in_zone(value, UTC, BERLIN) == times_side.ask("printed", **asked) == ""
    assert as_printed(value, BERLIN) is value


def test_a_date_is_no_time() -> None:
    day = date(2024, 1, 1)
    assert as_printed(day, BERLIN) is day
    assert in_zone(day, BERLIN, BERLIN) == ""


@pytest.mark.parametrize("zone", ZONES)
def test_names_as_there(times_side: AnswersSide, zone: str) -> None:
    assert name_of(ZoneInfo(zone)) == times_side.ask("zone_name", zone=zone)


def test_a_visitor_without_a_zone_has_the_sites(times_side: AnswersSide) -> None:
    assert name_of(zone_of_visitor(None, BERLIN)) == times_side.ask("zone_name", zone=None)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "No/Where",
        "Europe",
        "../../etc/passwd",
        "/etc/localtime",
        "tzdata.zi",
        "Europe/Berlin\0",
        "\ud800",
        "x" * 5000,
        7,
        ["UTC"],
        None,
    ],
)
def test_what_is_no_zone(kept: object) -> None:
    """Django's recipe would answer 500."""
    assert zone_named(kept) is None
    assert zone_of_visitor(kept, BERLIN) is BERLIN


def test_a_visitors_own_zone() -> None:
    zone: tzinfo = zone_of_visitor("Asia/Kathmandu", BERLIN)
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert as_printed(moment, zone) == FinalTime(2024, 1, 1, 5, 45, tzinfo=zone)
