"""Who answers at the root of the site (behaviour/site.md §7)."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from litestar import Request, Response
from litestar.di import NamedDependency
from sqlalchemy import select

from legacy_bridge.django.redirects import location
from ported_domains.codesamples.queries import first_published
from ported_domains.downloads import queries
from ported_domains.downloads.models import Release
from ported_domains.shared.database import Database
from ported_domains.shared.manners import PER_VISITOR
from ported_domains.shared.render import Showing
from ported_domains.shared.urls import ANY, REDIRECT_VIEW, FromUrl, Route, path, re_path
from ported_domains.shared.visitors.guards import ContractsMissingError
from ported_domains.site_pages.funding import funding
from ported_domains.site_pages.versions import version_list

AppRequest = Request[Any, Any, Any]
BUILT_IN_STATIC = Path(__file__).parent
STATIC_KEY = "legacy_static"
"""In the app's state: the directory of the legacy site's static files."""
MEDIA_STORE_KEY = "media_store"
"""In the app's state: the address that old uploads lie below."""
_VERSIONS = (
    select(Release.name, Release.release_date)
    .where(Release.is_published, ~Release.pre_release)
    .order_by(Release.release_date.desc(), Release.id)
)


async def home(db: Database, show: Showing) -> Response[bytes]:
    return await show("python/index.html", code_samples=await first_published(db))


async def health() -> Response[bytes]:
    """For who watches whether the site lives. No database is asked."""
    return Response(b"OK", media_type="text/html")


async def release_edit_button(show: Showing, pk: NamedDependency[int]) -> Response[bytes]:
    """Fetched by script into a page that is the same for all; only staff see anything in it."""
    return await show("downloads/release_edit_button.html", pk=pk, release_pk=pk)


async def documentation(db: Database, show: Showing) -> Response[bytes]:
    latest = await queries.latest(db)
    return await show(
        "python/documentation.html",
        latest_python2=latest.python2,
        latest_python3=latest.python3,
    )


async def versions(db: Database, show: Showing) -> Response[bytes]:
    rows = await db.execute(_VERSIONS)
    known = ((row.name, row.release_date.date()) for row in rows)
    return await show("python/versions.html", version_list=version_list(known))


async def funding_json(request: AppRequest) -> Response[bytes]:
    return funding(request.app.state.get(STATIC_KEY) or BUILT_IN_STATIC)


async def moved_media(request: AppRequest, url: FromUrl) -> Response[bytes]:
    """301 to where uploads of old are kept now. Nothing leads out of there, neither by dots that
    are written `%2e`, which browsers take for dots."""
    store = request.app.state.get(MEDIA_STORE_KEY)
    if store is None:
        raise ContractsMissingError("STRANGLER_MEDIA_STORE is needed to say where old media are")
    parts = [part for part in url.split("/") if unquote(part) not in ("", ".", "..")]
    there = location("/".join((store.rstrip("/"), "media", *parts)))
    return Response(
        b"",
        status_code=HTTPStatus.MOVED_PERMANENTLY,
        media_type="text/html",
        headers={"location": there},
    )


def _page(template: str) -> Callable[[Showing], Awaitable[Response[bytes]]]:
    async def page(show: Showing) -> Response[bytes]:
        return await show(template)

    return page


def _text(template: str) -> Callable[[Showing], Awaitable[Response[bytes]]]:
    async def text(show: Showing) -> Response[bytes]:
        body = (await show.text(template)).encode()
        headers = {"content-type": "text/plain", **dict([PER_VISITOR])}
        return Response(body, headers=headers)

    return text


_PAGES = {
    "authenticated": ("authenticated", "includes/authenticated.html"),
    "shell/": ("shell", "python/shell.html"),
    "about/": ("about", "python/about.html"),
    "inner/": ("inner", "python/inner.html"),
    "psf-landing/": ("psf-landing", "psf/index.html"),
    "psf/sponsors/": ("psf-sponsors", "psf/sponsors-list.html"),
    "docs-landing/": ("docs-landing", "docs/index.html"),
    "pypl-landing/": ("pypl-landing", "pypl/index.html"),
    "shop-landing/": ("shop-landing", "shop/index.html"),
}
"""Pages that are their template: pattern → name and template."""

ROUTES: tuple[Route, ...] = (
    path("", home, name="home", kept=True),
    re_path(r"^_health/?", health, name="health", methods=ANY),
    path("release-edit-button/<int:pk>", release_edit_button, name="release_edit_button"),
    path("humans.txt", _text("humans.txt"), kept=True),
    path("robots.txt", _text("robots.txt"), kept=True),
    path("funding.json", funding_json, name="funding_json", methods=ANY),
    path("doc/", documentation, name="documentation", kept=True),
    path("doc/versions/", versions, name="docs-versions", kept=True),
    *(
        path(pattern, _page(template), name=name, kept=True)
        for pattern, (name, template) in _PAGES.items()
    ),
    re_path(r"^m/(?P<url>.*)/$", moved_media, name="media_migration_view", methods=REDIRECT_VIEW),
)
