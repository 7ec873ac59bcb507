"""What the native tables themselves see to, which questions an index answers, how models read."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from migrations.upgrade import connect
from ported_domains.domain import Record
from ported_domains.sponsors import models
from ported_domains.sponsors.models import (
    BenefitFeature,
    BenefitFeatureConfiguration,
    GenericAsset,
    LogoPlacement,
    RequiredImgAssetConfiguration,
    SponsorBenefit,
    TextAsset,
)
from ported_domains.users.models import ContentType
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.ported_domains.sponsors.families import PARTS

ROWS: LiteralString = """
INSERT INTO content_types VALUES (1, 'sponsors', 'sponsor'), (2, 'sponsors', 'textasset');
INSERT INTO sponsorship_programs (name, "order") VALUES ('Foundation', 0), ('PyCon', 0);
INSERT INTO sponsorship_packages (name, slug, sponsorship_amount, advertise, logo_dimension,
                                  allow_a_la_carte, "order", year)
SELECT 'Visionary', 'visionary', 0, true, 175, true, 0, year FROM unnest(ARRAY[2025, 2026]) AS year;
INSERT INTO sponsorship_benefits (name, program_id, package_only, new, unavailable, standalone,
                                  soft_capacity, "order")
SELECT 'Logo', 1, false, false, false, false, false, 0 FROM generate_series(1, 2);
INSERT INTO sponsorship_benefit_packages (sponsorshipbenefit_id, sponsorshippackage_id)
VALUES (1, 1), (1, 2);
INSERT INTO sponsorship_benefit_conflicts (from_sponsorshipbenefit_id, to_sponsorshipbenefit_id)
VALUES (1, 2), (2, 1);
INSERT INTO sponsorship_current_years (year) VALUES (2026);
INSERT INTO benefit_feature_configurations (benefit_id) VALUES (1), (1);
INSERT INTO required_text_asset_configurations
    (benefitfeatureconfiguration_ptr_id, related_to, internal_name, label, help_text)
VALUES (1, 'sponsor', 'name', '', ''), (2, 'sponsor', 'name_2', '', '');
INSERT INTO sponsorships (status, locked, applied_on, for_modified_package, level_name_old)
SELECT 'applied', false, '2026-01-01', false, '' FROM generate_series(1, 2);
INSERT INTO sponsor_benefits (sponsorship_id, program_name, name, added_by_user, standalone,
                              "order")
VALUES (1, '', '', false, false, 0);
INSERT INTO benefit_features (sponsor_benefit_id) VALUES (1), (1);
INSERT INTO required_text_assets (benefitfeature_ptr_id, related_to, internal_name, label,
                                  help_text)
VALUES (1, 'sponsor', 'name', '', ''), (2, 'sponsor', 'name', '', '');
INSERT INTO contracts (sponsorship_id, status, revision, document, document_docx, signed_document,
    sponsor_info, sponsor_contact, benefits_list, benefits_list_markup_type,
    benefits_list_rendered, legal_clauses, legal_clauses_markup_type, legal_clauses_rendered,
    created_on, last_update)
