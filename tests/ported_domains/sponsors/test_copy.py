"""The rows of sponsors on their way from the legacy database to the native one."""

import json
from pathlib import Path

from legacy_bridge.replication.quarantine import KEPT_OUT
from ported_domains.registry import mappings
from proxy.demo.parts import strangler
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table
from tests.longer import LONGER

pytestmark = LONGER  # the short form copies all domains, in test_all_domains_copy.py

DOMAINS = ("users", "sponsors")

SEEDED = {
    "sponsorship_programs": 2,
    "sponsorship_packages": 2,
    "sponsorship_benefits": 2,
    "sponsorship_benefit_packages": 3,
    "sponsorship_benefit_conflicts": 2,
    "benefit_feature_configurations": 8,
    "sponsors": 2,
    "sponsor_contacts": 2,
    "sponsorships": 2,
    "sponsor_benefits": 3,
    "benefit_features": 8,
    "generic_assets": 4,
}
"""Every other table of the domain has one row."""

SHARED = {
    "sponsorship_programs": 4,
    "sponsorship_packages": 11,
    "sponsorship_benefits": 47,
    "sponsorship_benefit_packages": 162,
    "sponsorship_current_years": 1,
    "benefit_feature_configurations": 78,
    "logo_placement_configurations": 6,
    "tiered_benefit_configurations": 46,
    "email_targetable_configurations": 4,
    "required_img_asset_configurations": 1,
    "required_text_asset_configurations": 3,
    "required_response_asset_configurations": 4,
    "provided_text_asset_configurations": 7,
    "provided_file_asset_configurations": 7,
    "sponsors": 1,
    "sponsor_contacts": 1,
    "sponsorships": 1,
    "sponsor_benefits": 41,
    "benefit_features": 38,
    "logo_placements": 6,
    "tiered_benefits": 7,
    "email_targetables": 4,
    "required_img_assets": 1,
    "required_text_assets": 3,
    "required_response_assets": 4,
    "provided_text_assets": 6,
    "provided_file_assets": 7,
    "generic_assets": 21,
    "img_assets": 1,
    "text_assets": 9,
    "file_assets": 7,
    "response_assets": 4,
}


def test_every_row_of_the_bundled_site_arrives(sides: Sides) -> None:
    report = sides.copy(*DOMAINS)
    assert report.equal
    assert report.warnings == ()
    ours = [t for t in report.tables if t.domain == "sponsors"]
    assert {t.native: t.rows for t in ours if t.rows > 1} == SEEDED
    assert len([t for t in ours if t.rows == 1]) == 37 - len(SEEDED)
    assert {t.native: t.inserted for t in ours} == {t.native: t.rows for t in ours}
    assert sides.unequal(*DOMAINS) == []


def test_every_row_of_the_shared_data_set_arrives(sides: Sides, dataset_database_url: str) -> None:
    whole = Sides(dataset_database_url, sides.native)
    report = whole.copy(*DOMAINS)
    assert report.equal
    ours = [t for t in report.tables if t.domain == "sponsors"]
    assert {t.native: t.rows for t in ours if t.rows} == SHARED
    assert {t.native: t.inserted for t in ours} == {t.native: t.rows for t in ours}
    assert whole.unequal(*DOMAINS) == []


