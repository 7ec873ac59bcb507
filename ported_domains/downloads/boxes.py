"""The boxes that show the newest releases on other pages (behaviour/downloads.md §7).

They are rows of another domain, written when releases change. Where the legacy side owns that
domain they are strays, which the bridge carries over.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.boxes.models import Box
from ported_domains.downloads import models, queries
from ported_domains.downloads.catalogue import SOURCE, Release, ReleaseFile
from ported_domains.shared.formats import date
from ported_domains.shared.forms.html import quoted
from ported_domains.shared.markup import sanitise

NAVIGATION, HOME, SOURCES = "supernav-python-downloads", "homepage-downloads", "download-sources"

_Buttons = Mapping[tuple[int, int], ReleaseFile]


def _as_django_writes(value: object) -> Markup:
    return Markup(quoted(value))  # noqa: S704  # it is quoted


_TEMPLATES = Environment(
    # Quoted and spaced as in Django, whose boxes these replace
    loader=PackageLoader("ported_domains"),
    autoescape=True,
    finalize=_as_django_writes,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    auto_reload=False,
)
_TEMPLATES.filters["date"] = date


async def rebuild(db: AsyncSession) -> None:
    """Makes every box for which there is something to show; the others stay as they are."""
    python2, python3, pymanager = await queries.latest(db)
    if python3 is None:
        return
    newest = [release for release in (python2, python3, pymanager) if release]
    buttons = await queries.button_files(db, newest)
    await _rebuild_navigation(db, python3, pymanager, buttons)
    if python2 is None:
        return
    await _write(db, HOME, "homepage", latest_python2=python2, latest_python3=python3)
    sources = [(release, _source_of(release, buttons)) for release in (python3, python2)]
    if all(file for _, file in sources):
        await _write(db, SOURCES, "sources", sources=sources)


async def _rebuild_navigation(
    db: AsyncSession, python3: Release, pymanager: Release | None, buttons: _Buttons
) -> None:
    offers = [
        {
            "os": os,
            "python3": buttons.get((python3.id, os.id)),
            "pymanager": pymanager and buttons.get((pymanager.id, os.id)),
        }
        for os in await queries.operating_systems(db)
    ]
    offers = [offer for offer in offers if offer["python3"] or offer["pymanager"]]
    if offers:
        asked = select(models.Release.updated).where(models.Release.id == python3.id)
        updated = (await db.execute(asked)).scalar_one()
        context = {"offers": offers, "release": python3, "last_updated": updated}
        await _write(db, NAVIGATION, "navigation", **context)


def _source_of(release: Release, buttons: _Buttons) -> ReleaseFile | None:
    files = (file for (key, _), file in buttons.items() if key == release.id)
    return next((file for file in files if file.os.slug == SOURCE), None)


async def _write(db: AsyncSession, label: str, template: str, **context: Any) -> None:
    content = _TEMPLATES.get_template(f"downloads/boxes/{template}.html").render(context)
    html = {
        "updated": datetime.now(UTC),
        "content": content,
        "content_markup_type": "html",
        "content_rendered": sanitise(content),
    }
    known = await db.execute(update(Box).where(Box.label == label).values(html).returning(Box.id))
    if known.first() is None:
        await db.execute(insert(Box).values(label=label, created=html["updated"], **html))
