"""What the download pages read. Each function is one round trip to the database.

Where the legacy site leaves the order of equals to chance, the key decides here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.downloads import models
from ported_domains.downloads.catalogue import (
    PYMANAGER,
    PYTHON_2,
    PYTHON_3,
    SOURCE,
    OperatingSystem,
    Release,
    ReleaseFile,
)
from ported_domains.pages.models import Page, Site

_RELEASE: tuple[Any, ...] = (
    models.Release.id,
    models.Release.name,
    models.Release.slug,
    models.Release.version,
    models.Release.is_published,
    models.Release.pre_release,
    models.Release.release_date,
    models.Release.release_notes_url,
    case((models.Release.content == "", Page.path)).label("page_path"),
)
_OS: tuple[Any, ...] = (
    models.OperatingSystem.id,
    models.OperatingSystem.name,
    models.OperatingSystem.slug,
)
_FILE: tuple[Any, ...] = (
    models.ReleaseFile.id,
    models.ReleaseFile.release_id,
    models.ReleaseFile.name,
    models.ReleaseFile.description,
    models.ReleaseFile.is_source,
    models.ReleaseFile.url,
    models.ReleaseFile.gpg_signature_file,
    models.ReleaseFile.sigstore_signature_file,
    models.ReleaseFile.sigstore_cert_file,
    models.ReleaseFile.sigstore_bundle_file,
    models.ReleaseFile.sbom_spdx2_file,
    models.ReleaseFile.md5_sum,
    models.ReleaseFile.sha256_sum,
    models.ReleaseFile.filesize,
    models.ReleaseFile.download_button,
)
_NEWEST_FIRST = (models.Release.release_date.desc(), models.Release.id.desc())


class Latest(NamedTuple):
    """The releases marked as the newest of their kind."""

    python2: Release | None
    python3: Release | None
    pymanager: Release | None


async def latest(db: AsyncSession) -> Latest:
    """Several of one kind may be marked; the first by name counts."""
    marked = await _fetch(
        db,
        _published()
        .where(
            models.Release.is_latest, models.Release.version.in_((PYTHON_2, PYTHON_3, PYMANAGER))
        )
        .order_by(models.Release.name.desc(), models.Release.id.desc()),
    )
    first = {release.version: release for release in marked}  # the last one written is the first
    return Latest(first.get(PYTHON_2), first.get(PYTHON_3), first.get(PYMANAGER))


async def listed(db: AsyncSession) -> list[Release]:
    """What the landing page lists, newest first."""
    return await _fetch(
        db,
        _published()
        .where(~models.Release.pre_release, models.Release.show_on_download_page)
        .order_by(*_NEWEST_FIRST),
    )


async def published(db: AsyncSession, limit: int | None = None) -> list[Release]:
    """Newest first, pre-releases and those hidden from the landing page too."""
    return await _fetch(db, _published().order_by(*_NEWEST_FIRST).limit(limit))


async def newest_of_minor(db: AsyncSession, minor: str) -> Release | None:
    """The newest release of the series 3.`minor`, be it marked as latest, a pre-release or not."""
    series = await _fetch(
        db,
        _published()
        .where(
            models.Release.version == PYTHON_3,
            models.Release.name.startswith(f"Python 3.{minor}.", autoescape=True),
        )
        .order_by(*_NEWEST_FIRST)
        .limit(1),
    )
    return series[0] if series else None


async def newest_of_each_minor(db: AsyncSession) -> dict[str, Release]:
    """Minor of series 3 ("14") → its newest release."""
    oldest_first = await _fetch(
        db,
        _published()
        .where(models.Release.version == PYTHON_3)
        .order_by(models.Release.release_date, models.Release.id),
    )
    return {release.minor: release for release in oldest_first if release.minor}


async def latest_prerelease(db: AsyncSession) -> Release | None:
    newest = await _fetch(
        db,
        _published()
        .where(models.Release.version == PYTHON_3, models.Release.pre_release)
        .order_by(*_NEWEST_FIRST)
        .limit(1),
    )
    return newest[0] if newest else None


async def release_by_slug(db: AsyncSession, slug: str) -> Release | None:
    """Drafts too: their pages are public. With its content, without its files."""
    query = _releases(models.Release.content_rendered).where(models.Release.slug == slug)
    row = (await db.execute(query)).first()
    if row is None:
        return None
    *columns, content = row
    return replace(Release(*columns), content=Markup(content))  # noqa: S704 sanitised when saved


async def files_of_release(db: AsyncSession, release: Release) -> list[ReleaseFile]:
    """Source files first, then by operating system."""
    return await _fetch_files(
        db,
        _files()
        .where(models.ReleaseFile.release_id == release.id)
        .order_by(
            models.OperatingSystem.slug != SOURCE,
            models.OperatingSystem.slug,
            models.ReleaseFile.name,
            models.ReleaseFile.id,
        ),
    )


async def published_files_for(
    db: AsyncSession, os: OperatingSystem
) -> Mapping[int, tuple[ReleaseFile, ...]]:
    """Key of a published release → its files for `os`, by name."""
    files = await _fetch_files(
        db,
        _files()
        .join(models.Release, models.Release.id == models.ReleaseFile.release_id)
        .where(models.ReleaseFile.os_id == os.id, models.Release.is_published)
        .order_by(models.ReleaseFile.name, models.ReleaseFile.id),
    )
    by_release: dict[int, list[ReleaseFile]] = defaultdict(list)
    for file in files:
        by_release[file.release_id].append(file)
    return {key: tuple(several) for key, several in by_release.items()}


async def button_files(
    db: AsyncSession, releases: Iterable[Release]
) -> Mapping[tuple[int, int], ReleaseFile]:
    """(key of a release, key of an operating system) → the file of its download button."""
    files = await _fetch_files(
        db,
        _files().where(
            models.ReleaseFile.download_button,
            models.ReleaseFile.release_id.in_([release.id for release in releases]),
        ),
    )
    return {(file.release_id, file.os.id): file for file in files}


async def operating_systems(db: AsyncSession) -> list[OperatingSystem]:
    rows = await db.execute(
        select(*_OS).order_by(models.OperatingSystem.name, models.OperatingSystem.id)
    )
    return [OperatingSystem(*row) for row in rows]


async def operating_system_by_slug(db: AsyncSession, slug: str) -> OperatingSystem | None:
    row = (await db.execute(select(*_OS).where(models.OperatingSystem.slug == slug))).first()
    return None if row is None else OperatingSystem(*row)


async def site_domain(db: AsyncSession) -> str | None:
    """What the site calls itself in feeds (row 1, Django's SITE_ID)."""
    return (await db.execute(select(Site.domain).where(Site.id == 1))).scalar_one_or_none()


def _releases(*more: Any) -> Select[Any]:
    pages = models.Release.release_page_id == Page.id
    return select(*_RELEASE, *more).select_from(models.Release).outerjoin(Page, pages)


def _published() -> Select[Any]:
    return _releases().where(models.Release.is_published)


async def _fetch(db: AsyncSession, query: Select[Any]) -> list[Release]:
    return [Release(*row) for row in await db.execute(query)]


def _files() -> Select[Any]:
    systems = models.ReleaseFile.os_id == models.OperatingSystem.id
    return (
        select(*_FILE, *_OS).select_from(models.ReleaseFile).join(models.OperatingSystem, systems)
    )


async def _fetch_files(db: AsyncSession, query: Select[Any]) -> list[ReleaseFile]:
    return [_file(*row) for row in await db.execute(query)]


def _file(*row: Any) -> ReleaseFile:
    columns, os = row[: len(_FILE)], row[len(_FILE) :]
    return ReleaseFile(OperatingSystem(*os), *columns)


def with_files(
    releases: Iterable[Release], files: Mapping[int, tuple[ReleaseFile, ...]]
) -> list[Release]:
    return [replace(release, files=files.get(release.id, ())) for release in releases]
