"""The source is altered, or is not the source any more; the numbers are those of the pitfalls."""

from typing import LiteralString

import pytest

from legacy_bridge.replication import one_way
from legacy_bridge.replication.apply.forms import DriftError
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.init import check
from tests.legacy_bridge.replication.apply.live import begin, catch_up, following, slots, wait_for
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides, ask, run

BEFORE: LiteralString = "UPDATE boxes_box SET content = 'before'"
NAMES: LiteralString = "SELECT name FROM operating_systems ORDER BY id"


@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (
            "ALTER TABLE downloads_os ADD colour text",
            (
                "downloads_os.colour: is not in the mapping: its values would be lost — "
                "map it, or state in `left_out` why it stays behind"
            ),
        ),
        (
            "ALTER TABLE downloads_os DROP creator_id",
            (
                "downloads_os.creator_id: is mapped to operating_systems.creator_id, but the table "
                "has no such column — correct the name in the mapping; it has id, created, "
                "updated, name, slug, last_modified_by_id"
            ),
        ),
        (
            "ALTER TABLE downloads_os ALTER creator_id TYPE bigint",
            (
                "operating_systems.creator_id: is integer, downloads_os.creator_id is bigint — "
                "make the types equal, or declare a transform with both directions"
            ),
        ),
    ],
    ids=["added", "dropped", "retyped"],
)
def test_25_a_table_that_is_altered_stops_the_stream_before_bad_data(
    begun: Sides, alter: LiteralString, fault: str
) -> None:
    with pytest.raises(DriftError) as refused:
        stream_through(begun, alter)
    assert refused.value.problems[1:] == (fault,)
    assert ask(begun.native, "SELECT content FROM boxes") == [("before",)]
    assert ask(begun.native, NAMES) == [("Source",), ("Windows",), ("macOS",)]
    assert ask(begun.native, "SELECT fault FROM bridge_streams") == [(str(refused.value),)]


def stream_through(sides: Sides, alter: LiteralString) -> None:
    with following(sides):
        run(sides.legacy, BEFORE)
        run(sides.legacy, alter)
        run(sides.legacy, "UPDATE downloads_os SET name = 'after' WHERE id = 1")
        wait_for(sides.native, "SELECT fault IS NOT NULL FROM bridge_streams", [(True,)])


def test_25_renamed(begun: Sides) -> None:
    run(begun.legacy, "ALTER TABLE downloads_os RENAME creator_id TO maker_id")
    run(begun.legacy, "UPDATE downloads_os SET maker_id = 1")
    with pytest.raises(BridgeError) as refused:
        catch_up(begun)
    assert [problem.partition(": ")[0] for problem in refused.value.problems] == [
        "downloads_os.creator_id",
        "downloads_os.maker_id",
    ]


def test_25_rows_that_no_mapping_fits_are_left_behind_by_a_new_copy(begun: Sides) -> None:
    run(begun.legacy, "ALTER TABLE downloads_os ADD colour text")
    run(begun.legacy, "UPDATE downloads_os SET name = 'during' WHERE id = 1")
    run(begun.legacy, "ALTER TABLE downloads_os DROP colour")
    with pytest.raises(DriftError):
        catch_up(begun)
    assert begin(begun).report is None
    assert begin(begun, again=True).anew == "a new one was asked for"
    assert begun.unequal() == []
    run(begun.legacy, BEFORE)
    assert catch_up(begun).transactions == 1


def test_26_a_table_without_a_key_is_named_with_the_remedy(sides: Sides) -> None:
    run(sides.legacy, "ALTER TABLE boxes_box DROP CONSTRAINT boxes_box_pkey")
    run(sides.legacy, "CREATE UNIQUE INDEX ON boxes_box (id)")
    problems = check(sides.legacy, sides.native, {"boxes": MAPPINGS["boxes"]})
    assert problems == (
        (
            "public.boxes_box has no primary key, so that updates and deletes cannot be followed — "
            'let the table\'s owner run: ALTER TABLE public.boxes_box ADD PRIMARY KEY ("id");'
        ),
    )
    assert slots(sides) == []


def test_26_a_publication_that_lost_a_table_stops_the_stream_and_is_made_good(
    begun: Sides,
) -> None:
    ((publication,),) = ask(begun.legacy, "SELECT pubname FROM pg_publication")
    run(begun.legacy, f"ALTER PUBLICATION {publication} DROP TABLE boxes_box")
    run(begun.legacy, BEFORE)
    with pytest.raises(
        BridgeError, match=r"does not bring everything any more \(public\.boxes_box\)"
    ):
        catch_up(begun)
    again = begin(begun)
    assert again.anew == ("its publication does not bring everything any more: public.boxes_box")
    assert begun.unequal() == []
    assert len(slots(begun)) == 1
    run(begun.legacy, "UPDATE boxes_box SET content = 'after'")
    catch_up(begun)
    assert begun.unequal() == []


def test_26_a_publication_loses_a_table_while_it_is_followed(
    begun: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_way, "PUBLISHED_SECONDS", 0.1)
    ((publication,),) = ask(begun.legacy, "SELECT pubname FROM pg_publication")
    with pytest.raises(BridgeError, match=r"\(public\.boxes_box\)"):
        lose(begun, f"ALTER PUBLICATION {publication} DROP TABLE boxes_box")


def lose(sides: Sides, statement: LiteralString) -> None:
    with following(sides) as seen:
        run(sides.legacy, statement)
        assert seen.ended.wait(30)


def test_26_a_domain_added_later_is_copied(sides: Sides) -> None:
    begin(sides, "pages")
    begin(sides, "pages", "boxes")
    run(sides.legacy, BEFORE)
    catch_up(sides)
    assert sides.unequal("pages", "boxes") == []


def test_27_a_slot_that_is_gone_is_said_and_made_anew(begun: Sides) -> None:
    ((slot,),) = slots(begun)
    run(begun.legacy, f"SELECT pg_drop_replication_slot('{slot}')")
    run(begun.legacy, BEFORE)
    with pytest.raises(BridgeError) as refused:
        catch_up(begun)
    assert str(refused.value).startswith(f"the replication slot {slot} is not there")
    assert (begin(begun).anew or "").startswith(f"the replication slot {slot} is not there")
    assert begun.unequal() == []


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("system_id", "'7'", "correct the setting, or copy anew"),
        ("timeline", "9", "there was a failover, or a backup was restored"),
        ("applied_lsn", "'FFFF/0'", "was restored from a backup, or is another one"),
        ("applied_lsn", "'0/1'", "was restored from a backup, or somebody else has read"),
    ],
)
def test_30_another_server_or_another_time_is_refused(
    begun: Sides, column: LiteralString, value: LiteralString, words: str
) -> None:
    run(begun.native, f"UPDATE bridge_streams SET {column} = {value}")
    with pytest.raises(BridgeError) as refused:
        catch_up(begun)
    assert words in str(refused.value)


def test_without_a_stream_there_is_nothing_to_follow(sides: Sides) -> None:
    with pytest.raises(BridgeError, match=r"run `strangler sync init`$"):
        catch_up(sides)
