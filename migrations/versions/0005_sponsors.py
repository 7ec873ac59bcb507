"""The tables of sponsors: the catalogue, sponsorships, contracts and assets.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CATALOGUE = (
    "sponsorship_programs",
    "sponsorship_packages",
    "legal_clauses",
    "sponsorship_benefits",
    "sponsorship_benefit_packages",
    "sponsorship_benefit_legal_clauses",
    "sponsorship_benefit_conflicts",
    "sponsorship_current_years",
)
SPONSORSHIPS = (
    "sponsors",
    "sponsor_contacts",
    "sponsorships",
    "sponsor_benefits",
    "contracts",
    "sponsor_email_notification_templates",
)
KINDS = (
    "logo_placement",
    "tiered_benefit",
    "email_targetable",
    "required_img_asset",
    "required_text_asset",
    "required_response_asset",
    "provided_text_asset",
    "provided_file_asset",
)
CONFIGURATIONS = tuple(f"{kind}_configurations" for kind in KINDS)
FEATURES = tuple(f"{kind}s" for kind in KINDS)
ASSETS = ("img_assets", "text_assets", "file_assets", "response_assets")

TABLES = (
    *CATALOGUE,
    "benefit_feature_configurations",
    *CONFIGURATIONS,
    *SPONSORSHIPS,
    "benefit_features",
    *FEATURES,
    "generic_assets",
    *ASSETS,
)


def upgrade() -> None:
    create_catalogue()
    create_configurations()
    create_sponsors()
    create_sponsorships()
    create_features()
    create_assets()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_catalogue() -> None:
    op.create_table(
        "sponsorship_programs",
        key(),
        order(),
        text("name", 64),
        text("description", nullable=True),
    )
    op.create_table(
        "sponsorship_packages",
        key(),
        order(),
        text("name", 64),
        not_negative("sponsorship_amount"),
        flag("advertise"),
        not_negative("logo_dimension"),
        text("slug", 50, index=True),
        not_negative("year", nullable=True, index=True),
        flag("allow_a_la_carte"),
    )
    op.create_table(
        "legal_clauses",
        key(),
        order(),
        text("internal_name", 1024),
        text("clause"),
        text("notes"),
    )
    op.create_table(
        "sponsorship_benefits",
        key(),
        order(),
        text("name", 1024),
        text("description", nullable=True),
        reference("program_id", "sponsorship_programs", index=True),
        flag("package_only"),
        flag("new"),
        flag("unavailable"),
        flag("standalone"),
        text("internal_description", nullable=True),
        not_negative("internal_value", nullable=True),
        not_negative("capacity", nullable=True),
        flag("soft_capacity"),
        not_negative("year", nullable=True, index=True),
    )
    create_pairs(
        "sponsorship_benefit_packages",
        reference("sponsorshipbenefit_id", "sponsorship_benefits"),
        reference("sponsorshippackage_id", "sponsorship_packages", index=True),
    )
    create_pairs(
        "sponsorship_benefit_legal_clauses",
        reference("sponsorshipbenefit_id", "sponsorship_benefits"),
        reference("legalclause_id", "legal_clauses", index=True),
    )
    create_pairs(
        "sponsorship_benefit_conflicts",
        reference("from_sponsorshipbenefit_id", "sponsorship_benefits"),
        reference("to_sponsorshipbenefit_id", "sponsorship_benefits", index=True),
    )
    op.create_table("sponsorship_current_years", key(), not_negative("year"))
    op.create_index(
        "uq_sponsorship_current_years_one_row",
        "sponsorship_current_years",
        [sa.text("(true)")],
        unique=True,
    )


def create_configurations() -> None:
    op.create_table(
        "benefit_feature_configurations",
        key(),
        kind(),
        reference("benefit_id", "sponsorship_benefits", index=True),
    )
    for table, shape in zip(CONFIGURATIONS, shapes(unique=True), strict=True):
        base = part_of("benefit_feature_configurations", "benefitfeatureconfiguration_ptr_id")
        op.create_table(table, base, *shape)


def create_features() -> None:
    op.create_table(
        "benefit_features",
        key(),
        kind(),
        reference("sponsor_benefit_id", "sponsor_benefits", index=True),
    )
    for table, shape in zip(FEATURES, shapes(index=True), strict=True):
        base = part_of("benefit_features", "benefitfeature_ptr_id")
        op.create_table(table, base, *shape)


def create_sponsors() -> None:
    op.create_table(
        "sponsors",
        key(),
        moment("created", index=True),
        moment("updated"),
        user("creator_id"),
        user("last_modified_by_id"),
        text("name", 100),
        text("description"),
        text("landing_page_url", 200, nullable=True),
        text("twitter_handle", 32, nullable=True),
        text("linked_in_page_url", 200, nullable=True),
        text("web_logo", 100),
        text("white_logo", 100, nullable=True),
        text("print_logo", 100, nullable=True),
        text("primary_phone", 32),
        text("mailing_address_line_1", 128),
        text("mailing_address_line_2", 128),
        text("city", 64),
        text("state", 64),
        text("postal_code", 64),
        text("country", 2),
        text("country_of_incorporation", 2, nullable=True),
        text("state_of_incorporation", 64, nullable=True),
    )
    op.create_table(
        "sponsor_contacts",
        key(),
        reference("sponsor_id", "sponsors", index=True),
        user("user_id"),
        flag("primary"),
        flag("administrative"),
        flag("accounting"),
        flag("manager"),
        text("name", 100),
        text("email", 256),
        text("phone", 32),
    )


def create_sponsorships() -> None:
    op.create_table(
        "sponsorships",
        key(),
        user("submited_by_id"),
        reference("sponsor_id", "sponsors", index=True, nullable=True),
        text("status", 20, index=True),
        flag("locked"),
        day("start_date", nullable=True),
        day("end_date", nullable=True),
        day("applied_on"),
        day("approved_on", nullable=True),
        day("rejected_on", nullable=True),
        day("finalized_on", nullable=True),
        not_negative("year", nullable=True, index=True),
        flag("for_modified_package"),
        text("level_name_old", 64),
        reference("package_id", "sponsorship_packages", index=True, nullable=True),
        not_negative("sponsorship_fee", nullable=True),
        reference("overlapped_by_id", "sponsorships", index=True, nullable=True),
        flag("renewal", nullable=True),
    )
    op.create_table(
        "sponsor_benefits",
        key(),
        order(),
        reference("sponsorship_id", "sponsorships", index=True),
        reference("sponsorship_benefit_id", "sponsorship_benefits", index=True, nullable=True),
        reference("program_id", "sponsorship_programs", index=True, nullable=True),
        text("program_name", 1024),
        text("name", 1024),
        text("description", nullable=True),
        not_negative("benefit_internal_value", nullable=True),
        flag("added_by_user"),
        flag("standalone"),
    )
    op.create_table(
        "contracts",
        key(),
        reference("sponsorship_id", "sponsorships", unique=True, nullable=True),
        text("status", 20, index=True),
        not_negative("revision"),
        text("document", 100),
        text("document_docx", 100),
        text("signed_document", 100),
        text("sponsor_info"),
        text("sponsor_contact"),
        *markup("benefits_list"),
        *markup("legal_clauses"),
        day("created_on"),
        day("last_update"),
        day("sent_on", nullable=True),
    )
    op.create_table(
        "sponsor_email_notification_templates",
        key(),
        text("internal_name", 128),
        text("subject", 128),
        text("content"),
        moment("created_at"),
        moment("updated_at"),
    )


def create_assets() -> None:
    op.create_table(
        "generic_assets",
        key(),
        kind(),
        sa.Column("uuid", sa.Uuid, nullable=False),
        reference("content_type_id", "content_types"),
        not_negative("object_id"),
        text("internal_name", 128, index=True),
        sa.UniqueConstraint("content_type_id", "object_id", "internal_name"),
    )
    values = (
        text("image", 100, nullable=True),
        text("text"),
        text("file", 100, nullable=True),
        text("response", 32, nullable=True),
    )
    for table, value in zip(ASSETS, values, strict=True):
        op.create_table(table, part_of("generic_assets", "genericasset_ptr_id"), value)


def create_pairs(table: str, one: sa.Column, other: sa.Column) -> None:
    op.create_table(table, key(), one, other, sa.UniqueConstraint(one.name, other.name))


def shapes(**internal_name: bool) -> tuple[tuple[sa.Column, ...], ...]:
    """The columns of every kind, in the order of KINDS."""

    def asset(*more: sa.Column) -> tuple[sa.Column, ...]:
        return (
            text("related_to", 30),
            text("internal_name", 128, **internal_name),
            text("label", 256),
            text("help_text", 256),
            *more,
        )

    edges = ("min_width", "max_width", "min_height", "max_height")
    return (
        (
            text("publisher", 30),
            text("logo_place", 30),
            flag("link_to_sponsors_page"),
            flag("describe_as_sponsor"),
        ),
        (
            reference("package_id", "sponsorship_packages", index=True),
            not_negative("quantity"),
            text("display_label", 32),
        ),
        (),
        asset(day("due_date", nullable=True), *map(not_negative, edges)),
        asset(day("due_date", nullable=True), sa.Column("max_length", sa.Integer)),
        asset(day("due_date", nullable=True)),
        asset(flag("shared"), text("shared_text", nullable=True)),
        asset(flag("shared"), text("shared_file", 100, nullable=True)),
    )


def key() -> sa.Column:
    return sa.Column("id", sa.Integer, sa.Identity(always=False), primary_key=True)


def part_of(table: str, name: str) -> sa.Column:
    parent = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.Integer, parent, primary_key=True)


def user(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, index=True)


def kind() -> sa.Column:
    return reference("polymorphic_ctype_id", "content_types", index=True, nullable=True)


def order() -> sa.Column:
    return not_negative("order", index=True)


def not_negative(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column:
    check = sa.CheckConstraint(f'"{name}" >= 0', name=f"{name}_not_negative")
    return sa.Column(name, sa.Integer, check, nullable=nullable, index=index)


def moment(name: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **options)


def day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date, nullable=nullable)


def flag(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=nullable)


def text(
    name: str, length: int | None = None, *, nullable: bool = False, **options: bool
) -> sa.Column:
    size = sa.String(length) if length else sa.Text()
    return sa.Column(name, size, nullable=nullable, **options)


def markup(name: str) -> tuple[sa.Column, ...]:
    return text(name), text(f"{name}_markup_type", 30), text(f"{name}_rendered")


def reference(name: str, table: str, *, nullable: bool = False, **options: bool) -> sa.Column:
    """As Django refers to rows: checked at commit, so that rows may arrive in any order."""
    parent = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.Integer, parent, nullable=nullable, **options)
