"""Companies that success stories are about (behaviour/companies.md)."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.domain import Domain, Keyed, Named, Record
from ported_domains.shared.columns import NAMED, MarkupType, markup


class Company(Keyed, Named, Record):
    __tablename__ = "companies"

    about: Mapped[str]
    about_markup_type: Mapped[MarkupType]
    about_rendered: Mapped[str]
    contact: Mapped[str | None] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(254))
    url: Mapped[str | None] = mapped_column(String(200))
    logo: Mapped[str | None] = mapped_column(String(100))


COMPANIES = Domain(
    name="companies",
    mapping=(
        TableMapping(
            legacy="companies_company",
            native="companies",
            columns=(
                *same("id", "contact", "email", "url", "logo"),
                *NAMED,
                *markup("about"),
            ),
        ),
    ),
)
