"""Who sponsors, what they bought and the contract about it (behaviour/sponsors.md §2.2).

Users are ids without foreign keys, as in `Authored`.
"""

from datetime import date, datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import MarkupType, refers_to
from ported_domains.sponsors.models.catalogue import (
    SponsorshipBenefit,
    SponsorshipPackage,
    SponsorshipProgram,
)
from ported_domains.sponsors.models.columns import Ordered, not_negative


class Sponsor(Keyed, Authored, Record):
    __tablename__ = "sponsors"

    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str]
    landing_page_url: Mapped[str | None] = mapped_column(String(200))
    twitter_handle: Mapped[str | None] = mapped_column(String(32))
    linked_in_page_url: Mapped[str | None] = mapped_column(String(200))
    web_logo: Mapped[str] = mapped_column(String(100))
    white_logo: Mapped[str | None] = mapped_column(String(100))
    print_logo: Mapped[str | None] = mapped_column(String(100))
    primary_phone: Mapped[str] = mapped_column(String(32))
    mailing_address_line_1: Mapped[str] = mapped_column(String(128))
    mailing_address_line_2: Mapped[str] = mapped_column(String(128))
    city: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(64))
    postal_code: Mapped[str] = mapped_column(String(64))
    country: Mapped[str] = mapped_column(String(2))
    country_of_incorporation: Mapped[str | None] = mapped_column(String(2))
    state_of_incorporation: Mapped[str | None] = mapped_column(String(64))


class SponsorContact(Keyed, Record):
    __tablename__ = "sponsor_contacts"

    sponsor_id: Mapped[int] = mapped_column(refers_to(Sponsor.id), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    primary: Mapped[bool]
    administrative: Mapped[bool]
    accounting: Mapped[bool]
    manager: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(256))
    phone: Mapped[str] = mapped_column(String(32))


class Sponsorship(Keyed, Record):
    """An application for one year, and what became of it."""

    __tablename__ = "sponsorships"

    # Spelt as the legacy column is.
    submited_by_id: Mapped[int | None] = mapped_column(Integer, index=True)
    sponsor_id: Mapped[int | None] = mapped_column(refers_to(Sponsor.id), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    locked: Mapped[bool]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    applied_on: Mapped[date]
    approved_on: Mapped[date | None]
    rejected_on: Mapped[date | None]
    finalized_on: Mapped[date | None]
    year: Mapped[int | None] = not_negative("year", index=True)
    for_modified_package: Mapped[bool]
    level_name_old: Mapped[str] = mapped_column(String(64))
    package_id: Mapped[int | None] = mapped_column(refers_to(SponsorshipPackage.id), index=True)
    sponsorship_fee: Mapped[int | None] = not_negative("sponsorship_fee")
    overlapped_by_id: Mapped[int | None] = mapped_column(refers_to("sponsorships.id"), index=True)
    renewal: Mapped[bool | None]


class SponsorBenefit(Keyed, Ordered, Record):
    """A benefit as it was when the sponsorship was applied for."""

    __tablename__ = "sponsor_benefits"

    sponsorship_id: Mapped[int] = mapped_column(refers_to(Sponsorship.id), index=True)
    sponsorship_benefit_id: Mapped[int | None] = mapped_column(
        refers_to(SponsorshipBenefit.id), index=True
    )
    program_id: Mapped[int | None] = mapped_column(refers_to(SponsorshipProgram.id), index=True)
    program_name: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str] = mapped_column(String(1024))
    description: Mapped[str | None]
    benefit_internal_value: Mapped[int | None] = not_negative("benefit_internal_value")
    added_by_user: Mapped[bool]
    standalone: Mapped[bool]


class Contract(Keyed, Record):
    """At most one for each sponsorship; it outlives it."""

    __tablename__ = "contracts"

    sponsorship_id: Mapped[int | None] = mapped_column(refers_to(Sponsorship.id), unique=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    revision: Mapped[int] = not_negative("revision")
    document: Mapped[str] = mapped_column(String(100))
    document_docx: Mapped[str] = mapped_column(String(100))
    signed_document: Mapped[str] = mapped_column(String(100))
    sponsor_info: Mapped[str]
    sponsor_contact: Mapped[str]
    benefits_list: Mapped[str]
    benefits_list_markup_type: Mapped[MarkupType]
    benefits_list_rendered: Mapped[str]
    legal_clauses: Mapped[str]
    legal_clauses_markup_type: Mapped[MarkupType]
    legal_clauses_rendered: Mapped[str]
    created_on: Mapped[date]
    last_update: Mapped[date]
    sent_on: Mapped[date | None]


class SponsorEmailNotificationTemplate(Keyed, Record):
    __tablename__ = "sponsor_email_notification_templates"

    internal_name: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(128))
    content: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
