"""Postings of the job board, what kind of work they offer, and their review (behaviour/jobs.md)."""

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Named, Record
from ported_domains.shared.columns import MarkupType, refers_to


class JobType(Keyed, Named, Record):
    __tablename__ = "job_types"

    active: Mapped[bool]


class JobCategory(Keyed, Named, Record):
    __tablename__ = "job_categories"

    active: Mapped[bool]


class Job(Keyed, Authored, Record):
    """`status` is draft, review, approved, rejected, archived, removed or expired."""

    __tablename__ = "jobs"

    category_id: Mapped[int] = mapped_column(refers_to(JobCategory.id), index=True)
    other_job_type: Mapped[str] = mapped_column(String(100))
    job_title: Mapped[str] = mapped_column(String(100))
    company_name: Mapped[str | None] = mapped_column(String(100))
    company_description: Mapped[str]
    company_description_markup_type: Mapped[MarkupType]
    company_description_rendered: Mapped[str]
    description: Mapped[str]
    description_markup_type: Mapped[MarkupType]
    description_rendered: Mapped[str]
    requirements: Mapped[str]
    requirements_markup_type: Mapped[MarkupType]
    requirements_rendered: Mapped[str]
    city: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(100))
    location_slug: Mapped[str] = mapped_column(String(350), index=True)
    country_slug: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str | None] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(254))
    url: Mapped[str | None] = mapped_column(String(200))
    submitted_by_id: Mapped[int | None] = mapped_column(Integer, index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    expires: Mapped[datetime | None]
    telecommuting: Mapped[bool]
    agencies: Mapped[bool]
    is_featured: Mapped[bool]


class JobTypeAssociation(Keyed, Record):
    __tablename__ = "job_type_associations"
    __table_args__ = (UniqueConstraint("job_id", "jobtype_id"),)

    job_id: Mapped[int] = mapped_column(refers_to(Job.id))
    jobtype_id: Mapped[int] = mapped_column(refers_to(JobType.id), index=True)


class JobReviewComment(Keyed, Authored, Record):
    __tablename__ = "job_review_comments"

    job_id: Mapped[int] = mapped_column(refers_to(Job.id), index=True)
    comment: Mapped[str]
    comment_markup_type: Mapped[MarkupType]
    comment_rendered: Mapped[str]
