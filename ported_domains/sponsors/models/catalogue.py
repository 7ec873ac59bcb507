"""What can be bought, year by year (behaviour/sponsors.md §2.1)."""

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to
from ported_domains.sponsors.models.columns import Ordered, not_negative


class SponsorshipProgram(Keyed, Ordered, Record):
    """Who gives the benefit."""

    __tablename__ = "sponsorship_programs"

    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None]


class SponsorshipPackage(Keyed, Ordered, Record):
    """A level of sponsoring for one year. The slug repeats across years."""

    __tablename__ = "sponsorship_packages"

    name: Mapped[str] = mapped_column(String(64))
    sponsorship_amount: Mapped[int] = not_negative("sponsorship_amount")
    advertise: Mapped[bool]
    logo_dimension: Mapped[int] = not_negative("logo_dimension")
    slug: Mapped[str] = mapped_column(String(50), index=True)
    year: Mapped[int | None] = not_negative("year", index=True)
    allow_a_la_carte: Mapped[bool]


class LegalClause(Keyed, Ordered, Record):
    __tablename__ = "legal_clauses"

    internal_name: Mapped[str] = mapped_column(String(1024))
    clause: Mapped[str]
    notes: Mapped[str]


class SponsorshipBenefit(Keyed, Ordered, Record):
    """What a sponsor can get in one year."""

    __tablename__ = "sponsorship_benefits"

    name: Mapped[str] = mapped_column(String(1024))
    description: Mapped[str | None]
    program_id: Mapped[int] = mapped_column(refers_to(SponsorshipProgram.id), index=True)
    package_only: Mapped[bool]
    new: Mapped[bool]
    unavailable: Mapped[bool]
    standalone: Mapped[bool]
    internal_description: Mapped[str | None]
    internal_value: Mapped[int | None] = not_negative("internal_value")
    capacity: Mapped[int | None] = not_negative("capacity")
    soft_capacity: Mapped[bool]
    year: Mapped[int | None] = not_negative("year", index=True)


class SponsorshipBenefitPackage(Keyed, Record):
    __tablename__ = "sponsorship_benefit_packages"
    __table_args__ = (UniqueConstraint("sponsorshipbenefit_id", "sponsorshippackage_id"),)

    sponsorshipbenefit_id: Mapped[int] = mapped_column(refers_to(SponsorshipBenefit.id))
    sponsorshippackage_id: Mapped[int] = mapped_column(refers_to(SponsorshipPackage.id), index=True)


class SponsorshipBenefitLegalClause(Keyed, Record):
    __tablename__ = "sponsorship_benefit_legal_clauses"
    __table_args__ = (UniqueConstraint("sponsorshipbenefit_id", "legalclause_id"),)

    sponsorshipbenefit_id: Mapped[int] = mapped_column(refers_to(SponsorshipBenefit.id))
    legalclause_id: Mapped[int] = mapped_column(refers_to(LegalClause.id), index=True)


class SponsorshipBenefitConflict(Keyed, Record):
    """Two benefits that exclude each other: two rows, one for each direction."""

    __tablename__ = "sponsorship_benefit_conflicts"
    __table_args__ = (UniqueConstraint("from_sponsorshipbenefit_id", "to_sponsorshipbenefit_id"),)

    from_sponsorshipbenefit_id: Mapped[int] = mapped_column(refers_to(SponsorshipBenefit.id))
    to_sponsorshipbenefit_id: Mapped[int] = mapped_column(
        refers_to(SponsorshipBenefit.id), index=True
    )


class SponsorshipCurrentYear(Keyed, Record):
    """The year that one can apply for: the one row of its table."""

    __tablename__ = "sponsorship_current_years"
    __table_args__ = (Index("uq_sponsorship_current_years_one_row", text("(true)"), unique=True),)

    year: Mapped[int] = not_negative("year")
