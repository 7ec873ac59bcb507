"""Tallies in the native database: added, read, merged, forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from proxy.embedded.stack import EmbeddedStack
from proxy.parity.answer import Answer, Question
from proxy.parity.compare import compare
from proxy.parity.tally import EXAMPLES, Parity
from proxy.shadow import store

ROUTE = "/downloads/**"


@pytest.fixture(scope="module")
def url(stack: EmbeddedStack, native_template: str) -> str:
    return stack.create_database("parity_store", template=native_template)


@pytest.fixture
def native(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM parity_tallies")
        yield connection


def found(at: datetime, wrong: bool, domain: str = "downloads") -> Parity:
    """One answer, compared."""
    question = Question("GET", "/downloads/?token=secret", "www.example.org", at.timestamp())
    outcome = compare(question, Answer(200), Answer(500 if wrong else 200))
    parity = Parity()
    parity.record(domain, ROUTE, question, outcome)
    return parity


def rows(native: Connection) -> list[tuple[datetime, str, int]]:
    return native.execute(
        "SELECT at, worker, (tally ->> 'asked')::int FROM parity_tallies ORDER BY at, worker"
    ).fetchall()


def test_what_a_worker_finds_in_ten_seconds_is_one_row(native: Connection) -> None:
    begin = datetime(2030, 1, 1, 12, 0, 10, tzinfo=UTC)
    for worker, seconds, wrong in (("a", 0, True), ("a", 9.9, False), ("b", 5, True), ("a", 10, 0)):
        at = begin + timedelta(seconds=seconds)
        store.add(native, worker, found(at, bool(wrong)), at.timestamp())
    later = begin + timedelta(seconds=10)
    assert rows(native) == [(begin, "a", 2), (begin, "b", 1), (later, "a", 1)]
    parity = store.read(native, "downloads", begin)
    assert parity.totals() == {"asked": 4, "equal": 2, "left": 0, "failed": 0, "repeated": 0}
    path = parity.routes["downloads", ROUTE].paths["status"]
    assert path.differing == 2
    assert [(one.method, one.target, one.control, one.candidate) for one in path.examples] == [
        ("GET", "/downloads/?token=(masked)", "200", "500")
    ] * 2
    assert store.read(native, "downloads", later).totals()["asked"] == 1
    assert store.read(native, "users", begin).totals()["asked"] == 0


def test_old_rows_become_one_an_hour_and_are_forgotten_after_a_week(native: Connection) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    long_ago, old, new = hour - timedelta(days=8), hour - timedelta(hours=3), hour
    for number in range(6):
        for at in (long_ago, old, new):
            moment = at + timedelta(seconds=20 * number)
            store.add(native, "ab"[number % 2], found(moment, wrong=True), moment.timestamp())
    before = store.read(native, "downloads", old)
    store.trim(native)
    assert [row for row in rows(native) if row[1] == ""] == [(old, "", 6)]
    assert len(rows(native)) == 1 + 6
    after = store.read(native, "downloads", old)
    assert after.to_json() == before.to_json()
    assert len(after.routes["downloads", ROUTE].paths["status"].examples) == EXAMPLES
    # what comes late for an hour that is merged already
    late = old + timedelta(minutes=5)
    store.add(native, "a", found(old, wrong=False), late.timestamp())
    store.trim(native)
    assert [row for row in rows(native) if row[1] == ""] == [(old, "", 6), (late, "", 1)]


def test_only_one_trims_at_a_time(native: Connection, url: str) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    store.add(native, "a", found(old, wrong=False), old.timestamp())
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('strangler parity_tallies'))")
        store.trim(native)
        assert [worker for _, worker, _ in rows(native)] == ["a"]
    store.trim(native)
    assert [worker for _, worker, _ in rows(native)] == [""]


def test_a_row_keeps_examples_of_the_most_frequent_differences_only(native: Connection) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    parity = Parity()
    for number in range(store.PATHS_WITH_EXAMPLES + 10):
        question = Question("GET", "/downloads/", "", at.timestamp())
        header = (f"x-{number:03}".encode(), b"1")
        parity.record(
            "downloads", ROUTE, question, compare(question, Answer(200, (header,)), Answer(200))
        )
    store.add(native, "a", parity, at.timestamp())
    paths = store.read(native, "downloads", at).routes["downloads", ROUTE].paths
    assert len(paths) == store.PATHS_WITH_EXAMPLES + 10
    assert sum(bool(path.examples) for path in paths.values()) == store.PATHS_WITH_EXAMPLES


def test_a_phase_that_began_within_the_hour_keeps_what_it_showed(native: Connection) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    began = hour + timedelta(minutes=30)
    for minutes in (30, 45):
        moment = hour + timedelta(minutes=minutes)
        store.add(native, "a", found(moment, wrong=True), moment.timestamp())
    before = store.read(native, "downloads", began).to_json()
    store.trim(native)
    assert store.read(native, "downloads", began).to_json() == before


def test_a_page_may_say_anything(native: Connection) -> None:
    """PostgreSQL takes no NUL."""
    question = Question("GET", "/a\\u0000", "www.example.org", 0.0)
    kind = ((b"content-type", b"application/json"),)
    sides = (
        Answer(200, kind, b'{"a\\u0000": "\\u0000"}'),
        Answer(200, kind, b'{"b": "\\\\u0000"}'),
    )
    parity = Parity()
    parity.record("downloads", ROUTE, question, compare(question, *sides))
    store.add(native, "a", parity, 0.0)
    kept = store.read(native, "downloads", datetime(1970, 1, 1, tzinfo=UTC))
    assert set(kept.routes["downloads", ROUTE].paths) == {"json:/a\u2400", "json:/b"}
