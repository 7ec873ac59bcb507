"""A visitor chooses a language: Django's view `set_language`.

It leads back to where the visitor was, to the same page in the language chosen if its URL says the
language, and keeps the choice in a cookie.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from legacy_bridge.django.cookies import set_cookie
from legacy_bridge.django.language import Languages
from legacy_bridge.django.language_codes import to_language
from legacy_bridge.django.redirects import is_safe, location
from legacy_bridge.django.reversing import NoReverseMatchError, Urls
from legacy_bridge.django.secrecy import encodable
from legacy_bridge.django.url_patterns import UnknownConverterError
from legacy_bridge.manifest.model import Manifest

FIELD: Final = "language"
"""Of the form."""
MOST_LANGUAGES: Final = 128
"""Whose URLs are kept: a visitor may ask for any that Django has heard of."""

UrlsIn = Callable[[str], Urls]
"""A project's URLs in a language, by its code."""


def urls_in(manifest: Manifest) -> UrlsIn:
    """Made when first asked for, and kept."""

    @lru_cache(MOST_LANGUAGES)
    def of(language: str) -> Urls:
        return Urls(manifest, language=language)

    return of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The request. `active` is the code of the language that it came in itself."""

    method: str
    language: str | None
    """Of the form; of a POST only."""
    next_url: str | None
    """`next` of the form, if it has one (empty or not), else of the query."""
    referer: str | None
    host: str
    secure: bool
    accepts_html: bool
    active: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """302 to `location`, or 204 where there is none; and the value of a Set-Cookie field."""

    location: str | None
    set_cookie: bytes | None


def change_language(
    languages: Languages, choice: Choice, urls: UrlsIn, *, now: float | None = None
) -> Outcome:
    """`now` is in seconds since 1970."""
    url, cookie = _way_back(choice), None
    if choice.method == "POST" and choice.language and languages.is_known(choice.language):
        settings = languages.settings
        cookie = set_cookie(
            settings.cookie_name,
            choice.language,
            settings.cookie,
            max_age=settings.cookie_age,
            now=now,
        )
        if url is not None and settings.translated:
            url = translated(url, urls(choice.active), urls(to_language(choice.language)))
    return Outcome(None if url is None else location(url), cookie)


def _way_back(choice: Choice) -> str | None:
    """`next`, or the page before, or the front page: what is on this host. None: a script asked."""
    if not choice.next_url and not choice.accepts_html:
        return None
    for url in (choice.next_url, choice.referer):
        if url and encodable(url) and is_safe(url, {choice.host}, require_https=choice.secure):
            return url
    return "/"


def translated(url: str, active: Urls, wanted: Urls) -> str:
    """The URL of the same page in another language; `url` itself where there is none.

    It is looked up as a URL in the active language, so that one of a third language stays. Words
    in URLs are known in the languages that the project offers.
    """
    parts = urlsplit(url)
    found = active.resolve(unquote(parts.path))
    if found is None or found.view_name is None:
        return url
    try:
        path = wanted.reverse(found.view_name, None, *found.args, **found.kwargs)
    except (NoReverseMatchError, UnknownConverterError, ValueError):
        return url
    return urlunsplit(parts._replace(path=path))
