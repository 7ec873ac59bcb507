"""Sponsors that are shown on pages: those of sponsorships that are valid on a day and have bought a
place for their logo (behaviour/sponsors.md §3, §10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ported_domains.shared.slugs import slugify
from ported_domains.shared.stored_file import StoredFile
from ported_domains.sponsors import models

FINALIZED = "finalized"
_sponsors = models.Sponsor.__table__.c
_packages = models.SponsorshipPackage.__table__.c
_sponsorships = models.Sponsorship.__table__.c
_benefits = models.SponsorBenefit.__table__.c
_features = models.BenefitFeature.__table__.c
_placements = models.LogoPlacement.__table__.c

_PACKAGE = (
    _packages.id,
    _packages.name,
    _packages.slug,
    _packages.year,
    _packages.logo_dimension,
    _packages.sponsorship_amount,
)
_SPONSOR = (
    _sponsors.id,
    _sponsors.name,
    _sponsors.description,
    _sponsors.landing_page_url,
    _sponsors.web_logo,
)
_NEWEST_YEAR_FIRST = (_packages.year.desc(), _packages.order, _packages.id)
_ALL_PACKAGES = select(*_PACKAGE).order_by(*_NEWEST_YEAR_FIRST)
_WITH_PLACE = (
    select(_benefits.sponsorship_id)
    .join(models.BenefitFeature.__table__, _features.sponsor_benefit_id == _benefits.id)
    .join(models.LogoPlacement.__table__, _placements.benefitfeature_ptr_id == _features.id)
    .where(
        _placements.logo_place == bindparam("logo_place"),
        _placements.publisher == bindparam("publisher"),
    )
)
_SHOWN = (
    select(_sponsorships.id, _sponsorships.year, *_SPONSOR, *_PACKAGE)
    .select_from(models.Sponsorship.__table__)
    .outerjoin(models.Sponsor.__table__, _sponsors.id == _sponsorships.sponsor_id)
    .outerjoin(models.SponsorshipPackage.__table__, _packages.id == _sponsorships.package_id)
    .where(
        _sponsorships.status == FINALIZED,
        _sponsorships.start_date <= bindparam("day"),
        _sponsorships.end_date >= bindparam("day"),
        _sponsorships.overlapped_by_id.is_(None),
        _sponsorships.id.in_(_WITH_PLACE),
    )
    .order_by(*_NEWEST_YEAR_FIRST, _sponsorships.id)
)


@dataclass(frozen=True, slots=True)
class Package:
    id: int
    name: str
    slug: str
    year: int | None
    logo_dimension: int
    sponsorship_amount: int


@dataclass(frozen=True, slots=True)
class Sponsor:
    id: int
    name: str
    description: str
    landing_page_url: str | None
    web_logo: StoredFile

    @property
    def slug(self) -> str:
        return slugify(self.name)


@dataclass(frozen=True, slots=True)
class Sponsorship:
    id: int
    year: int | None
    sponsor: Sponsor | None
    package: Package | None


def packages(session: Session) -> list[Package]:
    """Of all years, the newest first; within a year as staff arranged them."""
    return [Package(*row) for row in session.execute(_ALL_PACKAGES)]


def placed(session: Session, logo_place: str, publisher: str, day: date) -> list[Sponsorship]:
    """The sponsorships whose logos `publisher` shows at this place on `day`, by package."""
    asked = {"logo_place": logo_place, "publisher": publisher, "day": day}
    return [_sponsorship(*row) for row in session.execute(_SHOWN, asked)]


def by_package(
    every: Iterable[Package], sponsorships: Iterable[Sponsorship]
) -> dict[str, dict[str, Any]]:
    """Slug of a package → what is shown of it. `every` is newest first: a slug has the place of its
    newest package, and, as on the legacy site, name and size of its oldest. A sponsorship without
    a package has no place here; the legacy site fails on one."""
    shown = list(sponsorships)
    return {
        package.slug: {
            "label": package.name,
            "logo_dimension": str(package.logo_dimension),
            "sponsorships": [
                one for one in shown if one.package and one.package.slug == package.slug
            ],
        }
        for package in every
    }


def _sponsorship(key: int, year: int | None, *row: Any) -> Sponsorship:
    sponsor, package = row[: len(_SPONSOR)], row[len(_SPONSOR) :]
    return Sponsorship(
        id=key,
        year=year,
        sponsor=None if sponsor[0] is None else _sponsor(*sponsor),
        package=None if package[0] is None else Package(*package),
    )


def _sponsor(key: int, name: str, description: str, page: str | None, logo: str) -> Sponsor:
    return Sponsor(key, name, description, page, StoredFile(logo))
