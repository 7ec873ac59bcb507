"""Releases and files as pages show them, and what follows from a release's name alone.

Attributes and methods carry the names of the legacy models, so that a template written for those
finds them here. Pure: `queries` fills them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.related import Related

PYTHON_2, PYTHON_3, PYMANAGER = 2, 3, 100
SOURCE = "source"

_VERSION = re.compile(r"Python\s([\d.]+)")
_NO_TEXT = MarkupText("", "", "")
_FEATURED_FIRST = ("macos", "windows", SOURCE)


def version_in(name: str) -> str:
    """`Python 3.15.0b1` → "3.15.0"; "" for names of another shape."""
    found = _VERSION.match(name)
    return found[1] if found else ""


def version_numbers(version: str) -> tuple[int, ...]:
    """Sort key of a version; (0,) when it is not all numbers."""
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return (0,)


def is_at_least(version: str, major: int, minor: int) -> bool:
    """Compares what leads in numbers: "3.9.0" is at least 3.9, "3" is 3.0, "" is never."""
    numbers = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return bool(numbers) and (*numbers, 0) >= (major, minor)


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    id: int
    name: str
    slug: str

    @property
    def pk(self) -> int:
        return self.id

    def get_absolute_url(self) -> str:
        return f"/downloads/{self.slug}/"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """`release` is there where a file is shown without the release that it is of."""

    os: OperatingSystem
    id: int
    release_id: int
    name: str
    description: str
    is_source: bool
    url: str
    gpg_signature_file: str
    sigstore_signature_file: str
    sigstore_cert_file: str
    sigstore_bundle_file: str
    sbom_spdx2_file: str
    md5_sum: str
    sha256_sum: str
    filesize: int
    download_button: bool
    release: "Release | None" = None

    @property
    def pk(self) -> int:
        return self.id


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """The CMS page of a release."""

    path: str

    def get_absolute_url(self) -> str:
        return f"/{self.path}/"


@dataclass(frozen=True, slots=True)
class Release:
    """`page_path` is that of its CMS page if it has one and no text of its own, else None.
    `release_page`, `content` and `files` are there on the pages that show them."""

    id: int
    name: str
    slug: str
    version: int
    is_published: bool
    pre_release: bool
    release_date: datetime
    release_notes_url: str
    page_path: str | None
    release_page: ReleasePage | None = None
    content: MarkupText = _NO_TEXT
    files: Related[ReleaseFile] = field(default_factory=Related)

    @property
    def pk(self) -> int:
        return self.id

    def get_absolute_url(self) -> str:
        if self.page_path is not None:
            return f"/{self.page_path}/"
        return f"/downloads/release/{self.slug}/"

    def get_version(self) -> str:
        return version_in(self.name)

    @property
    def minor(self) -> str | None:
        """ "14" for a release of the 3.14 series, None outside of series 3."""
        found = re.match(r"Python 3\.(\d+)", self.name)
        return found[1] if found and self.version == PYTHON_3 else None

    @property
    def is_version_at_least_3_5(self) -> bool:
        return is_at_least(self.get_version(), 3, 5)

    @property
    def is_version_at_least_3_9(self) -> bool:
        return is_at_least(self.get_version(), 3, 9)

    @property
    def is_version_at_least_3_14(self) -> bool:
        return is_at_least(self.get_version(), 3, 14)

    def download_file_for_os(self, slug: str) -> ReleaseFile | None:
        found = (f for f in self.files.rows if f.download_button and f.os.slug == slug)
        return next(found, None)


def newest_version_first(releases: Iterable[Release]) -> list[Release]:
    """Stable: releases of one version, or of none, keep the order they came in."""
    return sorted(releases, key=lambda r: version_numbers(r.get_version()), reverse=True)


def featured(files: Iterable[ReleaseFile]) -> list[ReleaseFile]:
    """The files with a download button: macOS, Windows, source, then the others."""
    rank = {slug: place for place, slug in enumerate(_FEATURED_FIRST)}
    return sorted(
        (file for file in files if file.download_button),
        key=lambda file: rank.get(file.os.slug, len(rank)),
    )
