"""Whose logos are shown, and how what was bought is called."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import LiteralString

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from ported_domains.sponsors.content import (
    benefit_name,
    benefit_quantity,
    sponsors,
    sponsorship,
)
from tests.ported_domains.tag_sessions import session_of, shown

VALID: LiteralString = """
UPDATE sponsorships SET status = 'finalized', start_date = '2026-01-01', end_date = '2026-12-31'
"""
DAY = date(2026, 6, 1)
VALID_NOW: LiteralString = """
UPDATE sponsorships SET status = 'finalized', start_date = current_date - 2,
    end_date = current_date + 2
"""


@pytest.fixture
def session(whole_dataset_url: str) -> Iterator[Session]:
    with session_of(whole_dataset_url) as session:
        yield session


def at_place(session: Session, place: str, publisher: str = "psf", day: date = DAY) -> list[str]:
    found = sponsors(session, place, publisher, day)
    assert found["logo_place"] == place
    return [one.sponsor.name for one in found["sponsorships"]]


def test_nobody_is_shown_before_it_is_agreed(session: Session) -> None:
    assert at_place(session, "jobs") == []
    session.execute(text(VALID))
    assert at_place(session, "jobs") == ["Example Company"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), []),
        (date(2026, 1, 1), ["Example Company"]),
        (date(2026, 12, 31), ["Example Company"]),
        (date(2027, 1, 1), []),
    ],
)
def test_from_the_first_day_to_the_last(session: Session, day: date, expected: list[str]) -> None:
    session.execute(text(VALID))
    assert at_place(session, "download", day=day) == expected


def test_at_the_place_that_was_bought_of_that_publisher(session: Session) -> None:
    session.execute(text(VALID))
    places = [("sidebar", "psf"), ("sidebar", "pypi"), ("sponsors", "pycon"), ("docs", "core")]
    assert [at_place(session, *place) for place in places] == [
        [],
        ["Example Company"],
        ["Example Company"],
        [],
    ]


def test_not_while_another_one_of_the_sponsor_takes_its_place(session: Session) -> None:
    session.execute(text(VALID + ", overlapped_by_id = id"))
    assert at_place(session, "jobs") == []


def test_the_sponsors_page_is_arranged_by_packages(session: Session) -> None:
    """The slug is placed by its newest package, but called as its oldest, for all of its years."""
    session.execute(text(VALID))
    session.execute(
        text(
            "INSERT INTO sponsorship_packages (id, name, sponsorship_amount, advertise,"
            ' logo_dimension, slug, year, allow_a_la_carte, "order") VALUES'
            " (20, 'Partner of 2026', 1, true, 1, 'partner', 2026, true, 0)"
        )
    )
    names = sponsors(session, "sponsors", "psf", DAY)
    [sponsorship] = names["sponsorships"]
    assert sponsorship.sponsor.slug == "example-company"
    assert sponsorship.sponsor.web_logo.url == "/media/sponsor_web_logos/bg_wMANY2Y.jpg"
    assert [package.id for package in names["packages"]][:3] == [20, 1, 2]
    packages = names["sponsorships_by_package"]
    assert list(packages)[:3] == ["partner", "visionary", "sustainability"]
    assert packages["partner"] == {
        "label": "Partner",
        "logo_dimension": "225",
        "sponsorships": [],
    }
    assert packages["visionary"] == {
        "label": "Visionary",
        "logo_dimension": "350",
        "sponsorships": [sponsorship],
    }
    session.execute(text("UPDATE sponsorships SET package_id = NULL"))
    found = sponsors(session, "sponsors", "psf", DAY)
    assert [one.package for one in found["sponsorships"]] == [None]
    assert not any(one["sponsorships"] for one in found["sponsorships_by_package"].values())


def test_what_was_bought(session: Session) -> None:
    application = SimpleNamespace(id=1, sponsor="S", for_modified_package=True)
    names = sponsorship(session, application, display_fee=False)
    assert (names["sponsorship"], names["sponsor"]) == (application, "S")
    assert names["display_fee"] is False
    benefits = {benefit.id: benefit for benefit in names["benefits"]}
    assert list(benefits) == list(range(1, 42))
    assert benefits[10].name_for_display == "Full conference passes (25)"
    assert benefits[6].name_for_display == "Mention in the PSF Newsletter (4)"
    assert benefits[11].name_for_display == "Listing on PyCon US website"
    assert benefits[40].added_by_user
    assert benefits[26].program.name == benefits[26].program_name
    assert sponsorship(session, application, display_fee=True)["display_fee"]
    application.for_modified_package = False
    assert sponsorship(session, application, display_fee=False)["display_fee"]


def test_how_much_of_a_benefit_a_package_has(session: Session) -> None:
    asked = text(
        "SELECT c.benefit_id, b.name FROM benefit_feature_configurations AS c"
        " JOIN sponsorship_benefits AS b ON b.id = benefit_id WHERE c.id = 32"
    )
    benefit = SimpleNamespace(**session.execute(asked).one()._mapping)
    benefit.id = benefit.benefit_id
    fourth, other = SimpleNamespace(id=4), SimpleNamespace(id=10)
    assert benefit_quantity(session, benefit, fourth) == 15
    assert benefit_name(session, benefit, fourth) == f"{benefit.name} (15)"
    for package in (other, None):
        assert benefit_quantity(session, benefit, package) == ""
        assert benefit_name(session, benefit, package) == benefit.name
    worded = "UPDATE tiered_benefit_configurations SET display_label = 'some'"
    session.execute(text(worded))
    assert benefit_quantity(session, benefit, fourth) == "some"


def test_logos_are_printed(session: Session) -> None:
    session.execute(text(VALID_NOW))
    session.execute(text("UPDATE sponsors SET name = 'A & B'"))
    for place, width in (("jobs", 100), ("sponsors", 187)):
        html = shown(session, "{% load sponsors %}{% list_sponsors place %}", place=place)
        assert f'bg_wMANY2Y.jpg" alt="" width="{width}" loading="lazy">' in html
        assert '<a href="https://zombo.com" rel="sponsored noopener">A &amp; B</a>' in html
    assert '<li class="card" id="a-b">' in html
    assert "<h2>Visionary sponsors</h2>" in html
    assert "Sustainability" not in html
    session.execute(text("UPDATE sponsorships SET status = 'approved'"))
    assert shown(session, "{% load sponsors %}{% list_sponsors 'jobs' %}").strip() == ""
