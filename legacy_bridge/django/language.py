"""Which language a request gets, and what its answer says of that: Django's LocaleMiddleware.

    languages = Languages(settings)
    language = languages.of(path, cookies.get(settings.cookie_name), accept_language)
    language.code             # LANGUAGE_CODE in templates
    language.content_language # the field Content-Language, unless the answer has one

From Django 4 on a visitor's choice is kept in a cookie alone, not in the session. The choice itself
(`set_language`) is in `language_change.py`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from legacy_bridge.django.cookies import CookieAttributes
from legacy_bridge.django.language_codes import (
    CATALOGS,
    FALLBACKS,
    LANGUAGES,
    LONGEST,
    has_catalog,
    to_language,
)
from legacy_bridge.django.redirects import location

LANGUAGE_COOKIE: Final = CookieAttributes()
ACCEPT_LANGUAGE: Final = "Accept-Language"
REDIRECT_VARIES_ON: Final = (ACCEPT_LANGUAGE, "Cookie")
"""What `Languages.prefixed` depends on, for Vary."""

# Their `$` lets a newline stand at the end, as in Django.
_IN_PATH = re.compile(r"/(\w+(?:[@-]\w+){0,2})(?:/|$)")
# RFC 9110 12.5.4 and 12.4.2, in small letters: a range, its weight, and the comma after it.
_RANGE = re.compile(
    r"([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)"
    r"(?:\s*;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
    r"(?:\s*,\s*|$)"
)


class Prefix(Enum):
    """Whether URLs begin with a language: `i18n_patterns()` in ROOT_URLCONF."""

    NONE = auto()
    ALL = auto()
    BUT_DEFAULT = auto()
    """With `prefix_default_language=False`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSettings:
    """Of the legacy project; in brackets the Django setting where its name is another."""

    default: str = "en-us"
    """LANGUAGE_CODE."""
    languages: tuple[str, ...] = LANGUAGES
    """The codes of LANGUAGES, in their order."""
    catalogs: frozenset[str] = CATALOGS
    """Folders of translations that Django finds, such as `pt_BR`."""
    translated: bool = True
    """USE_I18N."""
    negotiated: bool = False
    """Whether LocaleMiddleware is there. Without it every page is in `default`."""
    prefix: Prefix = Prefix.NONE
    append_slash: bool = True
    cookie_name: str = "django_language"
    cookie_age: int | None = None
    """Seconds; None for the browser's end."""
    cookie: CookieAttributes = LANGUAGE_COOKIE


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What a request gets."""

    code: str
    negotiated: bool
    in_url: bool
    """Whether the URL says it, so that nothing else does."""

    @property
    def content_language(self) -> str | None:
        """For the field Content-Language, where the answer has none of its own."""
        return self.code if self.negotiated else None

    @property
    def varies(self) -> bool:
        """Whether `Vary: Accept-Language` belongs into the answer."""
        return self.negotiated and not self.in_url


class Languages:
    """The rules of one project; made once."""

    __slots__ = ("_listed", "_usable", "settings")

    def __init__(self, settings: LanguageSettings) -> None:
        self.settings = settings
        self._listed = tuple(dict.fromkeys(code.lower() for code in settings.languages))
        self._usable = frozenset(
            code for code in self._listed if has_catalog(code, settings.catalogs)
        )

    def of(self, path: str, cookie: str | None, accept: str | None) -> Language:
        """`path` is decoded and begins with a slash, `cookie` the value of the language cookie,
        `accept` the field Accept-Language."""
        settings = self.settings
        if not settings.translated or not settings.negotiated:
            return self._language(settings.default)
        in_path = None if settings.prefix is Prefix.NONE else self.in_path(path)
        if in_path is not None:
            return self._language(to_language(in_path), in_url=True)
        if settings.prefix is Prefix.BUT_DEFAULT:
            return self._language(to_language(settings.default))
        return self._language(to_language(self._asked_for(cookie, accept or "")))

    def _language(self, code: str, *, in_url: bool = False) -> Language:
        return Language(code=code, negotiated=self.settings.negotiated, in_url=in_url)

    def _asked_for(self, cookie: str | None, accept: str) -> str:
        for code in self._wishes(cookie, accept):
            found = self.variant(code)
            if found is not None:
                return found
        return self.settings.default

    def _wishes(self, cookie: str | None, accept: str) -> Iterator[str]:
        """From the most wanted to the least."""
        if cookie:
            yield cookie
        for code in accepted(accept):
            if code == "*":
                break
            yield code
        yield self.settings.default

    def in_path(self, path: str) -> str | None:
        """The language that the first segment means, even if no URL begins with it so."""
        found = _IN_PATH.match(path)
        return self.variant(found[1]) if found else None

    def variant(self, code: str) -> str | None:
        """The offered language that comes nearest: itself, a script or a wider one, or else the
        same language of another country. Case stays as given."""
        if len(code) > LONGEST:
            code = code[: max(code.rfind("-", 0, LONGEST), 0)]
        wider = [code, *_script(code), *_wider(code)]
        for candidate in wider:
            if candidate.lower() in self._usable:
                return candidate
        same = f"{wider[-1]}-"
        return next((code for code in self._listed if code.startswith(same)), None)

    def is_known(self, code: str) -> bool:
        """Whether `set_language` takes it; it may be none of LANGUAGES, and then has no effect."""
        return has_catalog(code, self.settings.catalogs)

    def prefixed(
        self, language: Language, path: str, full_path: str, is_page: Callable[[str], bool]
    ) -> str | None:
        """Where a path without a language leads instead of to 404: to the same with one, if that
        is a page. None: 404 it is.

        `full_path` is `path` encoded, with the query; `is_page` is asked about decoded paths in
        this language.
        """
        settings = self.settings
        applies = settings.negotiated and settings.translated and settings.prefix is Prefix.ALL
        if not applies or language.in_url:
            return None
        encoded, question_mark, query = full_path.partition("?")
        wanted = f"/{language.code}{path}"
        if not is_page(wanted):
            if not settings.append_slash or path.endswith("/") or not is_page(f"{wanted}/"):
                return None
            encoded += "/"
        return location(f"/{language.code}{encoded}{question_mark}{query}")


def accepted(field: str) -> list[str]:
    """The ranges of Accept-Language, best first; none if one is malformed.

    A weight of 0 makes a range the last choice, not a refused one, in Django as here.
    """
    if len(field) > LONGEST:
        field = field[: max(field.rfind(",", 0, LONGEST), 0)]
    field, ranges, position = field.lower(), list[tuple[str, float]](), 0
    while position < len(field):
        found = _RANGE.match(field, position)
        if found is None:
            return []
        ranges.append((found[1], float(found[2] or 1)))
        position = found.end()
    return [name for name, _ in sorted(ranges, key=lambda each: -each[1])]


def _script(code: str) -> Iterator[str]:
    if code in FALLBACKS:
        yield FALLBACKS[code]


def _wider(code: str) -> Iterator[str]:
    while "-" in code:
        code = code.rpartition("-")[0]
        yield code
