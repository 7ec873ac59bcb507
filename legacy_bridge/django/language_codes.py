"""Names of languages, as they stand in a URL (`pt-br`) and as folders of translations (`pt_BR`).

Django offers a language only where it finds a folder of translations. Its own folders are known
here; that a project has one for each further language it lists is believed.
"""

import locale
import re
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Final

LONGEST: Final = 500
"""Characters of a code or of Accept-Language that are looked at."""

_LISTED = """
    af ar ar-dz ast az bg be bn br bs ca ckb cs cy da de dsb el en en-au en-gb eo es es-ar es-co
    es-mx es-ni es-ve et eu fa fi fr fy ga gd gl he hi hr hsb ht hu hy ia id ig io is it ja ka kab
    kk km kn ko ky lb lt lv mk ml mn mr ms my nb ne nl nn os pa pl pt pt-br ro ru sk sl sq sr
    sr-latn sv sw ta te tg th tk tr tt udm ug uk ur uz vi zh-hans zh-hant
"""
LANGUAGES: Final = tuple(_LISTED.split())
"""What LANGUAGES is where a project does not say, in its order (Django 6.0)."""

FALLBACKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "zh-cn": "zh-hans",
        "zh-hk": "zh-hant",
        "zh-mo": "zh-hant",
        "zh-my": "zh-hans",
        "zh-sg": "zh-hans",
        "zh-tw": "zh-hant",
    }
)
"""Codes by country that mean a script."""

# `$` lets a newline stand at the end, as in Django: such a code is known there, too.
_CODE = re.compile(r"^[a-z]{1,8}(?:-[a-z0-9]{1,8})*(?:@[a-z0-9]{1,20})?$", re.IGNORECASE)


def to_locale(code: str) -> str:
    """`pt-br` as `pt_BR`, `zh-hans` as `zh_Hans`."""
    language, dash, rest = code.lower().partition("-")
    if not rest:
        return code[:3].lower() + code[3:]
    country, dash, more = rest.partition("-")
    return f"{language}_{country.title() if len(country) > 2 else country.upper()}{dash}{more}"


def to_language(name: str) -> str:
    """`pt_BR` as `pt-br`."""
    return name.replace("_", "-", 1).lower()


# Django 6 lists Haitian, for which it has forms of dates only.
CATALOGS: Final = frozenset(to_locale(code) for code in LANGUAGES if code != "ht")
"""Folders of translations that Django brings."""


def has_catalog(code: str, catalogs: Set[str] = CATALOGS) -> bool:
    """Django's `check_for_language`: well-formed, and with one of these folders for it."""
    if len(code) > LONGEST or not _CODE.search(code):
        return False
    return not catalogs.isdisjoint(_folders(to_locale(code)))


def _folders(name: str) -> set[str]:
    """Where gettext looks: with and without territory and modifier, after Python's aliases, by
    which `english` is found too. No folder has an encoding in its name."""
    known, at, modifier = locale.normalize(name).partition("@")
    whole = known.partition(".")[0]
    language = whole.partition("_")[0]
    return {language, whole, f"{language}{at}{modifier}", f"{whole}{at}{modifier}"}
