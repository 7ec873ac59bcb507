"""The rows of every domain on their way from the legacy database to the native one."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from legacy_bridge.replication.copy import CopyReport, copy_domains
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.quarantine import KEPT_OUT
from ported_domains.registry import DOMAINS, mappings
from proxy.abilities import abilities
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.phases import Phase, hold_of
from proxy.settings import Settings
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table
from tests.longer import sampled

SOURCES = ("legacy_template", "dataset_database_url")
"""The bundled site's rows, and those of the shared data set."""

IN_NEITHER = {"email_confirmations", "menu_item_permissions", "page_images", "page_documents"}
"""Tables in which neither source has a row."""


@pytest.fixture(scope="module", params=SOURCES)
def both(request: pytest.FixtureRequest, stack: EmbeddedStack, native_template: str) -> Sides:
    """All rows of one source, and native tables that the tests below fill."""
    found: str = request.getfixturevalue(request.param)
    legacy = found if "://" in found else stack.postgres_url(found)
    return Sides(legacy, stack.create_database(f"domains_{request.param}", native_template))


@pytest.fixture
def sides(stack: EmbeddedStack, legacy_template: str, native_template: str) -> Iterator[Sides]:
    """The bundled site's rows on the legacy side, nothing on the native one yet."""
    names = "domains_legacy", "domains_native"
    yield Sides(
        stack.create_database(names[0], legacy_template),
        stack.create_database(names[1], native_template),
    )
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        for name in names:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def copy(sides: Sides, domain: str) -> CopyReport:
    """As `strangler sync run --once --domain` does."""
    return copy_domains(sides.legacy, sides.native, mappings(domain))


@pytest.mark.parametrize("domain", sampled(DOMAINS, short=7))
def test_a_domain_is_copied_by_itself_with_every_row(both: Sides, domain: str) -> None:
    report = copy(both, domain)
    assert report.equal
    assert report.warnings == ()
    assert {t.native: len(t.refused) for t in report.tables if t.refused} == {}
    assert both.unequal(*mappings(domain)) == []
    assert changes(copy(both, domain)) == {}


def test_all_domains_are_copied_at_once_and_numbering_goes_on_where_it_was(both: Sides) -> None:
    assert both.copy(*DOMAINS).equal
    assert both.unequal(*DOMAINS) == []
    with psycopg.connect(both.native) as connection:
        for domain in DOMAINS.values():
            for mapping in domain.mapping:
                goes_on(connection, mapping.native)


def goes_on(connection: psycopg.Connection, name: str) -> None:
    """The table's sequence, where it has one, gives the number after its largest."""
    columns = connection.execute(
        "SELECT attname::text, pg_get_serial_sequence(%s, attname) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attidentity <> ''",
        [name, name],
    )
    for column, sequence in columns.fetchall():
        largest = sql.SQL("SELECT nextval({}), coalesce(max({}), 0) + 1 FROM {}").format(
            sequence, sql.Identifier(column), sql.Identifier(name)
        )
        assert [(name, number == after) for number, after in connection.execute(largest)] == [
            (name, True)
        ]


def test_hardly_a_table_is_empty_in_both_sources(
    stack: EmbeddedStack, legacy_template: str, dataset_database_url: str
) -> None:
    empty = {
        mapping.native
        for domain in DOMAINS.values()
        for mapping in domain.mapping
        if not any(
            has_rows(url, mapping.legacy)
            for url in (stack.postgres_url(legacy_template), dataset_database_url)
        )
    }
    assert empty == IN_NEITHER


def has_rows(url: str, name: str) -> bool:
    with psycopg.connect(url) as connection:
        query = sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(name))
        return connection.execute(query).fetchone() is not None


