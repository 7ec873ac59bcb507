"""Operators' forms, sent to the running system: what they do, and what the record says of it."""

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from proxy.console.actions import PATIENCE_SECONDS
from proxy.ownership.flip import PAUSE_SECONDS
from tests.proxy.console.people import (
    BECOMES_SECONDS,
    becomes,
    client,
    come_in,
    form_token,
    origin,
    put_back,
    with_token,
)
from tests.proxy.console.system import ROUTING, System

RECORD = """
SELECT domain, action, before, after, made_by, why, result FROM ownership_changes
WHERE id > %s AND made_by NOT IN ('gates', 'routing.yaml') ORDER BY id
"""
PAGE = "/downloads/operating-systems/"

pytestmark = pytest.mark.usefixtures("back_to_legacy")


@pytest.fixture
def operator(system: System) -> Iterator[httpx.Client]:
    with client(system) as visitor:
        come_in(visitor)
        yield visitor


@pytest.fixture
def last(system: System) -> int:
    ((found,),) = system.run("SELECT coalesce(max(id), 0) FROM ownership_changes")
    assert isinstance(found, int)
    return found


def send(visitor: httpx.Client, page: str, **form: str) -> httpx.Response:
    """The form that the page shows, filled in."""
    shown = visitor.get(page)
    assert shown.status_code == 200, shown.text
    form = {"form_token": form_token(shown.text), **form}
    path = page.partition("?")[0]
    return visitor.post(path, data=form, headers={"origin": origin(visitor)})


def nothing_in_the_way(visitor: httpx.Client, page: str) -> None:
    """The streams of a busy machine may be behind."""
    until = monotonic() + BECOMES_SECONDS
    while "Nothing is in the way now." not in (found := visitor.get(page).text):
        assert monotonic() < until, found


def comes_from(site: httpx.Client, owner: str) -> None:
    """The worker that is asked hears of a flip a moment after it is written down."""
    until = monotonic() + BECOMES_SECONDS
    while (found := site.get(PAGE).headers["strangler-owner"]) != owner:
        assert monotonic() < until, f"{PAGE} comes from {found}"


def settled(visitor: httpx.Client, page: str) -> str:
    """The page, once it does not ask to be looked at again: it may be two seconds old."""
    until = monotonic() + BECOMES_SECONDS
    while "http-equiv" in (found := visitor.get(page).text):
        assert monotonic() < until, found
    return found


def refusal(visitor: httpx.Client, phase: str) -> str:
    """What is said of a flip that is refused: at once, or on the page to which it leads where the
    machine is too busy to find out while the console waits."""
    answer = send(visitor, f"domains/downloads/change?phase={phase}", phase=phase)
    if answer.status_code == 303 and answer.elapsed.total_seconds() >= PATIENCE_SECONDS:
        return settled(visitor, answer.headers["location"].removeprefix("/__strangler__/"))
    assert answer.status_code == 409
    assert "downloads is still in phase" in answer.text
    return answer.text


def roll_back(system: System, visitor: httpx.Client) -> None:
    """To the legacy side, as the form shows it."""
    nothing_in_the_way(visitor, "domains/downloads/rollback")
    answer = send(visitor, "domains/downloads/rollback", phase="legacy")
    assert answer.status_code == 303, answer.text
    becomes(system, "legacy")


