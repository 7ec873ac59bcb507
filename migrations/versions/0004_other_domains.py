"""The tables of all other domains but sponsors.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "menus", "menu_items", "menu_item_permissions", "feature_flags", "feature_flag_groups",
    "feature_flag_users", "feature_switches", "feature_samples", "companies", "banners",
    "code_samples", "work_groups", "work_group_organizers", "work_group_members", "minutes",
    "posts", "links", "photos", "videos", "blog_feeds", "blog_entries", "feed_aggregates",
    "feed_aggregate_feeds", "related_blogs", "story_categories", "stories", "election_kinds",
    "elections", "nominees", "nominations", "calendars", "event_categories", "event_locations",
    "events", "event_category_associations", "occurring_rules", "recurring_rules", "event_alarms",
    "job_types", "job_categories", "jobs", "job_type_associations", "job_review_comments",
)


def upgrade() -> None:
    create_chrome()
    create_companies()
    create_banners()
    create_codesamples()
    create_work_groups()
    create_minutes()
    create_community()
    create_blogs()
    create_successstories()
    create_nominations()
    create_events()
    create_jobs()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_chrome() -> None:
    op.create_table(
        "menus",
        key(), text("title", 100), text("alias", 80, unique=True),
    )
    op.create_table(
        "menu_items",
        key(), reference("tree_id", "menus"),
        reference("parent_id", "menu_items", index=True, nullable=True), text("title", 100),
        text("hint", 200), text("url", 200), flag("urlaspattern"), flag("hidden"),
        text("alias", 80, nullable=True), text("description"), flag("inmenu"),
        flag("inbreadcrumbs"), flag("insitetree"), flag("access_loggedin"), flag("access_guest"),
        flag("access_restricted"), number("access_perm_type"), number("sort_order"),
        sa.UniqueConstraint("tree_id", "alias"),
    )
    op.create_table(
        "menu_item_permissions",
        key(), reference("treeitem_id", "menu_items"), number("permission_id", index=True),
        sa.UniqueConstraint("treeitem_id", "permission_id"),
    )
    op.create_table(
        "feature_flags",
        key(), text("name", 100, unique=True), flag("everyone", nullable=True),
        column("percent", sa.Numeric(3, 1), nullable=True), flag("testing"), flag("superusers"),
        flag("staff"), flag("authenticated"), text("languages"), flag("rollout"), text("note"),
        moment("created"), moment("modified"),
    )
    op.create_table(
        "feature_flag_groups",
        key(), reference("flag_id", "feature_flags"), number("group_id", index=True),
        sa.UniqueConstraint("flag_id", "group_id"),
    )
    op.create_table(
        "feature_flag_users",
        key(), reference("flag_id", "feature_flags"), number("user_id", index=True),
        sa.UniqueConstraint("flag_id", "user_id"),
    )
    op.create_table(
        "feature_switches",
        key(), text("name", 100, unique=True), flag("active"), text("note"), moment("created"),
        moment("modified"),
    )
    op.create_table(
        "feature_samples",
        key(), text("name", 100, unique=True), column("percent", sa.Numeric(4, 1)), text("note"),
        moment("created"), moment("modified"),
    )


def create_companies() -> None:
    op.create_table(
        "companies",
        key(), *named(), *markup("about"), text("contact", 100, nullable=True),
        text("email", 254, nullable=True), text("url", 200, nullable=True),
        text("logo", 100, nullable=True),
    )


def create_banners() -> None:
    op.create_table(
        "banners",
        key(), text("title", 1024), text("message", 2048), text("link", 1024), flag("active"),
        flag("psf_pages_only"),
    )


def create_codesamples() -> None:
    op.create_table(
        "code_samples",
        key(), *authored(), *markup("code"), *markup("copy"), flag("is_published", index=True),
    )


def create_work_groups() -> None:
    op.create_table(
        "work_groups",
        key(), *authored(), *named(), flag("active"), flag("approved"), text("short_description"),
        *markup("purpose"), *markup("active_time"), *markup("core_values"), *markup("rules"),
        *markup("communication"), *markup("support"), text("url", 200),
    )
    op.create_table(
        "work_group_organizers",
        key(), reference("workgroup_id", "work_groups"), number("user_id", index=True),
        sa.UniqueConstraint("workgroup_id", "user_id"),
    )
    op.create_table(
        "work_group_members",
        key(), reference("workgroup_id", "work_groups"), number("user_id", index=True),
        sa.UniqueConstraint("workgroup_id", "user_id"),
    )


def create_minutes() -> None:
    op.create_table(
        "minutes",
        key(), *authored(), column("date", sa.Date(), index=True), *markup("content"),
        flag("is_published", index=True),
    )


def create_community() -> None:
    op.create_table(
        "posts",
        key(), *authored(), text("title", 200, nullable=True), *markup("content"),
        text("abstract", nullable=True), number("media_type"), text("source_url", 1000),
        column("meta", JSONB()), number("status", index=True),
    )
    op.create_table(
        "links",
        key(), *authored(), reference("post_id", "posts", index=True, nullable=True),
        text("url", 1000),
    )
    op.create_table(
        "photos",
        key(), *authored(), reference("post_id", "posts", index=True, nullable=True),
        text("image", 100), text("image_url", 1000), text("caption"),
        text("click_through_url", 200),
    )
    op.create_table(
        "videos",
        key(), *authored(), reference("post_id", "posts", index=True, nullable=True),
        text("video_embed"), text("video_data", 100), text("caption"),
        text("click_through_url", 200),
    )


def create_blogs() -> None:
    op.create_table(
        "blog_feeds",
        key(), text("name", 200), text("website_url", 200), text("feed_url", 200),
        moment("last_import", nullable=True),
    )
    op.create_table(
        "blog_entries",
        key(), text("title", 200), text("summary"), moment("pub_date", index=True),
        text("url", 200), reference("feed_id", "blog_feeds"),
    )
    op.create_index("ix_blog_entries_feed_id_url", "blog_entries", ["feed_id", "url"])
    op.create_table(
        "feed_aggregates",
        key(), text("name", 200), text("slug", 50, unique=True), text("description"),
    )
    op.create_table(
        "feed_aggregate_feeds",
        key(), reference("feedaggregate_id", "feed_aggregates"),
        reference("feed_id", "blog_feeds", index=True),
        sa.UniqueConstraint("feedaggregate_id", "feed_id"),
    )
    op.create_table(
        "related_blogs",
        key(), *authored(), text("name", 100), text("feed_url", 200), text("blog_url", 200),
        text("blog_name", 200), moment("last_entry_published"), text("last_entry_title", 500),
    )


def create_successstories() -> None:
    op.create_table(
        "story_categories",
        key(), *named(),
    )
    op.create_table(
        "stories",
        key(), *authored(), *named(), text("company_name", 500), text("company_url", 200),
        reference("company_id", "companies", index=True, nullable=True),
        reference("category_id", "story_categories", index=True), text("author", 500),
        text("author_email", 100, nullable=True), text("pull_quote"), *markup("content"),
        flag("is_published", index=True), flag("featured"), text("image", 100, nullable=True),
        number("submitted_by_id", index=True, nullable=True),
    )


def create_nominations() -> None:
    op.create_table(
        "election_kinds",
        key(), text("name", 100, unique=True), text("slug", 120, unique=True, nullable=True),
        text("accent_color", 25), text("nomination_form", 32),
    )
    op.create_table(
        "elections",
        key(), text("name", 100), column("date", sa.Date()),
        reference("kind_id", "election_kinds", index=True, nullable=True),
        moment("nominations_open_at", nullable=True), moment("nominations_close_at", nullable=True),
        *markup("description", nullable=True), flag("hide_previous_service"),
        text("slug", 255, index=True, nullable=True),
    )
    op.create_table(
        "nominees",
        key(), reference("election_id", "elections", index=True), number("user_id", nullable=True),
        flag("accepted"), flag("approved"), text("slug", 255, index=True, nullable=True),
        sa.UniqueConstraint("user_id", "election_id"),
    )
    op.create_table(
        "nominations",
        key(), reference("election_id", "elections", index=True),
        number("nominator_id", index=True),
        reference("nominee_id", "nominees", index=True, nullable=True),
        text("name", 1024, nullable=True), text("email", 1024, nullable=True),
        text("previous_board_service", 1024, nullable=True), text("employer", 1024, nullable=True),
        text("other_affiliations", 2048, nullable=True),
        *markup("nomination_statement", nullable=True), flag("accepted"), flag("approved"),
        flag("coc_acknowledged"), flag("mission_alignment"), flag("eligibility_confirmed"),
    )


def create_events() -> None:
    op.create_table(
        "calendars",
        key(), *authored(), text("url", 200, nullable=True), text("rss", 200, nullable=True),
        text("embed", 200, nullable=True), text("twitter", 200, nullable=True), text("name", 100),
        text("slug", 50, unique=True), text("description", 255, nullable=True),
    )
    op.create_table(
        "event_categories",
        key(), *named(), reference("calendar_id", "calendars", index=True, nullable=True),
    )
    op.create_table(
        "event_locations",
        key(), reference("calendar_id", "calendars", index=True, nullable=True), text("name", 255),
        text("address", 255, nullable=True), text("url", 200, nullable=True),
    )
    op.create_table(
        "events",
        key(), *authored(), text("uid", 200, index=True, nullable=True), text("title", 200),
        reference("calendar_id", "calendars", index=True), *markup("description"),
        reference("venue_id", "event_locations", index=True, nullable=True),
        flag("featured", index=True),
    )
    op.create_table(
        "event_category_associations",
        key(), reference("event_id", "events"),
        reference("eventcategory_id", "event_categories", index=True),
        sa.UniqueConstraint("event_id", "eventcategory_id"),
    )
    op.create_table(
        "occurring_rules",
        key(), reference("event_id", "events", unique=True), moment("dt_start", index=True),
        moment("dt_end"), flag("all_day"),
    )
    op.create_table(
        "recurring_rules",
        key(), reference("event_id", "events", index=True), moment("begin"), moment("finish"),
        text("duration", 50), column("duration_internal", sa.Interval()), small("interval"),
        small("frequency"), flag("all_day"),
        not_negative("frequency"),
        not_negative("interval"),
    )
    op.create_table(
        "event_alarms",
        key(), *authored(), reference("event_id", "events", index=True), small("trigger"),
        not_negative("trigger"),
    )


def create_jobs() -> None:
    op.create_table(
        "job_types",
        key(), *named(), flag("active"),
    )
    op.create_table(
        "job_categories",
        key(), *named(), flag("active"),
    )
    op.create_table(
        "jobs",
        key(), *authored(), reference("category_id", "job_categories", index=True),
        text("other_job_type", 100), text("job_title", 100),
        text("company_name", 100, nullable=True), *markup("company_description"),
        *markup("description"), *markup("requirements"), text("city", 100), text("region", 100),
        text("country", 100), text("location_slug", 350, index=True), text("country_slug", 100),
        text("contact", 100, nullable=True), text("email", 254), text("url", 200, nullable=True),
        number("submitted_by_id", index=True, nullable=True), text("status", 20, index=True),
        moment("expires", nullable=True), flag("telecommuting"), flag("agencies"),
        flag("is_featured"),
    )
    op.create_table(
        "job_type_associations",
        key(), reference("job_id", "jobs"), reference("jobtype_id", "job_types", index=True),
        sa.UniqueConstraint("job_id", "jobtype_id"),
    )
    op.create_table(
        "job_review_comments",
        key(), *authored(), reference("job_id", "jobs", index=True), *markup("comment"),
    )


def key() -> sa.Column:
    return sa.Column("id", sa.Integer, sa.Identity(always=False), primary_key=True)


def authored() -> list[sa.Column]:
    """Ids of users, without foreign keys: a domain is copied without the rows of users."""
    return [
        moment("created", index=True),
        moment("updated"),
        number("creator_id", index=True, nullable=True),
        number("last_modified_by_id", index=True, nullable=True),
    ]


def named() -> list[sa.Column]:
    return [text("name", 200), text("slug", 200, unique=True)]


def markup(name: str, *, nullable: bool = False) -> list[sa.Column]:
    return [
        text(name, nullable=nullable),
        text(f"{name}_markup_type", 30),
        text(f"{name}_rendered", nullable=nullable),
    ]


def text(name: str, length: int | None = None, **options: bool) -> sa.Column:
    return column(name, sa.String(length) if length else sa.Text(), **options)


def flag(name: str, **options: bool) -> sa.Column:
    return column(name, sa.Boolean(), **options)


def number(name: str, **options: bool) -> sa.Column:
    return column(name, sa.Integer(), **options)


def small(name: str) -> sa.Column:
    return column(name, sa.SmallInteger())


def moment(name: str, **options: bool) -> sa.Column:
    return column(name, sa.DateTime(timezone=True), **options)


def column(name: str, kind: sa.types.TypeEngine, **options: bool) -> sa.Column:
    return sa.Column(name, kind, **({"nullable": False} | options))


def reference(name: str, table: str, *, nullable: bool = False, **options: bool) -> sa.Column:
    """As Django refers to rows: checked at commit, so that rows may arrive in any order."""
    parent = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.Integer, parent, nullable=nullable, **options)


def not_negative(name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sa.column(name) >= 0, name=f"{name}_not_negative")