ODD: dict[str, LiteralString] = {
    "community": """
        UPDATE community_post SET title = '', abstract = NULL, media_type = -1, status = 99;
        INSERT INTO community_post (created, updated, content, content_markup_type,
            _content_rendered, media_type, source_url, status, meta)
        SELECT now(), '-infinity', '', 'odd', '', 1, repeat('é', 1000), 1, meta::jsonb
        FROM unnest(ARRAY['null', '"text"', '[]', '[1, {"a": null}]', '1e400',
                          '123456789012345678901234567890.10', '{"": "\\u00e9 \\ud83d\\ude00"}',
                          '{"b": 1, "a": 2, "b": 3}', 'true']) AS meta;
        INSERT INTO community_link (created, updated, url) VALUES (now(), 'infinity', '');
    """,
    "events": """
        INSERT INTO events_recurringrule (event_id, begin, finish, duration, duration_internal,
                                          interval, frequency, all_day)
        SELECT id, '0001-01-01', '9999-12-31 23:59:59.999999+00', '', length, 0, 32767, true
        FROM events_event, unnest(ARRAY['-1 mons +3 days -04:05:06.000001', '0', '178000000 years',
                                        '999999 days 23:59:59.999999']::interval[]) AS length;
        UPDATE events_occurringrule SET dt_start = 'infinity', dt_end = '4713-01-01 BC';
        UPDATE events_event SET uid = 'the same', venue_id = NULL;
        UPDATE events_eventcategory SET calendar_id = NULL;
        UPDATE events_calendar SET slug = '' WHERE slug = 'python-events-calendar';
    """,
    "chrome": """
        UPDATE waffle_flag SET everyone = NULL, percent = -99.9, languages = 'en,de';
        UPDATE waffle_sample SET percent = 'NaN';
        UPDATE sitetree_treeitem SET alias = NULL, access_perm_type = 0, sort_order = -1;
        UPDATE sitetree_treeitem SET parent_id = id;
        INSERT INTO sitetree_treeitem_access_permissions (treeitem_id, permission_id)
        SELECT sitetree_treeitem.id, auth_permission.id FROM sitetree_treeitem, auth_permission;
    """,
    "nominations": """
        UPDATE nominations_election SET slug = 'the-same', date = '4713-01-01 BC', kind_id = NULL,
            description = NULL, _description_rendered = NULL, nominations_open_at = NULL;
        UPDATE nominations_electionkind SET slug = NULL;
        INSERT INTO nominations_nominee (election_id, user_id, accepted, approved)
        SELECT id, NULL, false, false FROM nominations_election, generate_series(1, 2);
        UPDATE nominations_nomination SET email = 'no address', nominee_id = NULL;
    """,
    "minutes": "UPDATE minutes_minutes SET date = 'infinity', content = E'\\r\\n\\ttab\\u2028';",
    "blogs": """
        INSERT INTO blogs_blogentry (title, summary, pub_date, url, feed_id)
        SELECT title, summary, pub_date, url, feed_id FROM blogs_blogentry;
    """,
    "jobs": """
        UPDATE jobs_job SET status = 'unheard of', expires = NULL, company_name = NULL, url = NULL,
            email = '', location_slug = '', submitted_by_id = NULL, creator_id = NULL;
    """,
    "companies": """
        INSERT INTO companies_company (name, slug, about, about_markup_type, _about_rendered)
        VALUES ('', '', '', '', '');
        UPDATE companies_company SET contact = '', email = NULL, url = 'javascript:';
    """,
    "banners": "UPDATE banners_banner SET link = 'javascript:alert(1)', title = repeat('ü', 1024);",
}


@pytest.mark.parametrize("domain", ODD)
def test_what_no_form_would_allow_is_copied_as_it_is(sides: Sides, domain: str) -> None:
    run(sides.legacy, ODD[domain])
    report = copy(sides, domain)
    assert report.equal
    assert sides.unequal(*mappings(domain)) == []
    assert changes(copy(sides, domain)) == {}


def test_numbers_of_people_are_copied_without_the_people(sides: Sides) -> None:
    """A user who is gone, with what was theirs left behind, or not yet copied, stops nobody."""
    run(
        sides.legacy,
        """
        SET session_replication_role = replica;
        UPDATE users_user SET id = id + 1000; DELETE FROM auth_permission; DELETE FROM auth_group;
        """,
    )
    domains = [name for name in DOMAINS if "users" not in mappings(name)]
    assert sides.copy(*domains).equal
    assert sides.unequal(*domains) == []
    assert ask(sides.native, "SELECT count(*) FROM users") == [(0,)]
    assert len(ask(sides.native, "SELECT FROM work_group_members")) == 4


