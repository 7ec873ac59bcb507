from datetime import date

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.minutes.models import Minutes


def seed() -> None:
    for day in (date(2025, 10, 8), date(2025, 11, 12), date(2025, 12, 10)):
        put(
            Minutes,
            {"date": day},
            content=f"Meeting of {day:%d %B %Y}\n\nThe meeting began at 20:00 UTC.\n\n"
            "1. Minutes of the last meeting: accepted.\n2. Grants: two, both agreed.",
            is_published=day.month != 12,
        )