def test_flip_and_back(system: System, operator: httpx.Client, last: int) -> None:
    site = httpx.Client(base_url=system.proxy.url, trust_env=False, timeout=30)
    assert site.get(PAGE).headers["strangler-owner"] == "legacy"
    answer = send(
        operator, "domains/downloads/change?phase=reads", phase="reads", why=" a  <b>week</b> "
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/__strangler__/domains/downloads?after={last}"
    becomes(system, "reads")
    comes_from(site, "native")
    assert "What was asked for" in settled(operator, f"domains/downloads?after={last}")
    review = operator.get("domains/downloads/rollback").text
    assert "Roll back downloads to legacy?" in review
    answer = send(operator, "domains/downloads/rollback", phase="legacy")
    assert answer.status_code == 303
    becomes(system, "legacy")
    comes_from(site, "legacy")
    site.close()
    assert system.run(RECORD, last) == [
        ("downloads", "phase", "legacy", "reads", "token drill", "a <b>week</b>", "done"),
        ("downloads", "phase", "reads", "legacy", "token drill", "rollback", "done"),
    ]
    page = operator.get("changes").text
    assert "a &lt;b&gt;week&lt;/b&gt;" in page
    assert "<b>week" not in page
    assert (system.folder / "routing.yaml").read_text() == ROUTING


def test_the_rows_are_handed_over_and_back(
    system: System, operator: httpx.Client, last: int
) -> None:
    review = "domains/downloads/change?phase=native"
    assert "fence: every worker holds requests that may write" in operator.get(review).text
    nothing_in_the_way(operator, review)
    answer = send(operator, "domains/downloads/change?phase=native", phase="native")
    assert answer.status_code == 303, answer.text
    found = becomes(system, "native")
    assert (found["owner"], found["flipped"]["made_by"]) == ("native", "token drill")
    assert 0 < found["flipped"]["pause_seconds"] < PAUSE_SECONDS
    roll_back(system, operator)
    ((owner,),) = system.run("SELECT owner FROM bridge_owners WHERE domain = 'downloads'")
    assert owner == "legacy"


def test_a_canary_has_the_weight_of_the_form(system: System, operator: httpx.Client) -> None:
    page = "domains/downloads/change?phase=canary&weight=12.5"
    assert "Flip downloads to canary 12.5 %?" in operator.get(page).text
    assert send(operator, page, phase="canary", weight="12.5").status_code == 303
    assert becomes(system, "canary")["weight"] == 12.5
    assert send(operator, page, phase="canary", weight="101").status_code == 400
    roll_back(system, operator)


def test_a_rollback_is_to_what_was_shown(system: System, operator: httpx.Client) -> None:
    send(operator, "domains/downloads/change?phase=reads", phase="reads")
    becomes(system, "reads")
    ((last,),) = system.run("SELECT max(id) FROM ownership_changes")
    answer = send(operator, "domains/downloads/rollback", phase="retired")
    assert answer.status_code == 409
    assert "was flipped meanwhile" in answer.text
    assert system.run(RECORD, last) == []
    roll_back(system, operator)


def test_wherever_a_test_has_left_it_the_next_one_finds_it_with_the_legacy_side(
    system: System, operator: httpx.Client
) -> None:
    """Then a rollback does not lead there, and whoever waits for it would wait for ever."""
    for phase in ("reads", "canary"):
        page = f"domains/downloads/change?phase={phase}&weight=50"
        assert send(operator, page, phase=phase, weight="50").status_code == 303
        becomes(system, phase)
    answer = send(operator, "domains/downloads/rollback", phase="legacy")
    assert answer.status_code == 409
    put_back(system)
    assert operator.get("domains/downloads/rollback").status_code == 409  # nothing is left


def test_what_was_taken_back_is_not_taken_back_again(operator: httpx.Client) -> None:
    answer = operator.get("domains/downloads/rollback")
    assert answer.status_code == 409
    assert "no flip of downloads is on record that was not taken back" in answer.text


def test_a_flip_by_bearer_needs_no_form(system: System, last: int) -> None:
    with with_token(system) as visitor:
        form = {"phase": "shadow", "why": "by a machine"}
        assert visitor.post("domains/downloads/change", data=form).status_code == 303
        becomes(system, "shadow")
        form = {"phase": "legacy"}
        assert visitor.post("domains/downloads/rollback", data=form).status_code == 303
        becomes(system, "legacy")
    assert [row[3] for row in system.run(RECORD, last)] == ["shadow", "legacy"]


def test_a_flip_that_is_refused_says_why(system: System, operator: httpx.Client) -> None:
    """Rows that are known to differ are in the way of a hand-over."""
    system.run(
        "INSERT INTO bridge_verifies (table_name, at, rows, differing, position)"
        " VALUES ('operating_systems', now(), 3, 2, '0/0')"
    )
    try:
        page = operator.get("domains/downloads/change?phase=native").text
        assert "2 rows of operating_systems differ — run `strangler sync repair`" in page
        assert "2 rows of operating_systems differ" in refusal(operator, "native")
        page = operator.get("domains/downloads").text
        assert "2 rows of operating_systems differ" in page
    finally:
        system.run("DELETE FROM bridge_verifies WHERE table_name = 'operating_systems'")
        roll_back(system, operator)


def keep_conflict(system: System, key: int, losing: dict[str, Any]) -> str:
    ((number,),) = system.run(
        "INSERT INTO bridge_conflicts"
        " (domain, table_name, key, kind, reason, losing, source, source_lsn, source_at)"
        " VALUES ('downloads', 'operating_systems', %s, 'both changed', 'a <test>', %s, 'legacy',"
        " '0/0', now()) RETURNING id",
        json.dumps({"id": key}),
        json.dumps(losing),
    )
    return f"native-{number}"


def test_a_conflict_is_looked_at_and_forgotten(
    system: System, operator: httpx.Client, last: int
) -> None:
    conflict = keep_conflict(system, 1, {"id": "1", "name": "<img src=x>"})
    page = operator.get(f"domains/downloads/conflicts/{conflict}").text
    assert "&lt;img src=x&gt;" in page
    assert "<img" not in page
    assert "a &lt;test&gt;" in page
    answer = send(operator, f"domains/downloads/conflicts/{conflict}", do="drop", why="a test")
    assert answer.status_code == 303
    assert system.run("SELECT count(*) FROM bridge_conflicts") == [(0,)]
    assert system.run(RECORD, last) == [
        ("downloads", "drop", "", conflict, "token drill", "a test", "done")
    ]
    assert operator.get(f"domains/downloads/conflicts/{conflict}").status_code == 404


def test_a_conflict_that_cannot_be_applied_stays(
    system: System, operator: httpx.Client, last: int
) -> None:
    conflict = keep_conflict(system, 999, {"id": "999"})
    answer = send(operator, f"domains/downloads/conflicts/{conflict}", do="apply")
    assert answer.status_code == 409
    assert "make the row by hand" in answer.text
    assert system.run(RECORD, last) == [
        ("downloads", "apply", "", conflict, "token drill", "", "refused")
    ]
    send(operator, f"domains/downloads/conflicts/{conflict}", do="drop")


def test_strays_are_refused_and_carried_again(
    system: System, operator: httpx.Client, last: int
) -> None:
    assert send(operator, "domains/downloads/strays", do="reject").status_code == 303
    assert system.run("SELECT strays FROM bridge_owners WHERE domain = 'downloads'") == [
        ("reject",)
    ]
    assert send(operator, "domains/downloads/strays", do="capture").status_code == 303
    assert send(operator, "domains/downloads/strays", do="ignore").status_code == 400
    assert [row[1:4] for row in system.run(RECORD, last)] == [
        ("strays", "", "reject"),
        ("strays", "", "capture"),
    ]


def test_a_repair_is_in_the_record(system: System, operator: httpx.Client, last: int) -> None:
    answer = send(operator, "domains/downloads/repair", why="to be sure")
    assert answer.status_code == 303
    assert answer.elapsed.total_seconds() < PATIENCE_SECONDS + 5
    while not (rows := system.run(RECORD, last)):
        pass
    assert rows == [("downloads", "repair", "", "", "token drill", "to be sure", "done")]
