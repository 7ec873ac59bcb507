"""The owner of a domain's rows changes, and back; or does not, and all is as before."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from legacy_bridge.replication.owners import Owner
from proxy.ownership.draining import NotNowError
from tests.legacy_bridge.replication.both_ways.pair import TwoWay, other
from tests.legacy_bridge.replication.sides import ask, run
from tests.longer import sampled
from tests.proxy.ownership.conftest import flip

PROJECT = Path(__file__).resolve().parents[3]
NEW = """
INSERT INTO {os} (created, updated, name, slug) VALUES (now(), now(), 'new', md5(random()::text))
"""
OWNER = "SELECT owner FROM bridge_owners WHERE domain = 'downloads'"
FENCES = "SELECT count(*) FROM ownership_fences"


def test_there_and_back_17_18(streams: TwoWay) -> None:
    run(streams.legacy, "SELECT setval('downloads_os_id_seq', 40)")
    streams.run(Owner.LEGACY, "UPDATE {os} SET name = 'before' WHERE id = 1")
    there = flip(streams, Owner.NATIVE)
    assert [step.name for step in there.steps] == [
        "fenced",
        "workers hold",
        "reverse drained",
        "locked",
        "forward drained",
        "reverse drained",
        "counted",
        "numbered",
        "decided",
        "numbered apart",
    ]
    assert streams.names(Owner.NATIVE)[1] == "before"
    for _ in range(3):
        streams.run(Owner.NATIVE, NEW)
    streams.run(Owner.NATIVE, "UPDATE {os} SET name = 'natively' WHERE id = 1")
    flip(streams, Owner.LEGACY)
    streams.run(Owner.LEGACY, NEW)
    names = streams.names(Owner.LEGACY)
    born = sorted(set(names) - {1, 2, 3})
    assert names[1] == "natively"
    assert (len(born), born[0] > 40, born[-1] < 1 << 30) == (4, True, True)
    changes = ask(streams.native, "SELECT before, after, result FROM ownership_changes ORDER BY id")
    assert changes == [("legacy", "native", "done"), ("native", "legacy", "done")]
    assert ask(streams.native, FENCES) == [(0,)]


def test_7_a_transaction_that_does_not_end(streams: TwoWay) -> None:
    with psycopg.connect(streams.legacy) as writing:
        writing.execute("UPDATE downloads_os SET name = 'late' WHERE id = 1")
        with pytest.raises(NotNowError, match=f"pid {writing.info.backend_pid} "):
            flip(streams, Owner.NATIVE, seconds=2.0)
        assert ask(streams.native, FENCES) == [(0,)]
        assert ask(streams.native, OWNER) == []
    flip(streams, Owner.NATIVE)
    assert streams.names(Owner.NATIVE)[1] == "late"


def test_9_who_writes_past_the_proxy_waits(streams: TwoWay) -> None:
    """And is then on the side that does not own the row any more: carried over."""
    with psycopg.connect(streams.legacy) as first:
        first.execute("UPDATE downloads_os SET name = 'first' WHERE id = 1")
        attempt = Thread(target=flip, args=[streams, Owner.NATIVE])
        attempt.start()
        while not ask(streams.legacy, WAITING):
            pass
        late = Thread(target=streams.run, args=[Owner.LEGACY, LATE])
        late.start()
    attempt.join()
    late.join()
    assert ask(streams.native, OWNER) == [("native",)]
    while streams.names(Owner.NATIVE)[2] != "late":
        pass
    assert streams.names(Owner.LEGACY) == streams.names(Owner.NATIVE)
    assert streams.names(Owner.NATIVE)[1] == "first"


LATE = "UPDATE {os} SET name = 'late' WHERE id = 2"
WAITING = """
SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'ShareRowExclusiveLock'
"""


def test_a_worker_that_does_not_answer(streams: TwoWay) -> None:
    run(
        streams.native,
        """
        INSERT INTO ownership_workers
        VALUES ('a:1', clock_timestamp() + interval '1 h', '{}', ''),
               ('gone:1', clock_timestamp() - interval '1 s', '{}', '')
        """,
    )
    with pytest.raises(NotNowError, match=r"^a:1 still has requests under way"):
        flip(streams, Owner.NATIVE, seconds=0.5)
    run(streams.native, "DELETE FROM ownership_workers WHERE worker = 'a:1'")
    flip(streams, Owner.NATIVE)


def test_13_one_at_a_time(streams: TwoWay) -> None:
    run(
        streams.native,
        """
        INSERT INTO ownership_fences
        VALUES ('downloads', 1, 'native', 'another', clock_timestamp() + interval '1 h')
        """,
    )
    with pytest.raises(NotNowError, match="another one is handing it over"):
        flip(streams, Owner.NATIVE)
    run(streams.native, "UPDATE ownership_fences SET until = clock_timestamp()")
    flip(streams, Owner.NATIVE)


def test_rows_that_differ_in_number(streams: TwoWay) -> None:
    with psycopg.connect(streams.native) as connection:
        connection.execute("SELECT pg_logical_emit_message(true, 'strangler.applied', '')")
        connection.execute("DELETE FROM release_files WHERE id = 3")
    with pytest.raises(NotNowError, match="release_files: 2 rows natively, 3 on the legacy side"):
        flip(streams, Owner.NATIVE)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("point", "owner"),
    sampled(
        [
            ("fenced", Owner.LEGACY),
            ("locked", Owner.LEGACY),
            ("drained_forward", Owner.LEGACY),
            ("before_decision", Owner.LEGACY),
            ("deciding", Owner.LEGACY),
            ("decided", Owner.NATIVE),
        ],
        short=3,
    ),
)
def test_11_12_killed_at_a_step(streams: TwoWay, point: str, owner: Owner) -> None:
    """Whoever owned, or is to own, does; the fence ends by itself; the next attempt does it."""
    assert _alone(streams, f"flip.{point}=kill") == -signal.SIGKILL
    found = ask(streams.native, OWNER)
    assert found == ([("native",)] if owner is Owner.NATIVE else [])
    run(streams.native, "UPDATE ownership_fences SET until = least(until, clock_timestamp())")
    streams.run(owner, "UPDATE {os} SET name = 'goes on' WHERE id = 1")
    flip(streams, other(owner))
    assert streams.names(other(owner))[1] == "goes on"


def _alone(streams: TwoWay, failpoint: str) -> int:
    """The flip to the native side, in a process of its own."""
    code = (
        "import sys;"
        "from legacy_bridge.replication.owners import Owner;"
        "from tests.legacy_bridge.replication.both_ways.pair import TwoWay;"
        "from tests.proxy.ownership.conftest import flip;"
        "flip(TwoWay(*sys.argv[1:3]), Owner.NATIVE)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, streams.legacy, streams.native],
        cwd=PROJECT,
        env=os.environ | {"STRANGLER_FAILPOINT": failpoint, "COVERAGE_PROCESS_CONFIG": ""},
        check=False,
    )
    return done.returncode
