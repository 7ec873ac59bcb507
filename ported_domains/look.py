"""How this site looks: its templates, what its tags show, the names that every page has."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from legacy_bridge.django.authentication.user import User
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO, PACKAGES
from legacy_bridge.templates.loader import DjangoLoader
from legacy_bridge.templates.of_site import site_environment
from legacy_bridge.templates.site import Site, Thumbnails
from ported_domains.chrome.bundles import SCRIPTS, STYLESHEETS
from ported_domains.chrome.clock import mind_the_clock
from ported_domains.chrome.elsewhere import PATHS
from ported_domains.chrome.flags import SiteFlags
from ported_domains.chrome.menus import SiteMenus
from ported_domains.chrome.names import SiteNames
from ported_domains.chrome.reading import MENU_TABLES, menu_items
from ported_domains.chrome.static_files import StaticFiles
from ported_domains.shared.look import Look, LookOf
from ported_domains.shared.rendering import rendering
from ported_domains.shared.resolver import Urls
from ported_domains.shared.site_urls import SiteUrls
from ported_domains.shared.thumbnails.originals import Originals
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.site_content import SiteContent
from ported_domains.site_pages.pages import MEDIA_STORE_KEY, STATIC_KEY
from ported_domains.templatetags import LIBRARIES
from ported_domains.users.person import Person

BUILT_IN = Path(__file__).parent / "templates" / "django"
PACKAGE_INDEX = "https://pypi.example.org/"
ORIGINALS = Originals()


def look_of(
    manifest: Manifest | None = None,
    directories: Iterable[Path] = (),
    *,
    package_index: str = PACKAGE_INDEX,
    static_root: Path | None = None,
    media_store: str | None = None,
    thumbnails: Thumbnails = ORIGINALS,
    developing: bool = False,
) -> LookOf:
    """Templates of `directories` come before the built-in ones. `static_root` has the legacy site's
    collected static files, `media_store` is where its old uploads are, `thumbnails`
    gives smaller images. While `developing` changed templates are read again."""
    own = tuple(directories)
    files = None if static_root is None else StaticFiles(static_root)

    def look(urls: Urls) -> Look:
        def over(*searched: Path) -> TemplateEnvironment:
            made = _environment(manifest, searched, urls, files, thumbnails, developing=developing)
            mind_the_clock(made)
            return made

        built_in = over(BUILT_IN)
        environment = over(*own, BUILT_IN) if own else built_in
        return Look(
            environment=environment,
            built_in=built_in,
            content=SiteContent,
            person=_person,
            names=SiteNames(environment, urls, manifest).of,
            package_index=package_index,
            state={STATIC_KEY: static_root, MEDIA_STORE_KEY: media_store},
        )

    return look


def _environment(
    manifest: Manifest | None,
    directories: tuple[Path, ...],
    urls: Urls,
    files: StaticFiles | None,
    thumbnails: Thumbnails,
    *,
    developing: bool,
) -> TemplateEnvironment:
    site = Site(
        static=None if files is None else files.url,
        stylesheets=STYLESHEETS,
        scripts=SCRIPTS,
        menus=SiteMenus(lambda alias: menu_items(rendering().reading(MENU_TABLES), alias)),
        thumbnails=thumbnails,
        imagekit=ORIGINALS,
        flags=SiteFlags((manifest.waffle if manifest else None) or {}),
    )
    if manifest is None:
        made = TemplateEnvironment(
            DjangoLoader(directories),
            libraries=[*DJANGO, *PACKAGES, *LIBRARIES],
            site=site,
            debug=developing,
            auto_reload=developing,
        )
        made.site = replace(site, urls=SiteUrls(urls, PATHS))
        return made
    made = site_environment(
        manifest, directories, libraries=LIBRARIES, site=site, developing=developing
    )
    made.site = replace(made.site, urls=SiteUrls(urls, PATHS, made.site.urls))
    return made


def _person(user: User, visitor: VisitorState) -> Person:
    return Person(user, visitor.contracts.legacy)
