"""Replication of a domain ends, and that of the others goes on; or it does not, and all is as
before."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication import home, way_back
from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.copy import copy_domains, table_pairs
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.owners import Owner, Strays, ended, read_owners, write_retired
from legacy_bridge.replication.rejecting import set_strays
from legacy_bridge.replication.retiring import left_behind, tidy
from legacy_bridge.replication.verify.compare import verify_domains
from legacy_bridge.replication.verify.repair import repair_domains
from proxy.ownership.draining import NotNowError
from proxy.ownership.phases import FOR_GOOD
from proxy.ownership.retiring import Ended, Order, Retirement, objections
from tests.legacy_bridge.replication.apply.live import begin, wait_for
from tests.legacy_bridge.replication.both_ways.pair import WANTED, TwoWay
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.longer import sampled
from tests.proxy.ownership.conftest import flip, streaming

PROJECT = Path(__file__).resolve().parents[3]
OWNS = "SELECT owner, strays FROM bridge_owners WHERE domain = 'downloads'"
PHASE = "SELECT phase FROM ownership_phases WHERE domain = 'downloads'"
BOX = "SELECT content FROM boxes_box WHERE id = 1"
NATIVE_BOX = "SELECT content FROM boxes WHERE id = 1"
PUBLISHED = """
SELECT count(*) FROM pg_publication_tables
WHERE pubname LIKE 'strangler%' AND tablename ~ '^(downloads_|releases|release_files|operating_)'
"""


class _Unseen:
    def reading(self, table: str, rows: int, expected: int) -> None: ...


def retire(
    both: TwoWay,
    domain: str = "downloads",
    domains: Mapping[str, Sequence[TableMapping]] = WANTED,
) -> Ended:
    ends, order = Ends(both.legacy, both.native), Order(domain, "a test", "to see", 10.0)
    return Retirement(ends, domains, order, _Unseen()).carry_out()


@pytest.fixture
def native(streams: TwoWay) -> TwoWay:
    """The native side owns the downloads."""
    flip(streams, Owner.NATIVE)
    return streams


def test_everything_arrives_and_then_nothing_does(native: TwoWay) -> None:
    native.run(Owner.NATIVE, "UPDATE {os} SET name = 'last' WHERE id = 1")
    native.run(Owner.LEGACY, "UPDATE {os} SET name = 'stray' WHERE id = 2")
    done = retire(native)
    assert list(done.steps) == [
        "guarded",
        "drained",
        "compared",
        "locked",
        "arrived",
        "deciding",
        "tidied",
    ]
    assert done.left == ()
    assert native.names(Owner.LEGACY) == native.names(Owner.NATIVE)
    assert native.names(Owner.NATIVE) == {1: "last", 2: "stray", 3: "macOS"}
    assert ask(native.native, OWNS) == [("native", "retired")]
    assert ask(native.native, PHASE) == [("retired",)]
    changes = ask(
        native.native,
        "SELECT action, before, after, made_by, why, result FROM ownership_changes ORDER BY id",
    )
    assert changes[-1] == ("retire", "native", "retired", "a test", "to see", "done")
    native.run(Owner.NATIVE, "UPDATE {os} SET name = 'alone' WHERE id = 1")
    run(native.native, "UPDATE boxes SET content = 'stray'")
    wait_for(native.legacy, BOX, [("stray",)])
    run(native.legacy, "UPDATE boxes_box SET content = 'carried'")
    wait_for(native.native, NATIVE_BOX, [("carried",)])
    assert native.names(Owner.LEGACY)[1] == "last"
    assert [ask(url, PUBLISHED) for url in (native.legacy, native.native)] == [[(0,)], [(0,)]]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as refused:
        native.run(Owner.LEGACY, "UPDATE {os} SET name = 'too late'")
    assert refused.value.diag.message_hint == (
        "Write to operating_systems in the native database, or through the site. "
        "The domain is retired: these rows are those of that moment."
    )


@pytest.mark.faults
@pytest.mark.parametrize(
    ("point", "is_retired"),
    sampled(
        [
            ("deciding", False),
            ("guarded", False),
            ("compared", False),
            ("locked", False),
            ("unpublished_forward", True),
            ("guarded_for_good", True),
            ("tidied", True),
            ("decided", True),
        ],
        short=2,
    ),
)
def test_killed_at_a_step_it_is_native_or_retired(
    native: TwoWay, point: str, is_retired: bool
) -> None:
    """The other domains go on, and the next attempt does what is left."""
    run(native.native, "UPDATE boxes SET content = 'before'")
    native.run(Owner.NATIVE, "UPDATE {os} SET name = 'written' WHERE id = 1")
    assert _alone(native, f"retire.{point}=kill") == -signal.SIGKILL
    strays = "retired" if is_retired else "reject"
    assert ask(native.native, OWNS) == [("native", strays)]
    assert ask(native.native, PHASE) == ([("retired",)] if is_retired else [])
    wait_for(native.legacy, BOX, [("before",)])
    run(native.legacy, "UPDATE boxes_box SET content = 'between'")
    wait_for(native.native, NATIVE_BOX, [("between",)])
    native.run(Owner.NATIVE, "UPDATE {os} SET name = 'goes on' WHERE id = 2")
    again = retire(native)
    assert (again.pause is None) is is_retired
    assert native.names(Owner.LEGACY)[1] == "written"
    assert native.names(Owner.LEGACY)[2] == ("Windows" if is_retired else "goes on")
    assert [ask(url, PUBLISHED) for url in (native.legacy, native.native)] == [[(0,)], [(0,)]]
    run(native.native, "UPDATE boxes SET content = 'after'")
    wait_for(native.legacy, BOX, [("after",)])


def _alone(both: TwoWay, failpoint: str) -> int:
    """The retirement, in a process of its own."""
    code = (
        "import sys;"
        "from tests.legacy_bridge.replication.both_ways.pair import TwoWay;"
        "from tests.proxy.ownership.test_retire import retire;"
        "retire(TwoWay(*sys.argv[1:3]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, both.legacy, both.native],
        cwd=PROJECT,
        env=os.environ | {"STRANGLER_FAILPOINT": failpoint, "COVERAGE_PROCESS_CONFIG": ""},
        check=False,
    )
    return done.returncode


def test_what_is_in_the_log_of_before_is_passed_over_and_the_others_rows_are_not(
    both: TwoWay,
) -> None:
    """Both slots are behind when the tables leave the publications: what they read then was written
    while these were published."""
    both.hand_over("downloads", Owner.NATIVE, Strays.REJECT)
    both.settle()
    with psycopg.connect(both.native) as connection:
        connection.execute("UPDATE operating_systems SET name = 'not carried' WHERE id = 1")
        connection.execute("UPDATE boxes SET content = 'stray'")
        connection.execute("UPDATE operating_systems SET name = 'nor this' WHERE id = 2")
    run(both.legacy, "UPDATE pages_page SET title = 'carried'")
    with connected(both.native, NATIVE) as native, connected(both.legacy, LEGACY) as legacy:
        assert write_retired(native, "downloads", read_owners(native).of("downloads"))
        home.look_there(legacy)
        others = {name: WANTED[name] for name in ("pages", "boxes")}
        assert tidy(legacy, native, "downloads", WANTED["downloads"], others) == ()
    run(both.native, "UPDATE operating_systems SET name = 'after'")
    run(both.native, "UPDATE boxes SET label = 'after'")
    done = both.settle()
    assert ask(both.legacy, "SELECT content, label FROM boxes_box") == [("stray", "after")]
    assert ask(both.native, "SELECT title FROM pages") == [("carried",)]
    assert both.names(Owner.LEGACY) == {1: "Source", 2: "Windows", 3: "macOS"}
    assert done.back is not None
    assert (done.forward.quarantined, done.back.quarantined) == (0, 0)
    assert ask(both.native, "SELECT fault FROM bridge_streams") == [(None,)]


def test_copies_and_comparisons_leave_it_out(both: TwoWay) -> None:
    both.hand_over("downloads", Owner.NATIVE)
    with streaming(both):
        retire(both)
    run(both.native, "UPDATE operating_systems SET name = 'alone'")
    report = verify_domains(both.legacy, both.native, WANTED, _Unseen())
    assert {table.domain for table in report.tables} == {"pages", "boxes"}
    repaired = repair_domains(both.legacy, both.native, WANTED, _Unseen())
    assert {table.found.domain for table in repaired.tables} == {"pages", "boxes"}
    again = begin(both, again=True)
    assert again.record.domains == ["pages", "boxes"]
    assert [one for one in again.warnings if "downloads" in one] == []
    assert not way_back.prepare(both.legacy, both.native, WANTED).made
    with pytest.raises(BridgeError, match=f"^{ended('downloads')}"):
        copy_domains(both.legacy, both.native, {"downloads": WANTED["downloads"]})
    both.settle()
    assert set(both.names(Owner.NATIVE).values()) == {"alone"}


def test_the_last_domain_leaves_streams_that_bring_nothing(sides: Sides) -> None:
    boxes = {"boxes": WANTED["boxes"]}
    way_back.prepare(sides.legacy, sides.native, boxes)
    begin(sides, "boxes")
    both = TwoWay(sides.legacy, sides.native)
    both.settle()
    both.hand_over("boxes", Owner.NATIVE)
    with streaming(both):
        (left,) = retire(both, "boxes", boxes).left
        assert "pg_drop_replication_slot" in left
        run(both.native, "UPDATE boxes SET content = 'alone'")
    both.settle()
    assert ask(both.legacy, BOX) == [("x",)]
    drop_slots(both.native)


def test_a_native_transaction_that_does_not_end(native: TwoWay) -> None:
    """Given up, all is as before, and strays are carried again."""
    with psycopg.connect(native.native) as writing:
        writing.execute("SELECT 1 FROM bridge_owners WHERE domain = 'downloads' FOR SHARE")
        with pytest.raises(NotNowError, match="a transaction that writes downloads natively"):
            retire(native)
    assert ask(native.native, OWNS) == [("native", "capture")]
    native.run(Owner.LEGACY, "UPDATE {os} SET name = 'stray' WHERE id = 1")
    wait_for(native.native, "SELECT name FROM operating_systems WHERE id = 1", [("stray",)])
    retire(native)


CONFLICT: LiteralString = """
INSERT INTO strangler.bridge_conflicts
    (domain, table_name, key, kind, reason, source, source_lsn, source_at)
