"""What the tags of the library `sponsors` show (behaviour/sponsors.md §10)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from ported_domains.shared.lasting import holds_for
from ported_domains.sponsors.benefits import bought, offered_tiers, with_tiers
from ported_domains.sponsors.placements import by_package, packages, placed

SPONSORS_PAGE: Final = "sponsors"
"""The place where logos are arranged by what was paid for them."""


def sponsorship(session: Session, sponsorship: Any, display_fee: bool) -> dict[str, Any]:
    """All about one application. Its fee is shown where that is asked for, or where the package was
    taken as it is, so that nothing remains to be agreed."""
    return {
        "sponsorship": sponsorship,
        "sponsor": sponsorship.sponsor,
        "benefits": bought(session, sponsorship.id),
        "display_fee": display_fee or not sponsorship.for_modified_package,
    }


def sponsors(
    session: Session, logo_place: str, publisher: str, day: date | None = None
) -> dict[str, Any]:
    """Whose logos a place shows on `day`, which is today if none is given (UTC)."""
    now = datetime.now(UTC)
    holds_for(_seconds_left(now))
    shown = placed(session, logo_place, publisher, day or now.date())
    names: dict[str, Any] = {"logo_place": logo_place, "sponsorships": shown}
    if logo_place != SPONSORS_PAGE:
        return names
    every = packages(session)
    return {**names, "packages": every, "sponsorships_by_package": by_package(every, shown)}


def benefit_quantity(session: Session, benefit: Any, package: Any) -> str | int:
    """Of a benefit in a package; nothing where it does not come in tiers, or without a package."""
    tiers = offered_tiers(session, benefit.id, getattr(package, "id", None))
    return tiers[0] if tiers else ""


def benefit_name(session: Session, benefit: Any, package: Any) -> str:
    """With its quantity in the package."""
    tiers = offered_tiers(session, benefit.id, getattr(package, "id", None))
    return with_tiers(benefit.name, tiers)


def _seconds_left(now: datetime) -> float:
    """Of the day, at whose end sponsorships begin and end."""
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return (tomorrow - now).total_seconds()
