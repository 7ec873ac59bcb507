"""Which versions of Python have documentation, by series (behaviour/site.md §7.3). Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_NAME = re.compile(r"Python (\d+(?:\.\d+)*)", re.ASCII)
_WITHOUT_DOCS = frozenset({"2.3.6", "2.3.7", "2.4.5", "2.4.6", "2.5.5", "2.5.6"})
_LAST_SHORT = (3, 2, 0)
"""Up to this one the first release of a series goes by the series' name."""
_BEFORE_THE_DATABASE = (
    ("2.2", "2.2p1", date(2002, 3, 29)),
    ("2.1", "2.1.2", date(2002, 1, 16)),
    ("2.1", "2.1.1", date(2001, 7, 20)),
    ("2.1", "2.1", date(2001, 4, 15)),
    ("2.0", "2.0", date(2000, 10, 16)),
    ("1.6", "1.6", date(2000, 9, 5)),
    ("1.5", "1.5.2p2", date(2000, 3, 22)),
    ("1.5", "1.5.2p1", date(1999, 7, 6)),
    ("1.5", "1.5.2", date(1999, 4, 30)),
    ("1.5", "1.5.1p1", date(1998, 8, 6)),
    ("1.5", "1.5.1", date(1998, 4, 14)),
    ("1.5", "1.5", date(1998, 2, 17)),
    ("1.4", "1.4", date(1996, 10, 25)),
)


@dataclass(frozen=True, slots=True)
class Documented:
    """One version, and the day of its release."""

    series: str
    stage: str
    day: date

    @property
    def written(self) -> dict[str, str]:
        day = f"{self.day.day} {self.day:%B} {self.day.year}"
        return {"stage": self.stage, "date": day}


def version_list(releases: Iterable[tuple[str, date]]) -> list[dict[str, object]]:
    """Of the published releases by name and day: each series with its versions, newest first."""
    series: dict[str, list[Documented]] = {}
    known = (documented(name, day) for name, day in releases)
    for one in (*filter(None, known), *(Documented(*old) for old in _BEFORE_THE_DATABASE)):
        series.setdefault(one.series, []).append(one)
    return [
        {
            "version": version,
            "releases": [
                one.written
                for one in sorted(series[version], key=lambda one: one.day, reverse=True)
            ],
        }
        for version in sorted(series, key=_numbers, reverse=True)
    ]


def documented(name: str, day: date) -> Documented | None:
    """None for a release that has no documentation, or whose name tells no version."""
    found = _NAME.match(name)
    if found is None or (version := found[1]) in _WITHOUT_DOCS:
        return None
    numbers = _numbers(version)
    is_first = len(numbers) == len(_LAST_SHORT) and numbers[-1] == 0
    series = ".".join(version.split(".")[:2])
    return Documented(series, series if is_first and numbers <= _LAST_SHORT else version, day)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
