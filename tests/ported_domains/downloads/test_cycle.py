from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from ported_domains.downloads.catalogue import Release
from ported_domains.downloads.cycle import EndOfLife, active_releases, end_of_life


def entry(status: str, first: str, end: str, pep: int) -> dict[str, object]:
    return {"status": status, "first_release": first, "end_of_life": end, "pep": pep}


CYCLE = {
    "3.8": entry("end-of-life", "2019-10-14", "2024-10-07", 569),
    "3.9": entry("end-of-life", "2020-10-05", "2025-10-31", 596),
    "3.10": entry("security", "2021-10-04", "2026-10", 619),
    "3.14": entry("bugfix", "2025-10-07", "2030-10", 745),
    "3.15": entry("feature", "2026-10-01", "2031-10", 790),
    "3.16": entry("planned", "2027-10-01", "2032-10", 826),
}


def release(minor: str, name: str) -> Release:
    return Release(
        id=int(minor),
        name=name,
        slug=f"python-{minor}",
        version=3,
        is_published=True,
        pre_release=False,
        release_date=datetime(2025, 10, 7, tzinfo=UTC),
        release_notes_url="",
        page_path=None,
    )


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.9.24", EndOfLife(True, "2025-10-31")),
        ("3.14.0", EndOfLife(False, None)),
        ("2.7.18", EndOfLife(True, None)),
        ("3.7.1", EndOfLife(False, None)),
        ("", EndOfLife(False, None)),
    ],
)
def test_knows_what_has_ended(version: str, expected: EndOfLife) -> None:
    assert end_of_life(version, CYCLE) == expected


def test_knows_nothing_without_data() -> None:
    assert end_of_life("2.7.18", None) == EndOfLife(False, None)
    assert active_releases(None, {}) == []


def test_lists_active_series_newest_first() -> None:
    newest = {"15": release("15", "Python 3.15.0a1"), "9": release("9", "Python 3.9.25")}
    rows = active_releases(CYCLE, newest)
    assert [(row["version"], row["status"]) for row in rows] == [
        ("3.15", "pre-release"),
        ("3.14", "bugfix"),
        ("3.10", "security"),
        (
            "3.9",
            Markup(
                'end-of-life, last release was <a href="/downloads/release/python-9/">3.9.25</a>'
            ),
        ),
    ]
    assert rows[0]["first_release"] == "2026-10-01 (planned)"
    assert rows[1] == {
        "version": "3.14",
        "status": "bugfix",
        "first_release": "2025-10-07",
        "end_of_life": "2030-10",
        "pep": 745,
    }


def test_an_ended_series_without_a_release_here_only_says_so() -> None:
    assert [row["status"] for row in active_releases(CYCLE, {})] == [
        "bugfix",
        "security",
        "end-of-life",
    ]
