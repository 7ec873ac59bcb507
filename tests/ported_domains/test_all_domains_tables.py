"""Every table of the legacy site has its native one, alike in all that rows and look-ups need.

The bundled site's tables stand for the real site's: `tests/test_legacy_schema.py` holds them alike.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import LiteralString

import pytest

from legacy_bridge.replication.catalogue import TableFacts, read_catalogue
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.mapping import TableMapping
from ported_domains.registry import DOMAINS, mappings
from proxy.embedded.stack import EmbeddedStack
from tests.conftest import SHARED

SCHEMA = SHARED / "legacy" / "schema.json"
MAPPED = {mapping.legacy: mapping for domain in DOMAINS.values() for mapping in domain.mapping}
NOT_MIGRATED = {
    "django_admin_log": "belongs to Django's admin, as long as there is one",
    "django_migrations": "the history of the legacy tables; the native ones have Alembic's",
    "django_session": "both sides use the legacy table until the last domain is retired",
    "tastypie_apiaccess": "a log that nothing reads",
}
CACHE = "django_cache_table"
"""Made by hand on the real site, so that the schema does not have it; caches are not migrated."""

TABLES = {
    "chrome": {
        "sitetree_tree": "menus",
        "sitetree_treeitem": "menu_items",
        "sitetree_treeitem_access_permissions": "menu_item_permissions",
        "waffle_flag": "feature_flags",
        "waffle_flag_groups": "feature_flag_groups",
        "waffle_flag_users": "feature_flag_users",
        "waffle_switch": "feature_switches",
        "waffle_sample": "feature_samples",
    },
    "banners": {"banners_banner": "banners"},
    "events": {
        "events_calendar": "calendars",
        "events_event": "events",
        "events_eventcategory": "event_categories",
        "events_event_categories": "event_category_associations",
        "events_eventlocation": "event_locations",
        "events_occurringrule": "occurring_rules",
        "events_recurringrule": "recurring_rules",
        "events_alarm": "event_alarms",
    },
    "jobs": {
        "jobs_job": "jobs",
        "jobs_jobtype": "job_types",
        "jobs_jobcategory": "job_categories",
        "jobs_job_job_types": "job_type_associations",
        "jobs_jobreviewcomment": "job_review_comments",
    },
    "blogs": {
        "blogs_blogentry": "blog_entries",
        "blogs_feed": "blog_feeds",
        "blogs_feedaggregate": "feed_aggregates",
        "blogs_feedaggregate_feeds": "feed_aggregate_feeds",
        "blogs_relatedblog": "related_blogs",
    },
    "community": {
        "community_post": "posts",
        "community_link": "links",
        "community_photo": "photos",
        "community_video": "videos",
    },
    "successstories": {
        "successstories_story": "stories",
        "successstories_storycategory": "story_categories",
    },
    "companies": {"companies_company": "companies"},
    "minutes": {"minutes_minutes": "minutes"},
    "nominations": {
        "nominations_election": "elections",
        "nominations_electionkind": "election_kinds",
        "nominations_nomination": "nominations",
        "nominations_nominee": "nominees",
    },
    "work_groups": {
        "work_groups_workgroup": "work_groups",
        "work_groups_workgroup_members": "work_group_members",
        "work_groups_workgroup_organizers": "work_group_organizers",
    },
    "codesamples": {"codesamples_codesample": "code_samples"},
}
RENAMED = {("users_user", "password"): "password_hash"}
"""Columns with a native name of their own; of all others the leading underscore goes."""

CHECKS: LiteralString = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""
FIRST_COLUMNS: LiteralString = """
SELECT DISTINCT indrelid::regclass::text, attname::text FROM pg_index
JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
JOIN pg_class ON pg_class.oid = indrelid AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Side:
    """What one database says: its tables, their checks, and which columns an index begins with."""

    tables: dict[str, TableFacts]
    checks: set[tuple[str, ...]]
    indexed: set[tuple[str, ...]]


def look(connection: Connection) -> Side:
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return Side(
        tables=read_catalogue(connection, [name for (name,) in names]),
        checks=set(connection.execute(CHECKS)),
        indexed=set(connection.execute(FIRST_COLUMNS)),
    )


@pytest.fixture(scope="module")
def theirs(stack: EmbeddedStack, empty_legacy_template: str) -> Side:
    with connected(stack.postgres_url(empty_legacy_template), LEGACY) as connection:
        return look(connection)


@pytest.fixture(scope="module")
def ours(stack: EmbeddedStack, native_template: str) -> Side:
    with connected(stack.postgres_url(native_template), NATIVE) as connection:
        return look(connection)


