"""The tables of downloads, boxes and pages.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "boxes",
    "pages",
    "page_images",
    "page_documents",
    "sites",
    "redirects",
    "operating_systems",
    "releases",
    "release_files",
)
URL_COLUMNS = (
    "url",
    "gpg_signature_file",
    "sigstore_signature_file",
    "sigstore_cert_file",
    "sigstore_bundle_file",
    "sbom_spdx2_file",
)


def upgrade() -> None:
    op.create_table(
        "boxes",
        key(),
        *authored(),
        text("label", 100, unique=True),
        *markup(),
    )
    op.create_table(
        "pages",
        key(),
        *authored(),
        text("title", 500),
        text("keywords", 1000),
        text("description"),
        text("path", 500, unique=True),
        *markup(),
        flag("is_published", index=True),
        text("content_type", 150),
        text("template_name", 100),
    )
    op.create_table(
        "page_images",
        key(),
        reference("page_id", "pages"),
        text("image", 400),
    )
    op.create_table(
        "page_documents",
        key(),
        reference("page_id", "pages"),
        text("document", 500),
    )
    op.create_table(
        "sites",
        key(),
        text("domain", 100, unique=True),
        text("name", 50),
    )
    op.create_table(
        "redirects",
        key(),
        reference("site_id", "sites"),
        text("old_path", 200, index=True),
        text("new_path", 200),
        sa.UniqueConstraint("site_id", "old_path"),
    )
    op.create_table(
        "operating_systems",
        key(),
        *authored(),
        *named(),
    )
    op.create_table(
        "releases",
        key(),
        *authored(),
        *named(),
        sa.Column("version", sa.Integer, nullable=False),
        flag("is_latest", index=True),
        flag("is_published", index=True),
        flag("pre_release", index=True),
        flag("show_on_download_page", index=True),
        moment("release_date"),
        reference("release_page_id", "pages", nullable=True),
        text("release_notes_url", 200),
        *markup(),
    )
    op.create_table(
        "release_files",
        key(),
        *authored(),
        *named(),
        reference("os_id", "operating_systems"),
        reference("release_id", "releases"),
        text("description"),
        flag("is_source"),
        text("url", 200, unique=True),
        text("gpg_signature_file", 200),
        text("sigstore_signature_file", 200),
        text("sigstore_cert_file", 200),
        text("sigstore_bundle_file", 200),
        text("sbom_spdx2_file", 200),
        text("md5_sum", 200),
        text("sha256_sum", 200),
        sa.Column("filesize", sa.Integer, nullable=False),
        flag("download_button"),
        sa.CheckConstraint(sa.and_(*map(own_url, URL_COLUMNS)), name="own_urls"),
    )
    op.create_index(
        "uq_release_files_download_button",
        "release_files",
        ["os_id", "release_id"],
        unique=True,
        postgresql_where=sa.column("download_button"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def key() -> sa.Column:
    return sa.Column("id", sa.Integer, sa.Identity(always=False), primary_key=True)


def authored() -> list[sa.Column]:
    return [
        moment("created", index=True),
        moment("updated"),
        sa.Column("creator_id", sa.Integer, index=True),
        sa.Column("last_modified_by_id", sa.Integer, index=True),
    ]


def named() -> list[sa.Column]:
    return [text("name", 200), text("slug", 200, unique=True)]


def markup() -> list[sa.Column]:
    return [text("content"), text("content_markup_type", 30), text("content_rendered")]


def moment(name: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **options)


def flag(name: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=False, **options)


def text(name: str, length: int | None = None, **options: bool) -> sa.Column:
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, nullable=False, **options)


def reference(name: str, table: str, *, nullable: bool = False) -> sa.Column:
    """As Django refers to rows: checked at commit, so that rows may arrive in any order."""
    parent = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.Integer, parent, nullable=nullable, index=True)


def own_url(name: str) -> sa.ColumnElement[bool]:
    value = sa.column(name)
    own = (value.like(f"{scheme}://www.python.org/%") for scheme in ("https", "http"))
    return sa.or_(value == "", *own)