VALUES ('downloads', 'downloads_os', '{"id": 1}', 'x', 'x', 'native', '0/1', now())
"""
APART: LiteralString = """
INSERT INTO bridge_quarantine (table_name, key, reason, outcome)
VALUES ('releases', '{"id": 1}', 'a test', 'kept out')
"""


def test_what_would_be_left_behind_is_named(both: TwoWay) -> None:
    run(both.legacy, CONFLICT)
    run(both.native, APART)
    with connected(both.native, NATIVE) as native, connected(both.legacy, LEGACY) as legacy:
        home.look_there(legacy)
        pairs, _ = table_pairs(legacy, native, {"downloads": WANTED["downloads"]})
        apart, lost = left_behind(legacy, native, pairs)
        boxes, _ = table_pairs(legacy, native, {"boxes": WANTED["boxes"]})
        assert left_behind(legacy, native, boxes) == ()
    assert apart.startswith("1 rows of releases are in quarantine on the native side")
    assert lost.startswith("1 changes lost against the owner's and are kept on the legacy side")


def test_nothing_may_be_left_behind(native: TwoWay) -> None:
    ends = Ends(native.legacy, native.native)
    assert list(objections(ends, WANTED, "downloads")) == []
    run(native.legacy, CONFLICT)
    (lost,) = objections(ends, WANTED, "downloads")
    with pytest.raises(NotNowError, match=f"^{re.escape(lost)}$"):
        retire(native)
    assert ask(native.native, OWNS) == [("native", "capture")]
    assert ask(native.native, PHASE) == []


def test_who_is_referred_to_waits(native: TwoWay) -> None:
    """A release shows a page: its rows would not be taken where pages do not come."""
    assert list(objections(Ends(native.legacy, native.native), WANTED, "pages")) == [
        f"{table} of downloads refers to {page} — retire that domain first"
        for table, page in (("downloads_release", "pages_page"), ("releases", "pages"))
    ]


def test_nothing_leads_back(native: TwoWay) -> None:
    retire(native)
    with pytest.raises(NotNowError, match=re.escape(FOR_GOOD)):
        flip(native, Owner.LEGACY)
    with connected(native.native, NATIVE) as ours, connected(native.legacy, LEGACY) as theirs:
        pairs, _ = table_pairs(theirs, ours, {"downloads": WANTED["downloads"]})
        with pytest.raises(BridgeError, match=f"^{ended('downloads')}$"):
            set_strays(theirs, ours, pairs, Strays.CAPTURE)
    assert ask(native.native, OWNS) == [("native", "retired")]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        native.run(Owner.LEGACY, "UPDATE {os} SET name = 'stray'")
