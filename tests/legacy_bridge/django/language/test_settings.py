"""What is made of the settings in a manifest."""

import json
from typing import Any

import pytest

from legacy_bridge.django.cookies import CookieAttributes
from legacy_bridge.django.language import Language, Languages, LanguageSettings, Prefix
from legacy_bridge.django.language_codes import CATALOGS, LANGUAGES
from legacy_bridge.manifest.languages import MIDDLEWARE, language_settings
from legacy_bridge.manifest.reading import ManifestError, parse
from tests.legacy_bridge.django.language.side import AnswersSide
from tests.legacy_bridge.django.language.sites import COOKIE, SITES, offering


def told(side: AnswersSide, settings: dict[str, Any]) -> LanguageSettings:
    return language_settings(parse(json.dumps(side.ask("manifest", settings=settings)).encode()))


def test_without_a_manifest_nothing_is_negotiated() -> None:
    assert language_settings(None) == LanguageSettings()
    language = Languages(LanguageSettings()).of("/de/", "de", "de")
    assert language == Language(code="en-us", negotiated=False, in_url=False)
    assert (language.content_language, language.varies) == (None, False)


def test_what_a_project_says(languages_side: AnswersSide) -> None:
    settings = told(languages_side, SITES["without slashes"])
    assert settings == LanguageSettings(
        default="de",
        languages=("en", "de", "fr", "pt-br"),
        negotiated=True,
        prefix=Prefix.ALL,
        append_slash=False,
        cookie_name=COOKIE["LANGUAGE_COOKIE_NAME"],
        cookie_age=3600,
        cookie=CookieAttributes(
            path="/x", domain=".example.org", secure=True, httponly=True, samesite="Lax"
        ),
    )
    assert told(languages_side, SITES["in other URLs"]).prefix is Prefix.BUT_DEFAULT


def test_what_django_says(languages_side: AnswersSide) -> None:
    settings = told(languages_side, {})
    assert settings.negotiated
    assert settings.prefix is Prefix.NONE
    # Older versions have fewer.
    assert settings.languages == tuple(each for each in LANGUAGES if each in settings.languages)
    assert settings.catalogs == CATALOGS


def test_a_language_of_the_projects_own(languages_side: AnswersSide) -> None:
    settings = told(languages_side, {"LANGUAGES": offering("en", "tlh", "de-at", "zh-cn", "pt-BR")})
    assert settings.catalogs - CATALOGS == {"tlh", "de_AT"}
    assert Languages(settings).of("/", "tlh", None).code == "tlh"


def test_a_middleware_of_the_projects_own_is_refused(languages_side: AnswersSide) -> None:
    exported = languages_side.ask("manifest", settings={})
    exported["settings"]["MIDDLEWARE"] = [MIDDLEWARE, "site.middleware.OurLocaleMiddleware"]
    with pytest.raises(ManifestError, match=r"^MIDDLEWARE: site\.middleware\.OurLocale.* use Dj"):
        language_settings(parse(json.dumps(exported).encode()))
