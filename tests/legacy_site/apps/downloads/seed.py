"""Releases of every kind, and their files as the naming rules of the site make them.

Checksums and sizes are made up, the same each time.
"""

from datetime import UTC, datetime

from legacy_site.apps.boxes.models import Box
from legacy_site.apps.cms.seeding import SEEDED_AT, put
from legacy_site.apps.downloads import boxes
from legacy_site.apps.downloads.models import OS, Release, ReleaseFile
from legacy_site.apps.downloads.seed_files import files_of
from legacy_site.apps.pages.models import Page

_SYSTEMS = {
    "source": "Source release",
    "windows": "Windows",
    "macos": "macOS",
    "android": "Android",
    "ios": "iOS",
}
_SERIES = "## What is new\n\nMany things in the *series*, fewer faults in this release."
_RELEASES = (
    {"name": "Python 3.15.0a3", "date": "2025-12-16", "pre_release": True, "is_published": False},
    {"name": "Python 3.15.0a2", "date": "2025-11-18", "pre_release": True},
    {"name": "Python 3.15.0a1", "date": "2025-10-14", "pre_release": True},
    {
        "name": "Python 3.14.1",
        "date": "2025-12-02",
        "is_published": False,
        "content": "A draft: open to those who know the address.",
    },
    {
        "name": "Python 3.14.0",
        "date": "2025-10-07",
        "is_latest": True,
        "release_notes_url": "https://docs.python.org/release/3.14.0/whatsnew/changelog.html",
    },
    {
        "name": "Python 3.13.9",
        "date": "2025-10-14",
        "release_notes_url": "https://docs.python.org/release/3.13.9/whatsnew/changelog.html",
    },
    {"name": "Python 3.13.8", "date": "2025-10-07"},
    {
        "name": "Python 3.12.12",
        "date": "2025-10-09",
        "content": "*Security* fixes only.\n\n- no installers\n",
        "content_markup_type": "restructuredtext",
    },
    {
        "name": "Python 3.9.25",
        "date": "2025-10-31",
        "content": '<p style="color: red">The last of its <b>series</b>.</p>',
        "content_markup_type": "html",
    },
    {"name": "Python 3.3.7", "date": "2017-09-19", "show_on_download_page": False},
    {
        "name": "Python 2.7.18",
        "date": "2020-04-20",
        "version": 2,
        "is_latest": True,
        "content": "The end of Python 2.\n\nSee https://docs.python.org/2.7/ for its manual.",
        "content_markup_type": "plain",
    },
    {"name": "Python 2.6.9", "date": "2013-10-29", "version": 2},
    {
        "name": "Python 2.5.4",
        "date": "2008-12-23",
        "version": 2,
        "content": "",
        "release_page": "download/releases/2.5.4",
    },
    {"name": "Python2.0.1", "date": "2001-06-22", "version": 2},
    {
        "name": "Python install manager 25.0",
        "date": "2025-09-16",
        "version": 100,
        "is_latest": True,
        "content": "Installs and updates Python on Windows.",
    },
)
_DEFAULTS = {
    "version": 3,
    "is_latest": False,
    "is_published": True,
    "pre_release": False,
    "show_on_download_page": True,
    "release_notes_url": "",
    "release_page": None,
    "content": _SERIES,
    "content_markup_type": "markdown",
}


def seed() -> None:
    systems = {slug: put(OS, {"slug": slug}, name=name) for slug, name in _SYSTEMS.items()}
    for values in _RELEASES:
        release = _put_release(_DEFAULTS | values)
        for file in files_of(release.name):
            put(
                ReleaseFile,
                {"slug": file.pop("slug")},
                release=release,
                **file | {"os": systems[file["os"]]},
            )
    # Saving has made the boxes, but with the time of day in them.
    boxes.rebuild()
    Box.objects.filter(label__in=boxes.LABELS).update(created=SEEDED_AT, updated=SEEDED_AT)


def _put_release(values: dict) -> Release:
    day = datetime.fromisoformat(values.pop("date")).replace(hour=12, minute=30, tzinfo=UTC)
    path = values.pop("release_page")
    page = Page.objects.get(path=path) if path else None
    slug = values["name"].lower().replace(" ", "-").replace(".", "")
    return put(Release, {"slug": slug}, release_date=day, release_page=page, **values)
