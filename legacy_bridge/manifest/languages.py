"""Languages, as the legacy project's manifest says; Django's defaults without."""

from legacy_bridge.django.language import LANGUAGE_COOKIE, LanguageSettings, Prefix
from legacy_bridge.django.language_codes import CATALOGS, FALLBACKS, LANGUAGES, to_locale
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.obeying import cookie_attributes
from legacy_bridge.manifest.reading import ManifestError

MIDDLEWARE = "django.middleware.locale.LocaleMiddleware"
_NAMED = {*LANGUAGES, *FALLBACKS}


def language_settings(manifest: Manifest | None) -> LanguageSettings:
    """LANGUAGE_…, LANGUAGES, and whether URLs begin with a language.

    Raises `ManifestError` where a middleware of the project's own chooses.
    """
    if manifest is None:
        return LanguageSettings()
    told, default = manifest.settings, LanguageSettings()
    codes = tuple(code for code, _ in told.get("LANGUAGES", ())) or default.languages
    return LanguageSettings(
        default=told.get("LANGUAGE_CODE", default.default),
        languages=codes,
        catalogs=_catalogs(codes),
        translated=told.get("USE_I18N", True),
        negotiated=_is_negotiated(told.get("MIDDLEWARE", [])),
        prefix=_prefix(manifest),
        append_slash=told.get("APPEND_SLASH", True),
        cookie_name=told.get("LANGUAGE_COOKIE_NAME", default.cookie_name),
        cookie_age=told.get("LANGUAGE_COOKIE_AGE"),
        cookie=cookie_attributes("LANGUAGE", told, LANGUAGE_COOKIE),
    )


def _catalogs(codes: tuple[str, ...]) -> frozenset[str]:
    """A language that Django has no name for is the project's own, and so are its translations."""
    return CATALOGS | {to_locale(code) for code in codes if code.lower() not in _NAMED}


def _is_negotiated(middleware: list[str]) -> bool:
    for name in middleware:
        if name.endswith("LocaleMiddleware") and name != MIDDLEWARE:
            raise ManifestError(
                f"MIDDLEWARE: {name} is the project's own, and may choose languages in a way of "
                "its own — use Django's, or leave pages in several languages with the legacy site"
            )
    return MIDDLEWARE in middleware


def _prefix(manifest: Manifest) -> Prefix:
    """As the first `i18n_patterns()` of ROOT_URLCONF says, which Django goes by."""
    for node in manifest.urls.patterns:
        if node.kind == "language":
            return Prefix.ALL if node.prefix_default else Prefix.BUT_DEFAULT
    return Prefix.NONE
