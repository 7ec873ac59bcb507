"""The template environment of a Django project, from what its manifest says.

environment = site_environment(manifest, directories, libraries=LIBRARIES)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader

from legacy_bridge.django.reversing import NoReverseMatchError as NoPatternError
from legacy_bridge.django.reversing import Urls
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.obeying import honeypot
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO, PACKAGES
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.loader import DjangoLoader
from legacy_bridge.templates.rendering.locale import Locale
from legacy_bridge.templates.site import NoReverseMatchError, Site

_FORMATS = (
    *("DATE_FORMAT", "DATETIME_FORMAT", "TIME_FORMAT", "SHORT_DATE_FORMAT"),
    *("SHORT_DATETIME_FORMAT", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT", "FIRST_DAY_OF_WEEK"),
    *("DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR", "NUMBER_GROUPING"),
)


class ProjectUrls:
    """`{% url %}` by the project's own patterns. The namespace of the page that asks is the
    context's `current_app`."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls

    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Any
    ) -> str:
        current = context.get("current_app")
        try:
            return self._urls.reverse(name, current or None, *args, **kwargs)
        except NoPatternError as error:
            raise NoReverseMatchError(str(error)) from None


def site_environment(
    manifest: Manifest,
    directories: Iterable[Path],
    *,
    libraries: Iterable[Library] = (),
    site: Site | None = None,
    rest: BaseLoader | None = None,
    developing: bool = False,
) -> TemplateEnvironment:
    """Templates of `directories`, then of `rest`, with the project's URLs, time zone and formats.

    `site` has the sources that no manifest knows (menus, flags, thumbnails); `libraries` are the
    project's own tags. While `developing` changed files are read again, and `debug` works.
    """
    return TemplateEnvironment(
        DjangoLoader(directories, rest),
        libraries=[*DJANGO, *PACKAGES, *libraries],
        locale=locale_of(manifest),
        site=site_of(manifest, site or Site()),
        debug=developing,
        auto_reload=developing,
    )


def locale_of(manifest: Manifest) -> Locale:
    """Language, time zone and formats. Formats of `en` stay where the language has its own."""
    settings: Mapping[str, Any] = manifest.settings
    language = settings.get("LANGUAGE_CODE", "en-us")
    own = {name: settings[name] for name in _FORMATS if name in settings}
    is_english = language.partition("-")[0] == "en"
    return Locale(
        use_tz=settings.get("USE_TZ", True),
        time_zone=settings.get("TIME_ZONE") or "UTC",
        language_code=language,
        languages=tuple((code, name) for code, name in settings.get("LANGUAGES", ())),
        use_thousand_separator=settings.get("USE_THOUSAND_SEPARATOR", False),
        formats={} if is_english else {language: own},
    )


def site_of(manifest: Manifest, site: Site) -> Site:
    """`site` with what the manifest says of URLs, files and the honeypot."""
    settings: Mapping[str, Any] = manifest.settings
    return replace(
        site,
        urls=ProjectUrls(Urls(manifest)),
        static_url=settings.get("STATIC_URL") or site.static_url,
        media_url=settings.get("MEDIA_URL") or site.media_url,
        honeypot=site.honeypot or honeypot(manifest),
    )