SELECT sponsorship, 'draft', 0, '', '', '', '', '', '', '', '', '', '', '', now(), now()
FROM unnest(ARRAY[1, NULL, NULL]) AS sponsorship;
INSERT INTO generic_assets (uuid, content_type_id, object_id, internal_name, polymorphic_ctype_id)
VALUES (gen_random_uuid(), 1, 7, 'name', 2), (gen_random_uuid(), 1, 8, 'name', NULL);
INSERT INTO text_assets VALUES (1, ''), (2, '');
"""


@pytest.fixture(scope="module")
def filled(stack: EmbeddedStack, native_template: str) -> str:
    """A native database with the rows above; tests leave it as it is."""
    url = stack.create_database("sponsors_filled", native_template)
    run(url, ROWS)
    return url


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ('UPDATE sponsorship_programs SET "order" = -1',
         "ck_sponsorship_programs_order_not_negative"),
        ("UPDATE sponsorships SET sponsorship_fee = -1",
         "ck_sponsorships_sponsorship_fee_not_negative"),
        ("UPDATE generic_assets SET object_id = -1", "ck_generic_assets_object_id_not_negative"),
        ("INSERT INTO sponsorship_current_years (year) VALUES (2027)",
         "uq_sponsorship_current_years_one_row"),
        ("UPDATE sponsorship_benefit_packages SET sponsorshippackage_id = 1",
         "uq_sponsorship_benefit_packages_sponsorshipbenefit_id_s_d78d"),
        ("UPDATE required_text_asset_configurations SET internal_name = 'name'",
         "uq_required_text_asset_configurations_internal_name"),
        ("UPDATE contracts SET sponsorship_id = 1", "uq_contracts_sponsorship_id"),
        ("UPDATE generic_assets SET object_id = 7",
         "uq_generic_assets_content_type_id_object_id_internal_name"),
        ("INSERT INTO text_assets VALUES (1, '')", "pk_text_assets"),
        ("INSERT INTO text_assets VALUES (3, '')",
         "fk_text_assets_genericasset_ptr_id_generic_assets"),
        ("DELETE FROM generic_assets WHERE id = 1",
         "fk_text_assets_genericasset_ptr_id_generic_assets"),
        ("DELETE FROM content_types WHERE id = 2",
         "fk_generic_assets_polymorphic_ctype_id_content_types"),
        ("UPDATE sponsorships SET overlapped_by_id = 3",
         "fk_sponsorships_overlapped_by_id_sponsorships"),
    ],
)  # fmt: skip
def test_what_is_refused(filled: str, statement: LiteralString, constraint: str) -> None:
    kinds = (errors.CheckViolation, errors.UniqueViolation, errors.ForeignKeyViolation)
    with psycopg.connect(filled) as connection:
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(kinds) as refused:
            connection.execute(statement)
    assert refused.value.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT FROM sponsorship_packages WHERE slug = 'x'", "ix_sponsorship_packages_slug"),
        ("SELECT FROM sponsorship_benefits WHERE year = 2026", "ix_sponsorship_benefits_year"),
        ("SELECT FROM sponsorship_benefit_packages WHERE sponsorshippackage_id = 1",
         "ix_sponsorship_benefit_packages_sponsorshippackage_id"),
        ('SELECT FROM sponsor_benefits ORDER BY "order"', "ix_sponsor_benefits_order"),
        ("SELECT FROM sponsor_benefits WHERE sponsorship_id = 1",
         "ix_sponsor_benefits_sponsorship_id"),
        ("SELECT FROM sponsorships WHERE status = 'x'", "ix_sponsorships_status"),
        ("SELECT FROM sponsor_contacts WHERE user_id = 1", "ix_sponsor_contacts_user_id"),
        ("SELECT FROM benefit_features WHERE sponsor_benefit_id = 1",
         "ix_benefit_features_sponsor_benefit_id"),
        ("SELECT FROM benefit_feature_configurations WHERE benefit_id = 1",
         "ix_benefit_feature_configurations_benefit_id"),
        ("SELECT FROM logo_placements WHERE benefitfeature_ptr_id = 1", "pk_logo_placements"),
        ("SELECT FROM required_img_assets WHERE internal_name = 'x'",
         "ix_required_img_assets_internal_name"),
        ("SELECT FROM generic_assets WHERE content_type_id = 1 AND object_id = 1",
         "uq_generic_assets_content_type_id_object_id_internal_name"),
        ("SELECT FROM generic_assets WHERE internal_name = 'x'",
         "ix_generic_assets_internal_name"),
    ],
)  # fmt: skip
def test_which_index_answers(filled: str, query: LiteralString, index: str) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = connection.execute("EXPLAIN " + query).fetchall()
    assert f" {index} " in str(plan[0][0])


@pytest.fixture
def session(sides: Sides) -> Iterator[Session]:
    sides.copy("users", "sponsors")
    with connect(sides.native) as connection, Session(connection) as session:
        yield session


def _kinds(base: type[Record]) -> dict[str, Any]:
    return {kind.__tablename__: kind for kind in base.__subclasses__() if not _abstract(kind)} | {
        kind.__tablename__: kind
        for between in base.__subclasses__()
        if _abstract(between)
        for kind in _kinds(between).values()
    }


def _abstract(kind: type[Record]) -> bool:
    return bool(kind.__dict__.get("__abstract__"))


def test_every_kind_is_read_whole(session: Session) -> None:
    """A model of a kind has the columns of its base as well; the bundled site has one of each."""
    kinds = _kinds(BenefitFeatureConfiguration) | _kinds(BenefitFeature) | _kinds(GenericAsset)
    assert kinds.keys() == {part.table for part in PARTS}
    for part in PARTS:
        (row,) = session.scalars(select(kinds[part.table]))
        assert row.id == getattr(row, part.pointer)
        type_ = session.get_one(ContentType, row.polymorphic_ctype_id)
        assert (type_.app_label, type_.model) == ("sponsors", part.model)


def test_values_come_as_what_they_are(session: Session) -> None:
    (asked,) = session.scalars(select(RequiredImgAssetConfiguration))
    assert (asked.internal_name, asked.min_width, str(asked.due_date)) == (
        "wide_logo",
        300,
        "2026-06-30",
    )
    (given,) = session.scalars(select(TextAsset))
    assert (given.internal_name, given.uuid.int, given.text) == (
        "page_text",
        1,
        "Maps for the night.",
    )


def test_a_kind_is_written_to_both_of_its_tables(session: Session, sides: Sides) -> None:
    benefit = session.scalars(select(SponsorBenefit.id).order_by(SponsorBenefit.order)).first()
    placed = LogoPlacement(
        sponsor_benefit_id=benefit,
        publisher="psf",
        logo_place="jobs",
        link_to_sponsors_page=False,
        describe_as_sponsor=True,
    )
    session.add(placed)
    session.commit()
    assert ask(
        sides.native,
        "SELECT id, sponsor_benefit_id, logo_place FROM benefit_features"
        " JOIN logo_placements ON id = benefitfeature_ptr_id WHERE logo_place = 'jobs'",
    ) == [(9, benefit, "jobs")]
    assert session.scalar(select(func.count()).select_from(BenefitFeature)) == 9


def test_the_package_of_models_has_them_all() -> None:
    ours = {
        mapper.class_.__name__
        for mapper in Record.registry.mappers
        if mapper.class_.__module__.startswith(f"{models.__name__}.")
    }
    assert ours == set(models.__all__)
