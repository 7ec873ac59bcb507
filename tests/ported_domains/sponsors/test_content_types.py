"""Rows that name a class of the legacy site by number: the number means the same on both sides."""

from legacy_bridge.replication.quarantine import KEPT_OUT
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table
from tests.ported_domains.sponsors.families import BASES, PARTS, completed, named

DOMAINS = ("users", "sponsors")

OWNERS = """
SELECT internal_name, model, coalesce(sponsors.name, owner.name)
FROM generic_assets
JOIN content_types ON content_types.id = content_type_id AND app_label = 'sponsors'
LEFT JOIN sponsors ON model = 'sponsor' AND sponsors.id = object_id
LEFT JOIN sponsorships ON model = 'sponsorship' AND sponsorships.id = object_id
LEFT JOIN sponsors AS owner ON owner.id = sponsorships.sponsor_id
ORDER BY 1
"""

CLASSES = "SELECT id, app_label || '.' || model FROM content_types"

RENUMBER = """
CREATE TEMPORARY TABLE renumbered AS
SELECT id AS old, id % (SELECT max(id) FROM django_content_type) + 1 AS new
FROM django_content_type;
UPDATE django_content_type SET id = -id;
UPDATE django_content_type SET id = new FROM renumbered WHERE id = -old;
UPDATE auth_permission SET content_type_id = new FROM renumbered WHERE content_type_id = old;
UPDATE django_admin_log SET content_type_id = new FROM renumbered WHERE content_type_id = old;
UPDATE sponsors_benefitfeature SET polymorphic_ctype_id = new FROM renumbered
WHERE polymorphic_ctype_id = old;
UPDATE sponsors_benefitfeatureconfiguration SET polymorphic_ctype_id = new FROM renumbered
WHERE polymorphic_ctype_id = old;
UPDATE sponsors_genericasset SET polymorphic_ctype_id = new FROM renumbered
WHERE polymorphic_ctype_id = old;
UPDATE sponsors_genericasset SET content_type_id = new FROM renumbered
WHERE content_type_id = old;
"""


def test_the_content_type_names_the_table_that_completes_a_row(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    for base in BASES:
        assert named(sides.native, base) == completed(sides.native, base)
        kinds = {f"sponsors.{part.model}" for part in PARTS if part.base == base}
        assert set(completed(sides.native, base).values()) == kinds


def test_so_it_is_in_the_shared_data_set(sides: Sides, dataset_database_url: str) -> None:
    Sides(dataset_database_url, sides.native).copy(*DOMAINS)
    for base in BASES:
        assert named(sides.native, base) == completed(sides.native, base)


def test_assets_find_their_owners(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    assert ask(sides.native, OWNERS) == [
        ("attends", "sponsorship", "Lantern Maps"),
        ("floor_plan", "sponsorship", "Lantern Maps"),
        ("page_text", "sponsor", "Lantern Maps"),
        ("wide_logo", "sponsor", "Lantern Maps"),
    ]


def test_from_a_database_with_other_numbers(sides: Sides) -> None:
    """Each number there means another class than it did here before."""
    sides.copy(*DOMAINS)
    before = {base: named(sides.native, base) for base in BASES}
    owners = ask(sides.native, OWNERS)
    numbers = dict(ask(sides.native, CLASSES))
    run(sides.legacy, RENUMBER)
    report = sides.copy(*DOMAINS)
    assert report.equal
    assert changes(report).keys() == {"content_types", "auth_permissions", *BASES}
    renumbered = dict(ask(sides.native, CLASSES))
    assert set(renumbered.values()) == set(numbers.values())
    assert renumbered.items().isdisjoint(numbers.items())
    assert sides.unequal(*DOMAINS) == []
    assert {base: named(sides.native, base) for base in BASES} == before
    assert ask(sides.native, OWNERS) == owners


def test_without_the_content_types_no_row_that_names_one_is_taken(sides: Sides) -> None:
    """What the command prevents, which brings the rows of users along."""
    report = sides.copy("sponsors")
    refused = {t.native: {row.outcome for row in t.refused} for t in report.tables if t.refused}
    families = {*BASES, *(part.table for part in PARTS)}
    assert refused == {name: {KEPT_OUT} for name in families}
    reasons = {row.reason for base in BASES for row in table(report, base).refused}
    assert reasons == {"polymorphic_ctype_id: no such row in content_types",
                       "content_type_id: no such row in content_types"}  # fmt: skip
    assert set(sides.unequal("sponsors")) == families


def test_a_row_may_become_another_kind_under_its_key(sides: Sides) -> None:
    sides.copy(*DOMAINS)
    run(
        sides.legacy,
        """
        INSERT INTO sponsors_emailtargetable SELECT benefitfeature_ptr_id
        FROM sponsors_logoplacement;
        UPDATE sponsors_benefitfeature SET polymorphic_ctype_id = c.id
        FROM sponsors_logoplacement, django_content_type AS c
        WHERE sponsors_benefitfeature.id = benefitfeature_ptr_id AND model = 'emailtargetable';
        DELETE FROM sponsors_logoplacement;
        """,
    )
    assert changes(sides.copy(*DOMAINS)) == {
        "benefit_features": (0, 1, 0),
        "logo_placements": (0, 0, 1),
        "email_targetables": (1, 0, 0),
    }
    assert named(sides.native, "benefit_features") == completed(sides.native, "benefit_features")
    assert sides.unequal(*DOMAINS) == []
