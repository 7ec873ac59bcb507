"""Minutes as pages show them, with the names of the legacy model. Pure: `queries` fills them."""

import datetime
from dataclasses import dataclass

from ported_domains.shared.markup_text import MarkupText

ARCHIVE = "/psf/records/board/minutes/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Of one meeting; a draft unless `is_published`. The authors are ids of users."""

    id: int
    created: datetime.datetime
    updated: datetime.datetime
    creator_id: int | None
    last_modified_by_id: int | None
    date: datetime.date
    content: MarkupText
    is_published: bool

    @property
    def pk(self) -> int:
        return self.id

    def __str__(self) -> str:
        return f"PSF Meeting Minutes {self.date:%B %d, %Y}"

    def get_absolute_url(self) -> str:
        return f"{ARCHIVE}{self.date.isoformat()}/"

    def get_date_year(self) -> str:
        return f"{self.date.year:04}"

    def get_date_month(self) -> str:
        return f"{self.date.month:02}"

    def get_date_day(self) -> str:
        return f"{self.date.day:02}"


def date_of(year: str, month: str, day: str) -> datetime.date | None:
    """None for a day that no calendar has. The legacy site fails in the year 0; there is none."""
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
