"""The tables of users: accounts, permissions, memberships, addresses and tokens.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "content_types",
    "auth_permissions",
    "auth_groups",
    "auth_group_permissions",
    "users",
    "user_auth_groups",
    "user_permissions",
    "memberships",
    "user_groups",
    "email_addresses",
    "email_confirmations",
    "auth_tokens",
    "api_keys",
)


def upgrade() -> None:
    create_permissions()
    create_users()
    create_memberships()
    create_credentials()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_permissions() -> None:
    op.create_table(
        "content_types",
        key(),
        text("app_label", 100),
        text("model", 100),
        sa.UniqueConstraint("app_label", "model"),
    )
    op.create_table(
        "auth_permissions",
        key(),
        text("name", 255),
        reference("content_type_id", "content_types"),
        text("codename", 100),
        sa.UniqueConstraint("content_type_id", "codename"),
    )
    op.create_table(
        "auth_groups",
        key(),
        text("name", 150, unique=True),
    )
    op.create_table(
        "auth_group_permissions",
        key(),
        reference("group_id", "auth_groups"),
        reference("permission_id", "auth_permissions", index=True),
        sa.UniqueConstraint("group_id", "permission_id"),
    )


def create_users() -> None:
    op.create_table(
        "users",
        key(),
        text("password_hash", 128),
        moment("last_login", nullable=True),
        flag("is_superuser"),
        text("username", 150, unique=True),
        text("first_name", 150),
        text("last_name", 150),
        text("email", 254),
        flag("is_staff"),
        flag("is_active"),
        moment("date_joined"),
        text("bio"),
        text("bio_markup_type", 30),
        text("bio_rendered"),
        number("search_visibility"),
        number("email_privacy"),
        flag("public_profile"),
    )
    for name in ("username", "email"):
        op.create_index(f"ix_users_upper_{name}", "users", [sa.func.upper(sa.column(name))])
    op.create_table(
        "user_auth_groups",
        key(),
        reference("user_id", "users"),
        reference("group_id", "auth_groups", index=True),
        sa.UniqueConstraint("user_id", "group_id"),
    )
    op.create_table(
        "user_permissions",
        key(),
        reference("user_id", "users"),
        reference("permission_id", "auth_permissions", index=True),
        sa.UniqueConstraint("user_id", "permission_id"),
    )


def create_memberships() -> None:
    op.create_table(
        "memberships",
        key(),
        number("membership_type"),
        text("legal_name", 100),
        text("preferred_name", 100),
        text("email_address", 100),
        text("city", 100),
        text("region", 100),
        text("country", 100),
        text("postal_code", 20),
        flag("psf_code_of_conduct", nullable=True),
        flag("psf_announcements", nullable=True),
        flag("votes"),
        moment("last_vote_affirmation", nullable=True),
        moment("created"),
        moment("updated"),
        reference("creator_id", "users", unique=True, nullable=True),
    )
    op.create_table(
        "user_groups",
        key(),
        text("name", 255),
        text("location", 255),
        text("url", 200),
        text("url_type", 20),
        sa.Column("start_date", sa.Date),
        flag("approved"),
        flag("trusted"),
    )


def create_credentials() -> None:
    op.create_table(
        "email_addresses",
        key(),
        text("email", 254, index=True),
        flag("verified"),
        flag("primary"),
        reference("user_id", "users"),
        sa.UniqueConstraint("user_id", "email"),
    )
    for name, column in (("primary", "user_id"), ("verified", "email")):
        op.create_index(
            f"uq_email_addresses_{name}",
            "email_addresses",
            [column],
            unique=True,
            postgresql_where=sa.column(name),
        )
    op.create_table(
        "email_confirmations",
        key(),
        moment("created"),
        moment("sent", nullable=True),
        text("key", 64, unique=True),
        reference("email_address_id", "email_addresses", index=True),
    )
    op.create_table(
        "auth_tokens",
        text("key", 40, primary_key=True),
        moment("created"),
        reference("user_id", "users", unique=True),
    )
    op.create_table(
        "api_keys",
        key(),
        text("key", 128, index=True),
        moment("created"),
        reference("user_id", "users", unique=True),
    )


def key() -> sa.Column:
    return sa.Column("id", sa.Integer, sa.Identity(always=False), primary_key=True)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def flag(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=nullable)


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def text(name: str, length: int | None = None, **options: bool) -> sa.Column:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, nullable=False, **options)


def reference(name: str, table: str, *, nullable: bool = False, **options: bool) -> sa.Column:
    """As Django refers to rows: checked at commit, so that rows may arrive in any order."""
    parent = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.Integer, parent, nullable=nullable, **options)
