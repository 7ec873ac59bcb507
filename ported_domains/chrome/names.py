"""The names that every page has beside those of its visitor (behaviour/site.md §6)."""

from collections.abc import Mapping
from typing import Any

from legacy_bridge.django import reversing
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.templates.environment import TemplateEnvironment
from ported_domains.chrome.facts import BLOG_URL, SITE_INFO
from ported_domains.shared.rendering import Rendering
from ported_domains.shared.resolver import Urls
from ported_domains.shared.visitors.names import TemplateRequest

Place = tuple[str | None, str | None]
"""Namespace and name of the URL that was asked for; None where it has no meaning."""


class SiteNames:
    """One for all pages of a site."""

    def __init__(
        self, environment: TemplateEnvironment, urls: Urls, manifest: Manifest | None
    ) -> None:
        self._urls = urls
        self._project = None if manifest is None else reversing.Urls(manifest)
        site, locale = environment.site, environment.locale
        self._same = {
            "STATIC_URL": site.static_url,
            "MEDIA_URL": site.media_url,
            "LANGUAGES": locale.languages,
            "LANGUAGE_CODE": locale.language_code,
            "LANGUAGE_BIDI": False,
            "TIME_ZONE": locale.time_zone,
            "SITE_INFO": SITE_INFO,
            "BLOG_URL": BLOG_URL,
        }

    def of(self, asked: Rendering, request: TemplateRequest) -> Mapping[str, Any]:
        visit = asked.visit
        return {
            **self._same,
            "current_app": visit.namespace,
            "URL_NAMESPACE": lambda: self._place(visit.path)[0],
            "URL_NAME": lambda: self._place(visit.path)[1],
            "GET_HOST_WITH_SCHEME": visit.origin,
            "USER_NAV_BAR": lambda: nav_bar(request.user),
        }

    def _place(self, path: str) -> Place:
        if self._project is not None:
            return _place_of_project(self._project, path)
        found = self._urls.resolve(path)
        if found is None:
            return None, None
        return found.endpoint.url.namespace, found.endpoint.url.view_name or None


def _place_of_project(urls: reversing.Urls, path: str) -> Place:
    found = urls.resolve(path)
    if found is None:
        return None, None
    return ":".join(found.namespaces), found.view_name


def nav_bar(user: Any) -> dict[str, Any]:
    """The sections of the account's menu, in their order; none for who is not signed in."""
    if not user.is_authenticated:
        return {}
    own = _link("/users/membership/", "Become a PSF Basic member")
    if user.has_membership:
        own = _link("/users/membership/edit/", "Edit PSF Basic membership")
    return {
        "account": {
            "label": "Your Account",
            "urls": [
                _link(user.get_absolute_url(), "View profile"),
                _link("/users/edit/", "Edit profile"),
                _link("/accounts/password/change/", "Change password"),
            ],
        },
        "psf_membership": {
            "label": "Membership",
            "urls": [_link("/users/nominations/", "Nominations"), own],
        },
        "sponsorships": {
            "label": "Sponsorships Dashboard",
            "url": "/users/sponsorships/" if user.sponsorships else None,
        },
    }


def _link(url: str, label: str) -> dict[str, str]:
    return {"url": url, "label": label}
