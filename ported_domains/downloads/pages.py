"""Who answers the URLs of /downloads/ and /getit/ (behaviour/downloads.md §4 and §5)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.downloads import feed, queries
from ported_domains.downloads.catalogue import (
    OperatingSystem,
    Release,
    ReleaseFile,
    featured,
    newest_version_first,
)
from ported_domains.downloads.queries import Latest
from ported_domains.shared import rss
from ported_domains.shared.database import Database
from ported_domains.shared.render import Showing, redirect
from ported_domains.shared.urls import (
    ANY,
    REDIRECT_VIEW,
    FromUrl,
    mount,
    path,
    re_path,
)
from ported_domains.shared.visit import Visiting

LANDING = "/downloads/"


async def landing(db: Database, show: Showing) -> Response[bytes]:
    latest = await queries.latest(db)
    buttons = await queries.button_files(db, filter(None, latest))
    systems = await queries.operating_systems(db)
    return await show(
        "downloads/index.html",
        **_names(latest),
        releases=newest_version_first(await queries.listed(db)),
        python_files=[_offers(os, latest, buttons) for os in systems],
    )


async def full_os_list(db: Database, show: Showing) -> Response[bytes]:
    systems = await queries.operating_systems(db)
    return await show(
        "downloads/full_os_list.html",
        **_names(await queries.latest(db)),
        os_list=systems,
        object_list=systems,
        paginator=None,
        page_obj=None,
        is_paginated=False,
    )


async def os_list(db: Database, show: Showing, slug: FromUrl) -> Response[bytes]:
    os = await queries.operating_system_by_slug(db, slug)
    if os is None:
        raise NotFoundException
    files = await queries.published_files_for(db, os)
    releases = queries.with_files(await queries.published(db), files)
    return await show(
        "downloads/os_list.html",
        **_names(await queries.latest(db)),
        os=os,
        object=os,
        os_slug=os.slug,
        releases=[release for release in releases if not release.pre_release],
        pre_releases=[release for release in releases if release.pre_release],
    )


async def release_detail(db: Database, show: Showing, release_slug: FromUrl) -> Response[bytes]:
    release = await queries.release_by_slug(db, release_slug)
    if release is None:
        raise NotFoundException
    files = await queries.files_of_release(db, release)
    return await show(
        "downloads/release_detail.html",
        **_names(await queries.latest(db)),
        **await _superseded_by(db, release),
        release=release,
        object=release,
        featured_files=featured(files),
        release_files=files,
    )


async def latest_python2(db: Database) -> Response[bytes]:
    return _to((await queries.latest(db)).python2)


async def latest_python3(db: Database) -> Response[bytes]:
    return _to((await queries.latest(db)).python3)


async def latest_pymanager(db: Database) -> Response[bytes]:
    return _to((await queries.latest(db)).pymanager)


async def latest_prerelease(db: Database) -> Response[bytes]:
    return _to(await queries.latest_prerelease(db))


async def latest_python3_of_minor(db: Database, minor: FromUrl) -> Response[bytes]:
    return _to(await queries.newest_of_minor(db, minor))


async def release_feed(db: Database, visit: Visiting) -> Response[bytes]:
    releases = await queries.newest_published(db, feed.LENGTH)
    origin = await rss.origin(db, visit)
    items = [feed.item(release, origin) for release in releases]
    return rss.feed(visit, feed.channel(origin, visit.path), items)


def _names(latest: Latest) -> dict[str, Release | None]:
    """The three names that every page here gives its template."""
    return {f"latest_{kind}": release for kind, release in latest._asdict().items()}


def _offers(
    os: OperatingSystem, latest: Latest, buttons: Mapping[tuple[int, int], ReleaseFile]
) -> dict[str, object]:
    """What one operating system is offered of each latest release that there is."""
    offers = {
        kind: buttons.get((release.id, os.id))
        for kind, release in latest._asdict().items()
        if release is not None
    }
    return {"os": os, **offers}


async def _superseded_by(db: AsyncSession, release: Release) -> dict[str, Release]:
    """The newest of the same series, where that is another release."""
    if release.minor is None:
        return {}
    newest = await queries.newest_of_minor(db, release.minor)
    return {} if newest is None or newest.id == release.id else {"latest_in_series": newest}


def _to(release: Release | None) -> Response[bytes]:
    """The query is dropped. Without a release the landing page is the next best; the legacy site
    fails there for Python 2 and the install manager, which helps nobody."""
    return redirect(release.get_absolute_url() if release else LANDING)


def _latest(regex: str, handler: Callable[..., Awaitable[Response[bytes]]], name: str) -> Any:
    return re_path(
        rf"latest{regex}/?$",
        handler,
        name=f"download_latest_{name}",
        methods=REDIRECT_VIEW,
        kept=True,
    )


ROUTES = (
    _latest("/python2", latest_python2, "python2"),
    _latest("/python3", latest_python3, "python3"),
    _latest(r"/python3\.(?P<minor>\d+)", latest_python3_of_minor, "python3x"),
    _latest("/prerelease", latest_prerelease, "prerelease"),
    _latest("/pymanager", latest_pymanager, "pymanager"),
    _latest("", latest_python3, "python3"),
    path("operating-systems/", full_os_list, name="download_full_os_list", kept=True),
    path("release/<slug:release_slug>/", release_detail, name="download_release_detail", kept=True),
    path("<slug:slug>/", os_list, name="download_os_list", kept=True),
    path("", landing, name="download", kept=True),
    path("feed.rss", release_feed, name="feed", methods=ANY, kept=True),
)
PAGES = (
    *mount("getit/", ROUTES, namespace="getit", app_name="downloads"),
    *mount("downloads/", ROUTES, namespace="download", app_name="downloads"),
)
