"""Which legacy table and column leads where, against the table of the design."""

import json
from pathlib import Path

import pytest

from legacy_bridge.replication.catalogue import read_catalogue
from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.mapping import IDENTITY
from ported_domains.sponsors import SPONSORS
from ported_domains.users import USERS
from tests.legacy_bridge.replication.sides import Sides

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "legacy" / "schema.json"

TABLES = {
    "sponsors_sponsorshipprogram": "sponsorship_programs",
    "sponsors_sponsorshippackage": "sponsorship_packages",
    "sponsors_legalclause": "legal_clauses",
    "sponsors_sponsorshipbenefit": "sponsorship_benefits",
    "sponsors_sponsorshipbenefit_packages": "sponsorship_benefit_packages",
    "sponsors_sponsorshipbenefit_legal_clauses": "sponsorship_benefit_legal_clauses",
    "sponsors_sponsorshipbenefit_conflicts": "sponsorship_benefit_conflicts",
    "sponsors_sponsorshipcurrentyear": "sponsorship_current_years",
    "sponsors_benefitfeatureconfiguration": "benefit_feature_configurations",
    "sponsors_logoplacementconfiguration": "logo_placement_configurations",
    "sponsors_tieredbenefitconfiguration": "tiered_benefit_configurations",
    "sponsors_emailtargetableconfiguration": "email_targetable_configurations",
    "sponsors_requiredimgassetconfiguration": "required_img_asset_configurations",
    "sponsors_requiredtextassetconfiguration": "required_text_asset_configurations",
    "sponsors_requiredresponseassetconfiguration": "required_response_asset_configurations",
    "sponsors_providedtextassetconfiguration": "provided_text_asset_configurations",
    "sponsors_providedfileassetconfiguration": "provided_file_asset_configurations",
    "sponsors_sponsor": "sponsors",
    "sponsors_sponsorcontact": "sponsor_contacts",
    "sponsors_sponsorship": "sponsorships",
    "sponsors_sponsorbenefit": "sponsor_benefits",
    "sponsors_contract": "contracts",
    "sponsors_sponsoremailnotificationtemplate": "sponsor_email_notification_templates",
    "sponsors_benefitfeature": "benefit_features",
    "sponsors_logoplacement": "logo_placements",
    "sponsors_tieredbenefit": "tiered_benefits",
    "sponsors_emailtargetable": "email_targetables",
    "sponsors_requiredimgasset": "required_img_assets",
    "sponsors_requiredtextasset": "required_text_assets",
    "sponsors_requiredresponseasset": "required_response_assets",
    "sponsors_providedtextasset": "provided_text_assets",
    "sponsors_providedfileasset": "provided_file_assets",
    "sponsors_genericasset": "generic_assets",
    "sponsors_imgasset": "img_assets",
    "sponsors_textasset": "text_assets",
    "sponsors_fileasset": "file_assets",
    "sponsors_responseasset": "response_assets",
}
RENAMED = {
    "_benefits_list_rendered": "benefits_list_rendered",
    "_legal_clauses_rendered": "legal_clauses_rendered",
}


def test_tables_have_the_names_that_the_design_gives_them() -> None:
    assert {mapping.legacy: mapping.native for mapping in SPONSORS.mapping} == TABLES


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the shared schema is not here: {SCHEMA}")
def test_no_table_is_forgotten() -> None:
    tables = json.loads(SCHEMA.read_text())["tables"]
    assert {name for name in tables if name.startswith("sponsors_")} == TABLES.keys()


def test_columns_keep_their_names_and_values_but_two_names() -> None:
    columns = [column for mapping in SPONSORS.mapping for column in mapping.columns]
    assert {c.legacy: c.native for c in columns if c.legacy != c.native} == RENAMED
    assert {column.transform for column in columns} == {IDENTITY}


def test_a_row_that_completes_another_has_its_key() -> None:
    keys = [mapping.key for mapping in SPONSORS.mapping]
    assert {key: keys.count(key) for key in keys} == {
        ("id",): 17,
        ("benefitfeatureconfiguration_ptr_id",): 8,
        ("benefitfeature_ptr_id",): 8,
        ("genericasset_ptr_id",): 4,
    }


def test_parents_stand_before_children(sides: Sides) -> None:
    order = [mapping.native for domain in (USERS, SPONSORS) for mapping in domain.mapping]
    with connected(sides.native, NATIVE) as native:
        tables = read_catalogue(native, TABLES.values())
    references = [reference for facts in tables.values() for reference in facts.references]
    assert len(references) == 43
    itself = [r.columns for r in references if r.parent == r.table]
    assert itself == [("overlapped_by_id",)]
    for reference in references:
        assert order.index(reference.parent) <= order.index(reference.table)
        assert reference.deferrable
