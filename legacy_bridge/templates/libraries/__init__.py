"""Libraries that `{% load %}` brings: Django's own, and those of packages that sites use."""

from legacy_bridge.templates.libraries.accounts import account, admin_modify, admin_urls
from legacy_bridge.templates.libraries.allauth import allauth
from legacy_bridge.templates.libraries.cache import cache
from legacy_bridge.templates.libraries.countries import countries
from legacy_bridge.templates.libraries.haystack import highlight
from legacy_bridge.templates.libraries.honeypot import honeypot
from legacy_bridge.templates.libraries.humanize import humanize
from legacy_bridge.templates.libraries.l10n import l10n
from legacy_bridge.templates.libraries.languages import i18n
from legacy_bridge.templates.libraries.pipeline import pipeline
from legacy_bridge.templates.libraries.sitetree import sitetree
from legacy_bridge.templates.libraries.static import static
from legacy_bridge.templates.libraries.thumbnails import imagekit, sorl
from legacy_bridge.templates.libraries.tz import tz
from legacy_bridge.templates.libraries.waffle import waffle
from legacy_bridge.templates.libraries.widget_tweaks import widget_tweaks
from legacy_bridge.templates.library import Library

DJANGO: tuple[Library, ...] = (cache, humanize, i18n, l10n, static, tz)
PACKAGES: tuple[Library, ...] = (
    account,
    admin_modify,
    admin_urls,
    allauth,
    countries,
    highlight,
    honeypot,
    imagekit,
    pipeline,
    sitetree,
    sorl,
    waffle,
    widget_tweaks,
)
