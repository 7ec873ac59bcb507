"""Which versions have documentation, and under which name (behaviour/site.md §7.3)."""

from datetime import date

import pytest

from ported_domains.site_pages.versions import documented, version_list

DAY = date(2026, 1, 9)


@pytest.mark.parametrize(
    ("name", "stage", "series"),
    [
        ("Python 3.14.1", "3.14.1", "3.14"),
        ("Python 3.10.0b1", "3.10.0", "3.10"),
        ("Python 3.2.0", "3.2", "3.2"),
        ("Python 3.3.0", "3.3.0", "3.3"),
        ("Python 2.0", "2.0", "2.0"),
        ("Python 4", "4", "4"),
        ("Python 3.5. and so on", "3.5", "3.5"),
    ],
)
def test_names(name: str, stage: str, series: str) -> None:
    found = documented(name, DAY)
    assert found is not None
    assert (found.stage, found.series) == (stage, series)
    assert found.written["date"] == "9 January 2026"


@pytest.mark.parametrize("name", ["Python 2.3.6", "Python 2.5.5", "Pythons 3", "python 3.1", "3.1"])
def test_names_without_documentation(name: str) -> None:
    assert documented(name, DAY) is None


def test_series_and_versions_are_newest_first() -> None:
    groups = version_list(
        [
            ("Python 3.9.1", date(2020, 12, 7)),
            ("Python 3.9.2", date(2021, 2, 19)),
            ("Python 3.10.0", date(2021, 10, 4)),
            ("Python 2.2.3", date(2003, 5, 30)),
        ]
    )
    assert [group["version"] for group in groups] == [
        *("3.10", "3.9", "2.2", "2.1", "2.0", "1.6", "1.5", "1.4"),
    ]
    assert groups[1]["releases"] == [
        {"stage": "3.9.2", "date": "19 February 2021"},
        {"stage": "3.9.1", "date": "7 December 2020"},
    ]
    assert groups[2]["releases"] == [
        {"stage": "2.2.3", "date": "30 May 2003"},
        {"stage": "2.2p1", "date": "29 March 2002"},
    ]
