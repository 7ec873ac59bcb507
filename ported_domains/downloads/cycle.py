"""The life of each Python series: planned, supported, ended (behaviour/downloads.md §6).

The data is that of the release-cycle API: series → status, first_release, end_of_life, pep.
Without it there are no active releases and nothing is known to have ended.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from ported_domains.downloads.catalogue import Release, version_numbers

Cycle = Mapping[str, Mapping[str, Any]]
_NOT_YET_RELEASED = frozenset({"planned", "feature", "prerelease"})
_ENDED = "end-of-life"


class EndOfLife(NamedTuple):
    is_eol: bool
    eol_date: str | None


def end_of_life(version: str, cycle: Cycle | None) -> EndOfLife:
    """Whether the series of `version` ("3.8.1") is no longer supported, and since when."""
    if not version or not cycle:
        return EndOfLife(False, None)
    numbers = version_numbers(version)
    entry = cycle.get(".".join(str(number) for number in numbers[:2]))
    if entry is None:
        return EndOfLife(numbers[0] <= 2, None)
    if entry.get("status") != _ENDED:
        return EndOfLife(False, None)
    return EndOfLife(True, entry.get("end_of_life"))


def active_releases(cycle: Cycle | None, newest: Mapping[str, Release]) -> list[dict[str, Any]]:
    """Rows of the table of supported series, newest first.

    `newest` is the newest published release of each minor of series 3 ("14"). A series that is
    not out yet is shown once it has a pre-release; of those that ended, only the newest.
    """
    return list(_rows(cycle or {}, newest))


def _rows(cycle: Cycle, newest: Mapping[str, Release]) -> Iterator[dict[str, Any]]:
    seen_ended = False
    for series in sorted(cycle, key=version_numbers, reverse=True):
        entry = cycle[series]
        release = newest.get(series.split(".")[1] if "." in series else "")
        row = {
            "version": series,
            "status": entry.get("status"),
            "first_release": entry.get("first_release"),
            "end_of_life": entry.get("end_of_life"),
            "pep": entry.get("pep"),
        }
        if row["status"] in _NOT_YET_RELEASED:
            if release is not None:
                planned = f"{row['first_release']} (planned)"
                yield row | {"status": "pre-release", "first_release": planned}
        elif row["status"] != _ENDED:
            yield row
        elif not seen_ended:
            seen_ended = True
            yield row | ({"status": _last_release(release)} if release else {})


def _last_release(release: Release) -> Markup:
    return Markup('end-of-life, last release was <a href="{}">{}</a>').format(
        release.get_absolute_url(), release.get_version()
    )
