"""Who answers the URLs of /downloads/ and /getit/ (behaviour/downloads.md §4 and §5)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.downloads import feed, queries
from ported_domains.downloads.catalogue import (
    PYTHON_3,
    OperatingSystem,
    Release,
    ReleaseFile,
    featured,
    newest_version_first,
)
from ported_domains.downloads.cycle import Cycle, active_releases, end_of_life
from ported_domains.downloads.filters import FILTERS
from ported_domains.downloads.queries import Latest
from ported_domains.shared.render import Show, redirect
from ported_domains.shared.urls import ANY, REDIRECT_VIEW, mount, path, re_path
from ported_domains.shared.visit import Visit

LANDING = "/downloads/"


async def landing(
    request: Request[Any, Any, Any], db: AsyncSession, show: Show
) -> Response[bytes]:
    latest = await queries.latest(db)
    buttons = await queries.button_files(db, filter(None, latest))
    cycle = _cycle(request)
    return await show(
        "downloads/index.html",
        **_latest(latest),
        releases=newest_version_first(await queries.listed(db)),
        python_files=[
            _offers(os, latest, buttons) for os in await queries.operating_systems(db)
        ],
        active_releases=active_releases(cycle, await queries.newest_of_each_minor(db))
        if cycle
        else [],
    )
