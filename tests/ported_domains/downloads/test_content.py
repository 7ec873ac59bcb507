"""What the tags of the download pages show, from rows and what was heard of the series."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from markupsafe import Markup
from sqlalchemy.orm import Session

from ported_domains.downloads.content import active_releases, end_of_life
from tests.ported_domains.tag_sessions import session_of, shown

CYCLE = {
    "3.9": {"status": "end-of-life", "end_of_life": "2025-10-31", "pep": 596},
    "3.14": {"status": "bugfix", "end_of_life": "2030-10", "pep": 745},
    "3.99": {"status": "feature", "first_release": "2107-10-01", "pep": 1},
}


@pytest.fixture
def session(whole_dataset_url: str) -> Iterator[Session]:
    with session_of(whole_dataset_url) as session:
        yield session


def test_the_active_series_with_the_newest_release_of_the_ended_one(session: Session) -> None:
    assert active_releases(session, None) == {"releases": []}
    releases = active_releases(session, CYCLE)["releases"]
    assert [(row["version"], row["status"]) for row in releases] == [
        ("3.14", "bugfix"),
        (
            "3.9",
            'end-of-life, last release was <a href="/downloads/release/python-393/">3.9.3</a>',
        ),
    ]


def test_whether_a_release_is_supported(session: Session) -> None:
    release = SimpleNamespace(get_version=lambda: "3.9.3")
    assert end_of_life(session, release, CYCLE) == {"is_eol": True, "eol_date": "2025-10-31"}
    assert end_of_life(session, release, None) == {"is_eol": False, "eol_date": None}


def test_the_table_of_active_series(session: Session) -> None:
    releases = [
        {"version": "3.14", "status": "bugfix", "end_of_life": "2030-10", "pep": 45},
        {"version": "3.9", "status": Markup("<a>ended</a>"), "pep": None},
    ]
    source = "{% include 'downloads/active-releases.html' %}"
    assert shown(session, source, releases=[]).strip() == ""
    html = shown(session, source, releases=releases)
    assert '<a href="https://peps.python.org/pep-0045/">PEP 45</a>' in html
    assert "<td><a>ended</a></td>" in html
    assert html.count("PEP") == 1