every_domain = pytest.mark.parametrize("domain", DOMAINS)


def test_every_table_is_mapped_once_or_stays_for_a_reason(theirs: Side) -> None:
    mapped = [mapping.legacy for domain in DOMAINS.values() for mapping in domain.mapping]
    assert sorted([*mapped, *NOT_MIGRATED, CACHE]) == sorted(theirs.tables)
    natives = [mapping.native for mapping in MAPPED.values()]
    assert len(set(natives)) == len(natives)


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the shared schema is not here: {SCHEMA}")
def test_every_table_of_the_real_site_is_mapped_or_stays_for_a_reason() -> None:
    tables = json.loads(SCHEMA.read_text())["tables"]
    assert sorted([*MAPPED, *NOT_MIGRATED]) == sorted(tables)


@pytest.mark.parametrize("domain", TABLES)
def test_tables_have_the_names_that_the_design_gives_them(domain: str) -> None:
    found = {mapping.legacy: mapping.native for mapping in DOMAINS[domain].mapping}
    assert found == TABLES[domain]


@every_domain
def test_columns_keep_their_names(domain: str) -> None:
    columns = [(m.legacy, column) for m in DOMAINS[domain].mapping for column in m.columns]
    assert [column.native for _, column in columns] == [
        RENAMED.get((table, column.legacy), column.legacy.removeprefix("_"))
        for table, column in columns
    ]


@every_domain
def test_columns_keep_their_types_and_take_null_where_the_legacy_ones_do(
    domain: str, theirs: Side, ours: Side
) -> None:
    for mapping in DOMAINS[domain].mapping:
        legacy, native = theirs.tables[mapping.legacy], ours.tables[mapping.native]
        assert {
            column.native: (
                native.columns[column.native].type,
                native.columns[column.native].nullable,
            )
            for column in mapping.columns
        } == {
            column.native: (
                legacy.columns[column.legacy].type,
                legacy.columns[column.legacy].nullable,
            )
            for column in mapping.columns
        }
        assert [str(misfit) for misfit in misfits(mapping, legacy, native)] == []


@every_domain
def test_what_is_unique_and_checked_there_is_so_here(domain: str, theirs: Side, ours: Side) -> None:
    for mapping in DOMAINS[domain].mapping:
        native = renaming(mapping)
        unique = {
            frozenset(native[name] for name in names)
            for names in theirs.tables[mapping.legacy].unique
        }
        assert unique <= ours.tables[mapping.native].unique
        checks = {check for table, check in theirs.checks if table == mapping.legacy}
        assert checks <= {check for table, check in ours.checks if table == mapping.native}


@every_domain
def test_references_within_a_domain_are_kept_and_others_only_to_what_comes_along(
    domain: str, theirs: Side, ours: Side
) -> None:
    """A key to rows that are not copied together with its own would refuse good rows."""
    own = {mapping.native for mapping in DOMAINS[domain].mapping}
    along = {mapping.native for mapped in mappings(domain).values() for mapping in mapped}
    for mapping in DOMAINS[domain].mapping:
        wanted = set(references(theirs.tables[mapping.legacy], mapping))
        table = ours.tables[mapping.native]
        found = {(r.columns, r.parent, r.parent_columns) for r in table.references}
        assert {reference for reference in wanted if reference[1] in own} <= found <= wanted
        assert {parent for _, parent, _ in found} <= along
        assert all(r.deferrable and not r.acts for r in table.references)


@every_domain
def test_what_refers_to_rows_has_an_index(domain: str, theirs: Side, ours: Side) -> None:
    for mapping in DOMAINS[domain].mapping:
        referring = {
            (mapping.native, columns[0])
            for columns, _, _ in references(theirs.tables[mapping.legacy], mapping)
        }
        assert referring <= ours.indexed


@every_domain
def test_parents_stand_before_children(domain: str, ours: Side) -> None:
    order = [mapping.native for mapping in chain.from_iterable(mappings(domain).values())]
    for name in order:
        for reference in ours.tables[name].references:
            assert order.index(reference.parent) <= order.index(name)


def references(
    table: TableFacts, mapping: TableMapping
) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """The foreign keys of a legacy table, in native names."""
    for reference in table.references:
        parent = MAPPED[reference.parent]
        yield (
            tuple(renaming(mapping)[name] for name in reference.columns),
            parent.native,
            tuple(renaming(parent)[name] for name in reference.parent_columns),
        )


def renaming(mapping: TableMapping) -> dict[str, str]:
    return {column.legacy: column.native for column in mapping.columns}
