"""The boxes that show the newest releases on other pages (behaviour/downloads.md §7).

They are rows of another domain, written when releases change. Where the legacy side owns that
domain they are strays, which the bridge carries over.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.boxes.writing import write_html
from ported_domains.downloads import models, queries
from ported_domains.downloads.catalogue import SOURCE, Release, ReleaseFile
from ported_domains.downloads.queries import Latest
from ported_domains.shared.row_templates import rendered

NAVIGATION, HOME, SOURCES = "supernav-python-downloads", "homepage-downloads", "download-sources"
_TEMPLATES: Mapping[str, str] = {
    NAVIGATION: "downloads/supernav.html",
    HOME: "downloads/homepage-downloads-box.html",
    SOURCES: "downloads/download-sources-box.html",
}

_Buttons = Mapping[tuple[int, int], ReleaseFile]


async def rebuild(db: AsyncSession) -> None:
    """Makes every box for which there is something to show; the others stay as they are."""
    latest = await queries.latest(db)
    if latest.python3 is None:
        return
    buttons = await queries.button_files(db, filter(None, latest))
    await _rebuild_navigation(db, latest.python3, latest, buttons)
    if latest.python2 is None:
        return
    await _write(db, HOME, latest_python2=latest.python2, latest_python3=latest.python3)
    sources = {
        "latest_python2_source": _source_of(latest.python2, buttons),
        "latest_python3_source": _source_of(latest.python3, buttons),
    }
    if all(sources.values()):
        await _write(db, SOURCES, **sources)


async def _rebuild_navigation(
    db: AsyncSession, python3: Release, latest: Latest, buttons: _Buttons
) -> None:
    offers = [
        {
            "os": os,
            "python3": buttons.get((python3.id, os.id)),
            "pymanager": latest.pymanager and buttons.get((latest.pymanager.id, os.id)),
        }
        for os in await queries.operating_systems(db)
    ]
    offers = [offer for offer in offers if offer["python3"] or offer["pymanager"]]
    if offers:
        asked = select(models.Release.updated).where(models.Release.id == python3.id)
        updated = (await db.execute(asked)).scalar_one()
        await _write(db, NAVIGATION, python_files=offers, last_updated=updated)


def _source_of(release: Release, buttons: _Buttons) -> ReleaseFile | None:
    files = (file for (key, _), file in buttons.items() if key == release.id)
    return next((file for file in files if file.os.slug == SOURCE), None)


async def _write(db: AsyncSession, label: str, **names: object) -> None:
    await write_html(db, label, rendered(db, _TEMPLATES[label], names))
