"""What the download pages read. Each function is one round trip to the database.

The statements are built once: building one takes longer than running it. Where the legacy site
leaves the order of equals to chance, the key decides here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Executable, Integer, Select, any_, bindparam, case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from ported_domains.downloads import models
from ported_domains.downloads.catalogue import (
    PYMANAGER,
    PYTHON_2,
    PYTHON_3,
    SOURCE,
    OperatingSystem,
    Release,
    ReleaseFile,
    ReleasePage,
)
from ported_domains.pages.models import Page
from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.related import Related

_systems = models.OperatingSystem.__table__.c
_releases = models.Release.__table__.c
_files = models.ReleaseFile.__table__.c
_pages = Page.__table__.c

_OS = (_systems.id, _systems.name, _systems.slug)
_RELEASE = (
    _releases.id,
    _releases.name,
    _releases.slug,
    _releases.version,
    _releases.is_published,
    _releases.pre_release,
    _releases.release_date,
    _releases.release_notes_url,
    case((_releases.content == "", _pages.path)).label("page_path"),
)
_FILE = (
    _files.id,
    _files.release_id,
    _files.name,
    _files.description,
    _files.is_source,
    _files.url,
    _files.gpg_signature_file,
    _files.sigstore_signature_file,
    _files.sigstore_cert_file,
    _files.sigstore_bundle_file,
    _files.sbom_spdx2_file,
    _files.md5_sum,
    _files.sha256_sum,
    _files.filesize,
    _files.download_button,
)


def _select_releases(*more: Any) -> Select[Any]:
    releases, pages = models.Release.__table__, Page.__table__
    joined = releases.outerjoin(pages, _pages.id == _releases.release_page_id)
    return select(*_RELEASE, *more).select_from(joined)


def _select_files() -> Select[Any]:
    files, systems = models.ReleaseFile.__table__, models.OperatingSystem.__table__
    return select(*_FILE, *_OS).select_from(files.join(systems, _systems.id == _files.os_id))


_NEWEST_FIRST = (_releases.release_date.desc(), _releases.id.desc())
_PUBLISHED = _select_releases().where(_releases.is_published).order_by(*_NEWEST_FIRST)
_PUBLISHED_3 = _PUBLISHED.where(_releases.version == PYTHON_3)
_MARKED_LATEST = (
    _select_releases()
    .where(_releases.is_published, _releases.is_latest)
    .where(_releases.version.in_((PYTHON_2, PYTHON_3, PYMANAGER)))
    .order_by(_releases.name.desc(), _releases.id.desc())
)
_LISTED = _PUBLISHED.where(~_releases.pre_release, _releases.show_on_download_page)
_NEWEST_NAMED = _PUBLISHED_3.where(_releases.name.startswith(bindparam("start"))).limit(1)
_NEWEST_PRERELEASE = _PUBLISHED_3.where(_releases.pre_release).limit(1)
_FEED = _PUBLISHED.limit(bindparam("length"))
_RELEASE_BY_SLUG = _select_releases(
    _pages.path,
    _releases.content,
    _releases.content_markup_type,
    _releases.content_rendered,
).where(_releases.slug == bindparam("slug"))
_FILES_OF_RELEASE = (
    _select_files()
    .where(_files.release_id == bindparam("release"))
    .order_by(_systems.slug != SOURCE, _systems.slug, _files.name, _files.id)
)
_PUBLISHED_FILES_FOR = (
    _select_files()
    .where(_files.os_id == bindparam("os"))
    .where(_files.release_id.in_(select(_releases.id).where(_releases.is_published)))
    .order_by(_files.name, _files.id)
)
_BUTTON_FILES = _select_files().where(
    _files.download_button,
    _files.release_id == any_(bindparam("releases", type_=ARRAY(Integer))),
)
_SYSTEMS = select(*_OS).order_by(_systems.name, _systems.id)
_SYSTEM_BY_SLUG = select(*_OS).where(_systems.slug == bindparam("slug"))


class Latest(NamedTuple):
    """The releases marked as the newest of their kind."""

    python2: Release | None
    python3: Release | None
    pymanager: Release | None


async def latest(db: AsyncSession) -> Latest:
    """Several of one kind may be marked; the first by name counts."""
    marked = await _fetch(db, _MARKED_LATEST)
    first = {release.version: release for release in marked}  # the last one written is the first
    return Latest(first.get(PYTHON_2), first.get(PYTHON_3), first.get(PYMANAGER))


async def listed(db: AsyncSession) -> list[Release]:
    """What the landing page lists, newest first."""
    return await _fetch(db, _LISTED)


async def published(db: AsyncSession) -> list[Release]:
    """Newest first, pre-releases and those hidden from the landing page too."""
    return await _fetch(db, _PUBLISHED)


async def newest_published(db: AsyncSession, length: int) -> list[Release]:
    return await _fetch(db, _FEED, length=length)


async def newest_of_minor(db: AsyncSession, minor: str) -> Release | None:
    """The newest release of the series 3.`minor`, be it marked as latest, a pre-release or not.

    `minor` is digits, so nothing in it is special to LIKE.
    """
    return _only(await _fetch(db, _NEWEST_NAMED, start=f"Python 3.{minor}."))


def newest_of_each_minor(session: Session) -> dict[str, Release]:
    """Minor of series 3 ("14") → its newest release; asked for while a page is rendered."""
    newest_first = [Release(*row) for row in session.execute(_PUBLISHED_3)]
    return {release.minor: release for release in reversed(newest_first) if release.minor}


async def latest_prerelease(db: AsyncSession) -> Release | None:
    return _only(await _fetch(db, _NEWEST_PRERELEASE))


async def release_by_slug(db: AsyncSession, slug: str) -> Release | None:
    """Drafts too: their pages are public. With its content, without its files."""
    row = (await db.execute(_RELEASE_BY_SLUG, {"slug": slug})).first()
    if row is None:
        return None
    columns, (page, *text) = row[: len(_RELEASE)], row[len(_RELEASE) :]
    return replace(
        Release(*columns),
        release_page=None if page is None else ReleasePage(page),
        content=MarkupText(*text),
    )


async def files_of_release(db: AsyncSession, release: Release) -> list[ReleaseFile]:
    """Source files first, then by operating system."""
    return await _fetch_files(db, _FILES_OF_RELEASE, release=release.id)


async def published_files_for(
    db: AsyncSession, os: OperatingSystem
) -> Mapping[int, tuple[ReleaseFile, ...]]:
    """Key of a published release → its files for `os`, by name."""
    by_release: dict[int, list[ReleaseFile]] = defaultdict(list)
    for file in await _fetch_files(db, _PUBLISHED_FILES_FOR, os=os.id):
        by_release[file.release_id].append(file)
    return {key: tuple(several) for key, several in by_release.items()}


async def button_files(
    db: AsyncSession, releases: Iterable[Release]
) -> Mapping[tuple[int, int], ReleaseFile]:
    """(key of a release, key of an operating system) → the file of its download button."""
    by_key = {release.id: release for release in releases}
    files = await _fetch_files(db, _BUTTON_FILES, releases=list(by_key))
    return {
        (file.release_id, file.os.id): replace(file, release=by_key[file.release_id])
        for file in files
    }


async def operating_systems(db: AsyncSession) -> list[OperatingSystem]:
    return [OperatingSystem(*row) for row in await db.execute(_SYSTEMS)]


async def operating_system_by_slug(db: AsyncSession, slug: str) -> OperatingSystem | None:
    row = (await db.execute(_SYSTEM_BY_SLUG, {"slug": slug})).first()
    return None if row is None else OperatingSystem(*row)


def with_files(
    releases: Iterable[Release], files: Mapping[int, tuple[ReleaseFile, ...]]
) -> list[Release]:
    return [replace(release, files=Related(files.get(release.id, ()))) for release in releases]


async def _fetch(db: AsyncSession, query: Executable, **parameters: object) -> list[Release]:
    return [Release(*row) for row in await db.execute(query, parameters)]


async def _fetch_files(
    db: AsyncSession, query: Executable, **parameters: object
) -> list[ReleaseFile]:
    return [_file(*row) for row in await db.execute(query, parameters)]


def _file(*row: Any) -> ReleaseFile:
    columns, os = row[: len(_FILE)], row[len(_FILE) :]
    return ReleaseFile(OperatingSystem(*os), *columns)


def _only(releases: list[Release]) -> Release | None:
    return releases[0] if releases else None
