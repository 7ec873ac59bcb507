"""How benefits are called where they are listed (behaviour/sponsors.md §3): one that comes in tiers
says how much of it there is."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ported_domains.sponsors import models

_benefits = models.SponsorBenefit.__table__.c
_programs = models.SponsorshipProgram.__table__.c
_features = models.BenefitFeature.__table__.c
_tiers = models.TieredBenefit.__table__.c
_configurations = models.BenefitFeatureConfiguration.__table__.c
_offered_tiers = models.TieredBenefitConfiguration.__table__.c

_BENEFITS = (
    select(
        _benefits.id,
        _benefits.name,
        _benefits.description,
        _benefits.program_name,
        _benefits.added_by_user,
        _benefits.standalone,
        _programs.id.label("program"),
        _programs.name.label("named"),
    )
    .select_from(models.SponsorBenefit.__table__)
    .outerjoin(models.SponsorshipProgram.__table__, _programs.id == _benefits.program_id)
    .where(_benefits.sponsorship_id == bindparam("sponsorship"))
    .order_by(_benefits.order, _benefits.id)
)
_BOUGHT_TIERS = (
    select(_features.sponsor_benefit_id, _tiers.display_label, _tiers.quantity)
    .join(models.TieredBenefit.__table__, _tiers.benefitfeature_ptr_id == _features.id)
    .join(models.SponsorBenefit.__table__, _benefits.id == _features.sponsor_benefit_id)
    .where(_benefits.sponsorship_id == bindparam("sponsorship"))
    .order_by(_features.id)
)
_OFFERED_TIERS = (
    select(_offered_tiers.display_label, _offered_tiers.quantity)
    .join(
        models.BenefitFeatureConfiguration.__table__,
        _configurations.id == _offered_tiers.benefitfeatureconfiguration_ptr_id,
    )
    .where(
        _configurations.benefit_id == bindparam("benefit"),
        _offered_tiers.package_id == bindparam("package"),
    )
    .order_by(_configurations.id)
)


@dataclass(frozen=True, slots=True)
class Program:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class SponsorBenefit:
    """One that was bought, as it was then. The program may be gone, its name is kept."""

    id: int
    name: str
    description: str | None
    program_name: str
    added_by_user: bool
    standalone: bool
    program: Program | None
    name_for_display: str


def bought(session: Session, sponsorship_id: int) -> list[SponsorBenefit]:
    """With this sponsorship, in the order that staff see."""
    asked = {"sponsorship": sponsorship_id}
    tiers: dict[int, list[str | int]] = defaultdict(list)
    for benefit, label, quantity in session.execute(_BOUGHT_TIERS, asked):
        tiers[benefit].append(label or quantity)
    return [_bought(row, tiers[row.id]) for row in session.execute(_BENEFITS, asked)]


def offered_tiers(session: Session, benefit_id: int, package_id: int | None) -> list[str | int]:
    """How much of a benefit there is in a package, in words or as a number."""
    asked = {"benefit": benefit_id, "package": package_id}
    return [label or quantity for label, quantity in session.execute(_OFFERED_TIERS, asked)]


def with_tiers(name: str, tiers: list[str | int]) -> str:
    return "".join([name, *(f" ({tier})" for tier in tiers)])


def _bought(row: Any, tiers: list[str | int]) -> SponsorBenefit:
    return SponsorBenefit(
        id=row.id,
        name=row.name,
        description=row.description,
        program_name=row.program_name,
        added_by_user=row.added_by_user,
        standalone=row.standalone,
        program=None if row.program is None else Program(row.program, row.named),
        name_for_display=with_tiers(row.name, tiers),
    )
