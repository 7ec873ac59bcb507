"""What follows from the name of a release."""

import re

from legacy_site.apps.downloads.models import PYTHON_3, Release


def version_numbers(version: str) -> tuple[int, ...]:
    """For sorting; (0,) when not every part is a number."""
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return (0,)


def minor_of(release: Release) -> str | None:
    """ "14" for a release of the 3.14 series."""
    found = re.match(r"Python 3\.(\d+)", release.name)
    return found[1] if found and release.version == PYTHON_3 else None
