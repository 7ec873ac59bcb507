"""Widgets of dates and times."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, Self

from ported_domains.shared.forms.choice_widgets import Choices, Select
from ported_domains.shared.forms.html import Attributes, Called
from ported_domains.shared.forms.values import Values
from ported_domains.shared.forms.widgets import TextInput, Widget

MONTHS: Choices = tuple((month, date(2000, month, 1).strftime("%B")) for month in range(1, 13))
NONE_CHOSEN: Choices = (("", "---"),)

_ISO_DATE = re.compile(r"(\d{4}|0)-(\d\d?)-(\d\d?)$")
_BETWEEN_TAGS = re.compile(r">\s+<")


def strftime(value: date | time, form: str) -> str:
    """With years of four digits, on which C libraries differ before the year 1000."""
    if isinstance(value, date):
        form = form.replace("%Y", f"{value.year:04d}")
    return value.strftime(form)


@dataclass(frozen=True, eq=False)
class _MomentInput(TextInput):
    format: str = ""
    """As strftime's, for values that are no text."""

    supports_microseconds: ClassVar[bool] = False

    def shown(self, value: Any) -> str | None:
        return strftime(value, self.format) if isinstance(value, date | time) else value


@dataclass(frozen=True, eq=False)
class DateInput(_MomentInput):
    format: str = "%Y-%m-%d"


@dataclass(frozen=True, eq=False)
class DateTimeInput(_MomentInput):
    format: str = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, eq=False)
class TimeInput(_MomentInput):
    format: str = "%H:%M:%S"


@dataclass(frozen=True, eq=False)
class SelectDateWidget(Widget):
    """Three lists: month, day and year."""

    years: Sequence[int] | None = None
    """None: this one and the next nine."""
    optional: bool = False
    """Whether none may be chosen; the field says so."""

    is_fieldset: ClassVar[bool] = True

    def dressed(self, attrs: Attributes, *, required: bool) -> Self:
        return replace(super().dressed(attrs, required=required), optional=not required)

    def id_for_label(self, html_id: str) -> str:
        return f"{html_id}_month"

    def value_from(self, data: Values, name: str) -> str | None:
        """ISO 8601, or what reads like it where no such day is."""
        year, month, day = (data.get(f"{name}_{part}") for part in ("year", "month", "day"))
        if year is None or month is None or day is None:
            return data.get(name)
        if year == month == day == "":
            return None
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except OverflowError:
            return "0-0-0"
        except ValueError:
            return f"{year or 0}-{month or 0}-{day or 0}"

    def render(self, name: str, value: Any, attrs: Attributes) -> Called:
        chosen = _parts(value)
        selects = (
            Select({**attrs, **self.attrs, **attrs, "id": f"id_{name}_{part}"}, choices).render(
                f"{name}_{part}", chosen[part], {}
            )
            for part, choices in self._choices()
        )
        return Called(_BETWEEN_TAGS.sub("><", "".join(selects)))

    def _choices(self) -> Iterator[tuple[str, Choices]]:
        none = NONE_CHOSEN if self.optional else ()
        now = datetime.now(UTC).year
        years = range(now, now + 10) if self.years is None else self.years
        yield "month", (*none, *MONTHS)
        yield "day", (*none, *((day, day) for day in range(1, 32)))
        yield "year", (*none, *((year, year) for year in years))


def _parts(value: Any) -> dict[str, int | str | None]:
    """Year, month and day to be selected; of no day that there is either (February 31)."""
    if isinstance(value, date):
        return {"year": value.year, "month": value.month, "day": value.day}
    found = _ISO_DATE.match(value) if isinstance(value, str) else None
    numbers = [int(part) or "" for part in found.groups()] if found else [None] * 3
    return dict(zip(("year", "month", "day"), numbers, strict=True))
