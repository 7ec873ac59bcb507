"""Language, formats and time zone of a site, as far as templates print by them.

Without catalogues every message is printed as it is written, in the formats of `en`. A site with
more languages gives `formats` and `catalogues` by language, or a `Locale` of its own.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cached_property
from gettext import NullTranslations
from types import MappingProxyType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from legacy_bridge.django.time_zone import as_printed
from legacy_bridge.templates.rendering.dateformat import Words, format_moment
from legacy_bridge.templates.rendering.languages import LANGUAGES
from legacy_bridge.templates.rendering.numbers import format_number

ENGLISH: Mapping[str, Any] = MappingProxyType(
    {
        "DATE_FORMAT": "N j, Y",
        "TIME_FORMAT": "P",
        "DATETIME_FORMAT": "N j, Y, P",
        "YEAR_MONTH_FORMAT": "F Y",
        "MONTH_DAY_FORMAT": "F j",
        "SHORT_DATE_FORMAT": "m/d/Y",
        "SHORT_DATETIME_FORMAT": "m/d/Y P",
        "DECIMAL_SEPARATOR": ".",
        "THOUSAND_SEPARATOR": ",",
        "NUMBER_GROUPING": 3,
        "FIRST_DAY_OF_WEEK": 0,
    }
)

_MOST_FORMATS = 1000


class Switches(Protocol):
    """What a rendering switches for a while."""

    use_tz: bool | None
    timezone: Any
    language: str | None


@dataclass(frozen=True)
class Locale:
    """What Django's settings of the same names say. `formats` are by language, then by name."""

    use_tz: bool = True
    time_zone: str = "UTC"
    language_code: str = "en-us"
    languages: tuple[tuple[str, str], ...] = (("en", "English"),)
    use_thousand_separator: bool = False
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    catalogues: Mapping[str, NullTranslations] = field(default_factory=dict)
    _known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    # --- time

    @cached_property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)

    def current_zone(self, switches: Switches) -> tzinfo:
        zone: tzinfo | None = switches.timezone
        return zone if zone is not None else self.zone

    def to_local_time(self, value: Any, switches: Switches) -> Any:
        """An aware datetime in the present time zone; everything else as it is."""
        use_tz = self.use_tz if switches.use_tz is None else switches.use_tz
        return as_printed(value, self.current_zone(switches), use_tz=use_tz)

    def now(self, switches: Switches) -> datetime:
        zone = self.current_zone(switches)
        moment = datetime.now(zone)
        return moment if self.use_tz else moment.replace(tzinfo=None)

    # --- formats

    @property
    def writes_integers_plainly(self) -> bool:
        return not self.use_thousand_separator

    def format(self, name: str, language: str | None, use_l10n: bool | None = None) -> Any:
        """The setting of this name, else `name` itself, which is a pattern then."""
        key = (str(name), language, use_l10n)
        if key not in self._known:
            if len(self._known) >= _MOST_FORMATS:
                self._known.clear()
            self._known[key] = self._format(*key)
        return self._known[key]

    def _format(self, name: str, language: str | None, use_l10n: bool | None) -> Any:
        if use_l10n is not False:
            for one in _fallbacks(language or self.language_code):
                found = self.formats.get(one, {})
                if name in found:
                    return found[name]
        return ENGLISH.get(name, name)

    def format_date(
        self, value: Any, pattern: str | None, language: str | None, use_l10n: bool | None = None
    ) -> str:
        """By a pattern or the name of a setting; raises as `format_moment`."""
        chosen = self.format(pattern or "DATE_FORMAT", language, use_l10n)
        return format_moment(value, chosen, self.zone, self.words(language))

    def format_number(
        self,
        value: Any,
        places: int | None,
        language: str | None,
        use_l10n: bool | None = None,
        force_grouping: bool = False,
    ) -> str:
        if use_l10n is False:
            return format_number(value, ".", places)
        groups = self.use_thousand_separator or force_grouping
        return format_number(
            value,
            self.format("DECIMAL_SEPARATOR", language),
            places,
            self.format("NUMBER_GROUPING", language) if groups else 0,
            self.format("THOUSAND_SEPARATOR", language),
        )

    def localize(self, value: Any, use_l10n: bool | None, language: str | None) -> Any:
        """Numbers, dates and times as text; everything else as it is."""
        if isinstance(value, (str, bool)):
            return value if isinstance(value, str) else str(value)
        if isinstance(value, (int, float, Decimal)):
            if use_l10n is False:
                return str(value)
            return self.format_number(value, None, language, use_l10n)
        if isinstance(value, datetime):
            return self.format_date(value, "DATETIME_FORMAT", language, use_l10n)
        if isinstance(value, date):
            return self.format_date(value, "DATE_FORMAT", language, use_l10n)
        if isinstance(value, time):
            return self.format_date(value, "TIME_FORMAT", language, use_l10n)
        return value

    # --- languages

    @property
    def present_language(self) -> str:
        return self.language_code

    def info(self, code: str) -> dict[str, Any]:
        """Its `code`, `bidi`, `name` (in English) and `name_local`; raises `KeyError`."""
        for one in _fallbacks(code.lower()):
            if one in LANGUAGES:
                name, local, is_bidi = LANGUAGES[one]
                return {"code": one, "bidi": is_bidi, "name": name, "name_local": local}
        raise KeyError(f"Unknown language code {code} and {code.partition('-')[0]}.")

    def speaking(self, language: str | None) -> AbstractContextManager[Any]:
        """For the time in which another language is spoken."""
        return nullcontext()

    def being_in(self, zone: Any) -> AbstractContextManager[Any]:
        """For the time in which another time zone holds."""
        return nullcontext()

    # --- messages

    def words(self, language: str | None) -> Words:
        return Words(
            lambda text: self.translate(text, language),
            lambda context, text: self.translate(text, language, context),
        )

    def translate(self, text: str, language: str | None, context: str | None = None) -> str:
        catalogue = self._catalogue(language)
        if catalogue is None:
            return text
        return catalogue.pgettext(context, text) if context else catalogue.gettext(text)

    def translate_plural(
        self, one: str, many: str, count: Any, language: str | None, context: str | None = None
    ) -> str:
        catalogue = self._catalogue(language)
        if catalogue is None:
            return one if count == 1 else many
        if context:
            return catalogue.npgettext(context, one, many, count)
        return catalogue.ngettext(one, many, count)

    def _catalogue(self, language: str | None) -> NullTranslations | None:
        for one in _fallbacks(language or self.language_code):
            if one in self.catalogues:
                return self.catalogues[one]
        return None


def _fallbacks(language: str) -> tuple[str, ...]:
    """`de-at`, then `de`."""
    general = language.partition("-")[0]
    return (language, general) if general != language else (language,)
