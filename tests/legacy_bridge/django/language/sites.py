"""Projects whose settings differ, there and here."""

import json
from functools import lru_cache
from typing import Any

from legacy_bridge.django.language import Languages
from legacy_bridge.django.language_change import UrlsIn, urls_in
from legacy_bridge.manifest.languages import language_settings
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.django.language.side import PARENT, AnswersSide

URLS = f"{PARENT}.language.answers"


def offering(*codes: str) -> list[tuple[str, str]]:
    """LANGUAGES."""
    return [(code, code) for code in codes]


FOUR = offering("en", "de", "fr", "pt-br")
COOKIE: dict[str, Any] = {
    "LANGUAGE_COOKIE_NAME": "lang",
    "LANGUAGE_COOKIE_AGE": 3600,
    "LANGUAGE_COOKIE_PATH": "/x",
    "LANGUAGE_COOKIE_DOMAIN": ".example.org",
    "LANGUAGE_COOKIE_SECURE": True,
    "LANGUAGE_COOKIE_HTTPONLY": True,
    "LANGUAGE_COOKIE_SAMESITE": "Lax",
}
SITES: dict[str, dict[str, Any]] = {
    "as Django is": {},
    "a few": {"LANGUAGES": offering("pt", "zh-hant", "sr-latn", "es-mx", "de-ch", "zh-cn")},
    "capitals": {"LANGUAGES": offering("pt-BR", "en", "zh-Hans"), "LANGUAGE_CODE": "EN-GB"},
    "without the middleware": {"MIDDLEWARE": [], "LANGUAGE_CODE": "de-AT"},
    "not translated": {"USE_I18N": False, "LANGUAGE_CODE": "de-AT"},
    "in every URL": {"ROOT_URLCONF": f"{URLS}.urls_all", "LANGUAGES": FOUR, "LANGUAGE_CODE": "en"},
    "without slashes": {
        "ROOT_URLCONF": f"{URLS}.urls_all",
        "LANGUAGES": FOUR,
        "LANGUAGE_CODE": "de",
        "APPEND_SLASH": False,
        **COOKIE,
    },
    "in other URLs": {
        "ROOT_URLCONF": f"{URLS}.urls_but_default",
        "LANGUAGES": FOUR,
        "LANGUAGE_CODE": "de",
    },
    "default in capitals": {
        "ROOT_URLCONF": f"{URLS}.urls_but_default",
        "LANGUAGES": FOUR,
        "LANGUAGE_CODE": "pt-BR",
    },
}


@lru_cache
def native(side: AnswersSide, name: str) -> tuple[Languages, UrlsIn]:
    """What we make of the manifest that this project exports."""
    manifest = parse(json.dumps(side.ask("manifest", settings=SITES[name])).encode())
    return Languages(language_settings(manifest)), urls_in(manifest)