def test_children_may_be_older_than_their_parents(sides: Sides) -> None:
    copy(sides, "chrome")
    run(
        sides.legacy,
        """
        SET CONSTRAINTS ALL DEFERRED;
        UPDATE sitetree_treeitem SET id = id + 500 WHERE parent_id IS NULL;
        UPDATE sitetree_treeitem SET parent_id = parent_id + 500
        WHERE parent_id + 500 IN (SELECT id FROM sitetree_treeitem);
        """,
    )
    report = copy(sides, "chrome")
    assert changes(report) == {"menu_items": (4, 4, 4)}
    assert sides.unequal("chrome") == []


def test_unique_values_may_change_hands(sides: Sides) -> None:
    for domain in ("events", "jobs", "successstories"):
        copy(sides, domain)
    run(
        sides.legacy,
        """
        UPDATE events_occurringrule SET event_id = -event_id;
        UPDATE events_occurringrule SET event_id = 4 + event_id;
        UPDATE jobs_jobtype SET slug = 'x' WHERE slug = 'web';
        UPDATE jobs_jobtype SET slug = 'web' WHERE slug = 'data';
        UPDATE jobs_jobtype SET slug = 'data' WHERE slug = 'x';
        DELETE FROM jobs_job_job_types WHERE id = 1;
        INSERT INTO jobs_job_job_types (job_id, jobtype_id) VALUES (1, 1);
        """,
    )
    for domain in ("events", "jobs"):
        assert copy(sides, domain).equal
    assert sides.unequal("events", "jobs") == []
    assert ask(sides.native, "SELECT count(*) FROM bridge_quarantine") == [(0,)]


def test_a_refused_parent_takes_its_children_with_it(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE calendars ADD CHECK (slug <> 'python-events-calendar')")
    report = copy(sides, "events")
    assert not report.equal
    assert {t.native: len(t.refused) for t in report.tables if t.refused} == {
        "calendars": 1,
        "event_categories": 1,
        "event_locations": 1,
        "events": 2,
        "event_category_associations": 2,
        "occurring_rules": 2,
    }
    assert {row.outcome for t in report.tables for row in t.refused} == {KEPT_OUT}
    run(sides.native, "ALTER TABLE calendars DROP CONSTRAINT calendars_slug_check")
    assert copy(sides, "events").equal


def test_stories_bring_their_companies_along(sides: Sides) -> None:
    assert copy(sides, "successstories").equal
    assert len(ask(sides.native, "SELECT FROM companies")) == 3
    assert ask(
        sides.native, "SELECT count(*) FROM stories JOIN companies c ON c.id = company_id"
    ) == [(1,)]
    run(
        sides.legacy,
        """
        UPDATE successstories_story SET company_id = NULL;
        DELETE FROM companies_company WHERE name = 'Lantern Maps';
        """,
    )
    with pytest.raises(BridgeError, match=r"copy all domains together \(leave out --domain\)$"):
        copy(sides, "companies")
    assert changes(copy(sides, "successstories")) == {"companies": (0, 0, 1), "stories": (0, 1, 0)}


def test_a_refused_company_takes_its_stories_with_it(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE companies ADD CHECK (name <> 'Lantern Maps')")
    report = copy(sides, "successstories")
    assert {t.native: len(t.refused) for t in report.tables if t.refused} == {
        "companies": 1,
        "stories": 1,
    }
    (row,) = table(report, "stories").refused
    assert row.reason == "company_id: no such row in companies"


def test_a_domain_without_pages_of_its_own_is_left_to_django() -> None:
    able = abilities(Settings())
    for name, domain in DOMAINS.items():
        if not domain.handlers:
            for phase in (Phase.READS, Phase.NATIVE, Phase.RETIRED):
                hold = hold_of(phase, able[name])
                assert hold is not None
                assert (hold.phase, hold.reason) == (Phase.LEGACY, "its pages are not ported yet")
