"""The jobs themselves, with real databases: what they bring over, find and leave alone."""

from threading import Event

import pytest

from proxy.background.alone import alone
from proxy.background.jobs import STOPPED, Outcome, Said, Site, perform
from tests.legacy_bridge.replication.apply.live import begin, following
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import Sides, ask, run

LEFT_OUT = "job_left_out"


def do(sides: Sides, job: str, every: float = 0) -> Outcome:
    return perform(job, Site(sides.legacy, sides.native, every), Event())


def reason(outcome: Outcome) -> object:
    (said,) = outcome.said
    assert said.event == LEFT_OUT
    return said.details["reason"]


def test_nothing_is_begun_that_nobody_asked_for(sides: Sides) -> None:
    assert reason(do(sides, "sync_once")) == (
        "there is no stream and nothing was copied yet: `strangler sync init` begins one"
    )
    assert reason(do(sides, "verify")) == "nothing was copied yet"
    assert ask(sides.native, "SELECT count(*) FROM pages") == [(0,)]


def test_what_was_copied_by_hand_is_copied_again(sides: Sides) -> None:
    sides.copy("pages")
    run(sides.legacy, "UPDATE pages_page SET title = 'changed'")
    outcome = do(sides, "sync_once")
    assert outcome == Outcome(0, (Said("info", "synced", {"rows_read": 4, "domains": ["pages"]}),))
    assert sides.unequal("pages") == []
    assert ask(sides.native, "SELECT count(*) FROM boxes") == [(0,)]


def test_a_stream_that_nobody_follows_is_caught_up_with(sides: Sides) -> None:
    begin(sides)
    run(sides.legacy, "UPDATE downloads_os SET name = 'changed'")
    run(sides.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    outcome = do(sides, "sync_once")
    synced, kept = outcome.said
    assert (outcome.code, synced.details["transactions"], synced.details["rows"]) == (1, 2, 4)
    assert (kept.level, kept.event, kept.details["rows"]) == ("warning", "rows_left_out", 1)
    assert ask(sides.native, "SELECT DISTINCT name FROM operating_systems") == [("changed",)]


def test_while_somebody_follows_there_is_drift_or_there_is_none(sides: Sides) -> None:
    begin(sides)
    with following(sides):
        assert reason(do(sides, "sync_once")) == (
            "a stream is kept running, so there is nothing to catch up with"
        )
        clean = do(sides, "verify")
        assert clean.code == 0
        (done,) = clean.said
        assert {**done.details, "seconds": 0} == {
            "domain": "pages",
            "rows": 4,
            "equal": True,
            "seconds": 0,
        }
        run(sides.native, "UPDATE boxes SET content = 'drifted'")
        found = do(sides, "verify")
        (done,) = do(sides, "verify").said
        assert (done.details["domain"], done.details["equal"]) == ("downloads", True)
    drift, done = found.said
    assert (found.code, done.details["domain"], done.details["equal"]) == (1, "boxes", False)
    assert (drift.level, drift.event) == ("error", "drift_found")
    assert drift.details == {
        "domain": "boxes",
        "table": "boxes",
        "differing": 1,
        "unsettled": 0,
        "rows": [{"id": 1, "kind": "differs"}],
        "remedy": "`strangler sync verify --domain boxes` names all rows, "
        "`strangler sync repair --domain boxes` copies them again",
    }
    written = ask(sides.native, "SELECT table_name FROM bridge_verifies WHERE differing = 1")
    assert written == [("boxes",)]
    assert reason(do(sides, "verify", every=1e6)) == "all domains were compared a moment ago"


def test_what_is_being_done_is_not_done_twice(sides: Sides) -> None:
    with alone(sides.native, "verify") as ours:
        assert ours
        other = do(sides, "verify")
        assert (other.code, reason(other)) == (2, "another worker does it now")
        assert do(sides, "sync_once").code == 0
    assert do(sides, "verify").code == 0


def test_told_to_stop_it_ends_and_nothing_is_written_down(sides: Sides) -> None:
    sides.copy("pages")
    stop = Event()
    stop.set()
    site = Site(sides.legacy, sides.native)
    assert perform("verify", site, stop) == STOPPED
    assert perform("sync_once", site, stop) == STOPPED
    assert ask(sides.native, "SELECT count(*) FROM bridge_verifies") == [(0,)]


@pytest.mark.parametrize("job", ["sync_once", "verify"])
def test_what_keeps_it_from_running_is_told(sides: Sides, job: str) -> None:
    begin(sides)
    drop_slots(sides.legacy)
    gone = Sides(sides.legacy + "_gone", sides.native)
    outcome = do(gone, job)
    (said,) = outcome.said
    assert (outcome.code, said.level, said.event) == (2, "error", "job_cannot_run")
    assert str(said.details["reason"]).startswith(
        "the legacy database (STRANGLER_LEGACY_DATABASE_URL) cannot be reached at "
    )