def test_a_second_copy_writes_nothing_and_a_third_what_changed(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    assert changes(sides.copy(*DOMAINS)) == {}
    run(
        sides.legacy,
        """
        UPDATE sponsors_sponsorship SET renewal = false WHERE status = 'finalized';
        UPDATE sponsors_textasset SET text = E'Two\\nlines.';
        UPDATE sponsors_imgasset SET image = NULL;
        UPDATE sponsors_genericasset SET uuid = gen_random_uuid();
        UPDATE sponsors_sponsor SET state_of_incorporation = NULL WHERE name = 'Tidal Dairy';
        UPDATE sponsors_contract SET _benefits_list_rendered = '<ul></ul>', sent_on = '2026-02-28';
        """,
    )
    assert changes(sides.copy(*DOMAINS)) == {
        "sponsorships": (0, 1, 0),
        "text_assets": (0, 1, 0),
        "img_assets": (0, 1, 0),
        "generic_assets": (0, 4, 0),
        "sponsors": (0, 1, 0),
        "contracts": (0, 1, 0),
    }
    assert sides.unequal(*DOMAINS) == []


def test_rows_may_come_in_any_order(sides: Sides) -> None:
    """A sponsorship that is overlapped by a later one, conflicts both ways, children with lower
    keys than their parents."""
    run(
        sides.legacy,
        """
        INSERT INTO sponsors_sponsorship (id, applied_on, level_name_old, status,
            for_modified_package, locked, overlapped_by_id) OVERRIDING SYSTEM VALUE
        VALUES (70, '2026-01-01', '', 'applied', false, false, 90),
               (90, '2026-01-01', '', 'rejected', true, true, 70);
        UPDATE sponsors_sponsorshipbenefit SET program_id = 900 WHERE id = 1;
        INSERT INTO sponsors_sponsorshipprogram (id, name, "order") OVERRIDING SYSTEM VALUE
        VALUES (900, 'Late', 7);
        """,
    )
    assert sides.copy(*DOMAINS).equal
    assert sides.unequal(*DOMAINS) == []
    assert ask(sides.native, "SELECT id, overlapped_by_id FROM sponsorships WHERE id > 69"
                             " ORDER BY id") == [(70, 90), (90, 70)]  # fmt: skip


def test_unique_values_may_change_hands(sides: Sides) -> None:
    run(
        sides.legacy,
        """
        INSERT INTO sponsors_benefitfeatureconfiguration (id, benefit_id, polymorphic_ctype_id)
        OVERRIDING SYSTEM VALUE
        SELECT 500, benefit_id, polymorphic_ctype_id FROM sponsors_benefitfeatureconfiguration
        JOIN sponsors_providedtextassetconfiguration
             ON id = benefitfeatureconfiguration_ptr_id;
        INSERT INTO sponsors_providedtextassetconfiguration
            (benefitfeatureconfiguration_ptr_id, related_to, internal_name, label, help_text,
             shared)
        VALUES (500, 'sponsor', 'other', '', '', false);
        """,
    )
    sides.copy(*DOMAINS)
    run(
        sides.legacy,
        """
        UPDATE sponsors_providedtextassetconfiguration SET internal_name = 'between'
        WHERE internal_name = 'other';
        UPDATE sponsors_providedtextassetconfiguration SET internal_name = 'other'
        WHERE internal_name = 'ticket_code';
        UPDATE sponsors_providedtextassetconfiguration SET internal_name = 'ticket_code'
        WHERE internal_name = 'between';
        """,
    )
    report = sides.copy(*DOMAINS)
    assert report.equal
    assert changes(report) == {"provided_text_asset_configurations": (0, 2, 0)}
    assert sides.unequal(*DOMAINS) == []


def test_the_one_row_of_the_current_year_may_be_another(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    run(
        sides.legacy,
        """
        DELETE FROM sponsors_sponsorshipcurrentyear;
        INSERT INTO sponsors_sponsorshipcurrentyear (id, year) OVERRIDING SYSTEM VALUE
        VALUES (12, 2027);
        """,
    )
    assert changes(sides.copy(*DOMAINS)) == {"sponsorship_current_years": (1, 0, 1)}
    assert ask(sides.native, "SELECT id, year FROM sponsorship_current_years") == [(12, 2027)]


def test_a_sponsorship_goes_with_all_that_is_its_own(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    run(
        sides.legacy,
        """
        CREATE TABLE gone AS SELECT f.id FROM sponsors_benefitfeature AS f
            JOIN sponsors_sponsorbenefit AS b ON b.id = sponsor_benefit_id
            JOIN sponsors_sponsorship AS s ON s.id = sponsorship_id WHERE status = 'finalized';
        DELETE FROM sponsors_logoplacement;
        DELETE FROM sponsors_tieredbenefit;
        DELETE FROM sponsors_emailtargetable;
        DELETE FROM sponsors_requiredimgasset;
        DELETE FROM sponsors_requiredtextasset;
        DELETE FROM sponsors_requiredresponseasset;
        DELETE FROM sponsors_providedtextasset;
        DELETE FROM sponsors_providedfileasset;
        DELETE FROM sponsors_benefitfeature USING gone WHERE gone.id = sponsors_benefitfeature.id;
        DELETE FROM sponsors_sponsorbenefit AS b USING sponsors_sponsorship AS s
        WHERE s.id = sponsorship_id AND status = 'finalized';
        UPDATE sponsors_contract SET sponsorship_id = NULL;
        DELETE FROM sponsors_sponsorship WHERE status = 'finalized';
        """,
    )
    features = ("logo_placements", "tiered_benefits", "email_targetables", "required_img_assets",
                "required_text_assets", "required_response_assets", "provided_text_assets",
                "provided_file_assets")  # fmt: skip
    assert changes(sides.copy(*DOMAINS)) == {
        "sponsorships": (0, 0, 1),
        "sponsor_benefits": (0, 0, 2),
        "contracts": (0, 1, 0),
        "benefit_features": (0, 0, 8),
        **dict.fromkeys(features, (0, 0, 1)),
    }
    assert sides.unequal(*DOMAINS) == []


def test_a_refused_row_without_values_of_its_own_is_named(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE email_targetables ADD CONSTRAINT few CHECK (false)")
    report = sides.copy(*DOMAINS)
    (row,) = table(report, "email_targetables").refused
    assert list(row.key) == ["benefitfeature_ptr_id"]
    assert (row.reason, row.outcome) == (
        'new row for relation "email_targetables" violates check constraint "few"',
        KEPT_OUT,
    )
    assert sides.unequal(*DOMAINS) == ["email_targetables"]
    run(sides.native, "ALTER TABLE email_targetables DROP CONSTRAINT few")
    assert changes(sides.copy(*DOMAINS)) == {"email_targetables": (1, 0, 0)}
    assert sides.unequal(*DOMAINS) == []


def test_parts_of_a_refused_row_are_set_apart_with_it(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE sponsorships ADD CONSTRAINT open CHECK (status <> 'finalized')")
    report = sides.copy(*DOMAINS)
    refused = {t.native: len(t.refused) for t in report.tables if t.refused}
    assert refused == {
        "sponsorships": 1,
        "sponsor_benefits": 2,
        "contracts": 1,
        "benefit_features": 8,
        "logo_placements": 1,
        "tiered_benefits": 1,
        "email_targetables": 1,
        "required_img_assets": 1,
        "required_text_assets": 1,
        "required_response_assets": 1,
        "provided_text_assets": 1,
        "provided_file_assets": 1,
    }
    (row,) = table(report, "logo_placements").refused
    assert row.reason == "benefitfeature_ptr_id: no such row in benefit_features"
    run(sides.native, "ALTER TABLE sponsorships DROP CONSTRAINT open")
    assert sides.copy(*DOMAINS).equal
    assert sides.unequal(*DOMAINS) == []


def test_numbers_go_on_where_the_legacy_side_was(sides: Sides) -> None:
    run(sides.legacy, "UPDATE sponsors_sponsorcontact SET id = 700 WHERE id = 1")
    sides.copy(*DOMAINS)
    assert ask(
        sides.native,
        "SELECT nextval(pg_get_serial_sequence('sponsor_contacts', 'id')),"
        " nextval(pg_get_serial_sequence('generic_assets', 'id')),"
        " pg_get_serial_sequence('text_assets', 'genericasset_ptr_id')",
    ) == [(701, 5, None)]


def test_the_users_come_along() -> None:
    assert list(mappings("sponsors")) == ["users", "sponsors"]


def test_the_command(sides: Sides, tmp_path: Path) -> None:
    arguments = ("sync", "run", "--once", "--domain", "sponsors", "--json")
    *_, said = strangler(*arguments, settings=sides.settings, folder=tmp_path).splitlines()
    report = json.loads(said)
    assert report["ok"]
    assert {found["domain"] for found in report["tables"]} == set(DOMAINS)
    (tmp_path / "routing.yaml").write_text("version: 1\n")
    said = strangler("status", "--json", settings=sides.settings, folder=tmp_path)
    (found,) = (found for found in json.loads(said)["domains"] if found["domain"] == "sponsors")
    assert (found["tables"], found["quarantined"]) == (37, 0)
    assert sides.unequal(*DOMAINS) == []
