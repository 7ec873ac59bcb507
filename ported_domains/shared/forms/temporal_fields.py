"""Fields of dates and times; moments without a zone are UTC, as the legacy site's TIME_ZONE is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, ClassVar

from ported_domains.shared.forms.fields import EMPTY, Field
from ported_domains.shared.forms.temporal_widgets import DateInput, DateTimeInput, TimeInput
from ported_domains.shared.forms.widgets import Widget

DATE_FORMATS = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%m/%d/%y",
    *(
        form.format(month=month)
        for month in ("%b", "%B")
        for form in ("{month} %d %Y", "{month} %d, %Y", "%d {month} %Y", "%d {month}, %Y")
    ),
)
"""Django's for en-us: `2025-10-07`, `10/07/2025`, `Oct 7, 2025`, `7 October 2025`, …"""
TIME_FORMATS = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M")
DATETIME_FORMATS = tuple(f"{day} {clock}" for day in DATE_FORMATS[:3] for clock in TIME_FORMATS)

# RFC 3339 with leave to be short: one-digit numbers, no seconds, a comma, a space before the zone
_LOOSE_ISO = re.compile(
    r"""
    (?P<year>\d{4}) - (?P<month>\d{1,2}) - (?P<day>\d{1,2}) [T\ ]
    (?P<hour>\d{1,2}) : (?P<minute>\d{1,2})
    (?: : (?P<second>\d{1,2}) (?: [.,] (?P<fraction>\d{1,12}) )? )?
    \s* (?: (?P<zulu>Z) | (?P<sign>[+-]) (?P<hours>\d{2}) (?: :? (?P<minutes>\d{2}) )? )?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class _TemporalField(Field):
    """None: nothing was submitted."""

    input_formats: Sequence[str]
    """As strptime's; the first that fits."""

    def parse(self, text: str) -> datetime:
        for form in self.input_formats:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - the field's own to say
            except ValueError:
                continue
        raise self.refusal("invalid")


@dataclass(frozen=True, kw_only=True, eq=False)
class DateField(_TemporalField):
    input_formats: Sequence[str] = DATE_FORMATS
    widget: Widget = field(default_factory=DateInput)

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a valid date."}
    example: ClassVar[object] = date(2000, 1, 1)

    def to_python(self, value: Any) -> date | None:
        match value:
            case datetime():
                return value.date()
            case date():
                return value
            case str() if value:
                return self.parse(value.strip()).date()
            case _:
                return None


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeField(_TemporalField):
    input_formats: Sequence[str] = TIME_FORMATS
    widget: Widget = field(default_factory=TimeInput)

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a valid time."}
    example: ClassVar[object] = time(0)

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, time):
            return value
        return None if value in EMPTY else self.parse(value.strip()).time()


@dataclass(frozen=True, kw_only=True, eq=False)
class DateTimeField(_TemporalField):
    """ISO 8601 before the other formats. The zone that is named is kept."""

    input_formats: Sequence[str] = (*DATETIME_FORMATS, *DATE_FORMATS)
    widget: Widget = field(default_factory=DateTimeInput)

    default_messages: ClassVar[Mapping[str, str]] = {"invalid": "Enter a valid date/time."}
    example: ClassVar[object] = datetime(2000, 1, 1, tzinfo=UTC)

    def to_python(self, value: Any) -> datetime | None:
        match value:
            case datetime():
                return _aware(value)
            case date():
                return datetime(value.year, value.month, value.day, tzinfo=UTC)
            case str() if value:
                return _aware(self._read(value.strip()))
            case _:
                return None

    def _read(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            loose = _LOOSE_ISO.fullmatch(text)
        if loose is None:
            return self.parse(text)
        try:
            return _moment(loose)
        except ValueError:
            raise self.refusal("invalid") from None

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        return value


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _moment(iso: re.Match[str]) -> datetime:
    """Raises ValueError for a day or a clock that there is not."""
    parts = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(iso[part] or 0) for part in parts)
    micros = int((iso["fraction"] or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, second, micros, _zone(iso))


def _zone(iso: re.Match[str]) -> timezone | None:
    if iso["zulu"] or not iso["sign"]:
        return UTC if iso["zulu"] else None
    offset = timedelta(hours=int(iso["hours"]), minutes=int(iso["minutes"] or 0))
    return timezone(-offset if iso["sign"] == "-" else offset)
