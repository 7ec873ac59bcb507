"""Which domains can be given to the native side: rows must be able to come back."""

from dataclasses import replace

import psycopg
import pytest

from legacy_bridge.replication.catalogue import TableFacts
from legacy_bridge.replication.checks import back_misfits
from legacy_bridge.replication.copy import table_pairs
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.handing_over import hand_over
from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform, same
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.way_back import prepare
from tests.legacy_bridge.replication.both_ways.pair import WANTED, TwoWay
from tests.legacy_bridge.replication.sides import MAPPINGS, ask, run
from tests.legacy_bridge.replication.test_checks import facts, table

LEGACY = table("a_b", facts("id", "integer", default=True), facts("x", "character varying(9)"))
NATIVE = table("bs", facts("id", "integer", default=True), facts("y", "character varying(9)"))
MAPPING = TableMapping(legacy="a_b", native="bs", columns=(*same("id"), Column("x", "y")))
FORWARD = Transform(name="upper", kind=Kind.FORWARD_ONLY, up=str.upper, up_sql="upper({})")


def said(
    mapping: TableMapping = MAPPING, legacy: TableFacts = LEGACY, native: TableFacts = NATIVE
) -> list[tuple[str, bool]]:
    return [(str(misfit), misfit.refused) for misfit in back_misfits(mapping, legacy, native)]


def test_what_fits() -> None:
    native = table("bs", *NATIVE.columns.values(), facts("own", "text"))
    legacy = table("a_b", *LEGACY.columns.values(), facts("d", "text", default=True),
                   facts("n", "text", nullable=True))  # fmt: skip
    left_out = {"d": "unused", "n": "unused"}
    assert said(replace(MAPPING, left_out=left_out), legacy, native) == []


def test_a_forward_only_column() -> None:
    mapping = replace(MAPPING, columns=(*same("id"), Column("x", "y", FORWARD)))
    legacy = table("a_b", LEGACY.columns["id"], facts("x", "text", nullable=True))
    assert said(mapping, legacy) == [
        (
            (
                "bs.y: has no way back to a_b.x: its transform upper is forward-only — declare a "
                "transform with both directions before the native side owns the domain"
            ),
            True,
        )
    ]


def test_a_legacy_column_that_nothing_feeds() -> None:
    legacy = table("a_b", *LEGACY.columns.values(), facts("old", "text"))
    assert said(replace(MAPPING, left_out={"old": "unused"}), legacy) == [
        (
            (
                "a_b.old: must not be null, has no default, and no native column leads back to it "
                "— map a native column to it, or let the owner of the table run: "
                "ALTER TABLE a_b ALTER old SET DEFAULT …;"
            ),
            True,
        )
    ]


@pytest.mark.parametrize(
    ("theirs", "ours", "doubted"),
    [
        ("character varying(9)", "text", True),
        ("character varying(9)", "character varying(20)", True),
        ("text", "character varying(20)", False),
        ("smallint", "integer", True),
        ("integer", "bigint", True),
        ("bigint", "integer", False),
        ("real", "double precision", True),
        ("numeric(8,2)", "numeric", True),
        ("numeric(8,2)", "numeric(8,2)", False),
    ],
)
def test_types_that_hold_more_than_the_legacy_ones(theirs: str, ours: str, doubted: bool) -> None:
    legacy = table("a_b", LEGACY.columns["id"], facts("x", theirs))
    native = table("bs", NATIVE.columns["id"], facts("y", ours))
    remedy = "native rows with larger values will be quarantined on their way back"
    expected = [(f"a_b.x: is {theirs}, bs.y is {ours} — {remedy}", False)]
    assert said(legacy=legacy, native=native) == (expected if doubted else [])


def test_null_that_the_legacy_side_does_not_take() -> None:
    native = table("bs", NATIVE.columns["id"], facts("y", "character varying(9)", nullable=True))
    assert said(native=native) == [
        (
            (
                "a_b.x: must not be null, bs.y may be — "
                "native rows with NULL there will be quarantined on their way back"
            ),
            False,
        )
    ]


def test_it_is_not_handed_over(both: TwoWay) -> None:
    mapping = MAPPINGS["boxes"][0]
    columns = tuple(
        replace(column, transform=FORWARD) if column.legacy == "label" else column
        for column in mapping.columns
    )
    domains = {"boxes": [replace(mapping, columns=columns)]}
    with (
        psycopg.connect(both.legacy, autocommit=True) as legacy,
        psycopg.connect(both.native, autocommit=True) as native,
    ):
        pairs, _ = table_pairs(legacy, native, domains)
        with pytest.raises(BridgeError) as refused:
            hand_over(legacy, native, pairs, Owner.NATIVE)
        assert [said.partition(" — ")[0] for said in refused.value.problems] == [
            "boxes.label: has no way back to boxes_box.label: its transform upper is forward-only",
            (
                "boxes_box.label: must not be null, has no default, and no native column leads "
                "back to it"
            ),
        ]
    assert ask(both.native, "SELECT count(*) FROM bridge_owners") == [(0,)]


def test_a_legacy_foreign_key_that_deletes_rows_by_itself(both: TwoWay) -> None:
    """Rows whose unique values change places are taken out for a moment, and their children with
    them."""
    run(
        both.legacy,
        """
        ALTER TABLE downloads_releasefile
            DROP CONSTRAINT downloads_releasefile_os_id_fkey,
            ADD CONSTRAINT falls FOREIGN KEY (os_id) REFERENCES downloads_os ON DELETE CASCADE
                DEFERRABLE INITIALLY DEFERRED
        """,
    )
    with pytest.raises(BridgeError) as refused:
        both.hand_over("downloads", Owner.NATIVE)
    assert refused.value.problems == (
        (
            "downloads_releasefile.os_id: its foreign key falls deletes or changes rows by itself, "
            "which would be lost on the way back — declare it with NO ACTION, as Django does, "
            "before the native side owns the domain"
        ),
    )


def test_it_is_told_when_the_way_back_begins(both: TwoWay) -> None:
    run(both.native, "ALTER TABLE operating_systems ALTER name TYPE varchar(300)")
    assert prepare(both.legacy, both.native, WANTED).doubts == (
        (
            "downloads_os.name: is character varying(200), operating_systems.name is "
            "character varying(300) — native rows with larger values will be quarantined on their "
            "way back"
        ),
    )


def test_a_legacy_trigger_is_told_as_well(both: TwoWay) -> None:
    """What it changes belongs to the bridge's transaction, which is not carried."""
    run(
        both.legacy,
        """
        CREATE FUNCTION tells() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN UPDATE boxes_box SET label = NEW.name; RETURN NULL; END $$;
        CREATE TRIGGER tells AFTER UPDATE ON downloads_os FOR EACH ROW EXECUTE FUNCTION tells();
        """,
    )
    assert prepare(both.legacy, both.native, WANTED).doubts == (
        (
            "downloads_os: its trigger tells runs for rows on their way back, and what it changes "
            "is not carried to the native side — unless it should, make it anew with "
            "WHEN (current_setting('strangler.applies', true) IS DISTINCT FROM 'on')"
        ),
    )
