"""Workers as processes, with jobs in Redis and in the native database."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from proxy.background.jobs import JOBS
from proxy.background.queues import connect, disconnect, queue_for
from proxy.cli import main, worker
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from proxy.settings import SettingsError
from tests.legacy_bridge.replication.apply.live import wait_for
from tests.legacy_bridge.replication.sides import Sides, ask, run
from tests.proxy.background.programs import Program, started

STRANGLER = ("-c", "from proxy.cli import main; main(prog_name='strangler')", "worker")
HURRIED = ("-m", "tests.proxy.background.hurried")
WAITING = """
SELECT count(*)::int FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%pages_page%'
"""


def settings(sides: Sides, **more: str) -> dict[str, str]:
    return {
        **sides.settings,
        "STRANGLER_VERIFY_EVERY": "17s",
        # These hardly ever fall due beside it.
        "STRANGLER_SYNC_EVERY": "23h",
        "STRANGLER_BLOGS_EVERY": "23h",
        **{f"STRANGLER_{name.upper()}": value for name, value in more.items()},
    }


@contextmanager
def withheld(sides: Sides) -> Iterator[psycopg.Connection]:
    """As long as the connection lives, whoever wants to compare pages has to wait."""
    with psycopg.connect(sides.legacy) as connection:
        connection.execute("LOCK TABLE pages_page IN ACCESS EXCLUSIVE MODE")
        yield connection


def test_once_it_exits_as_the_sync_commands_do(sides: Sides, tmp_path: Path) -> None:
    sides.copy("pages")
    run(sides.native, "UPDATE pages SET title = 'drifted'")
    given = settings(sides)
    with started(*STRANGLER, "--once", "verify", settings=given, folder=tmp_path) as program:
        assert program.code() == 1
        differs = program.event("rows_differ")
        assert (differs["level"], differs["table"], differs["differing"]) == ("warning", "pages", 1)
        assert differs["rows"] == [{"id": 1, "kind": "differs"}]
        assert program.event("verified", domain="pages", equal=False)["rows"] == 4


def test_the_command_names_the_jobs_there_are() -> None:
    assert tuple(JOBS) == worker.JOBS


def test_without_its_databases_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANGLER_DATABASE_URL", raising=False)
    done = CliRunner().invoke(main, ["worker"])
    assert done.exit_code == 2
    assert done.stderr.startswith("STRANGLER_LEGACY_DATABASE_URL is not set — the rows are read")


async def test_without_its_queue_it_does_not_start(sides: Sides) -> None:
    nowhere = f"redis://:secret@127.0.0.1:{free_port()}/0"
    with pytest.raises(SettingsError) as refused:
        await connect(queue_for(nowhere, sides.native))
    said = str(refused.value)
    assert said.startswith("STRANGLER_REDIS_URL: jobs cannot be queued there (ConnectionError: ")
    assert "secret" not in said


async def test_workers_of_a_new_site_begin_together(sides: Sides) -> None:
    """The queue has no tables yet: each of them finds it ready all the same."""
    queues = [queue_for(None, sides.native) for _ in range(5)]
    try:
        await asyncio.gather(*(connect(queue) for queue in queues))
        assert [await queue.count("queued") for queue in queues] == [0] * 5
    finally:
        for queue in queues:
            await disconnect(queue)


def test_a_job_is_done_by_one_and_taken_again_when_that_one_is_gone(
    stack: EmbeddedStack, sides: Sides, other_sides: Sides, tmp_path: Path
) -> None:
    """Two workers on Redis, and two on PostgreSQL for another site, at the same time.

    The first of each is killed; then one finishes the job, and the other one hands it back.
    """
    sites = {
        "RedisQueue": (sides, settings(sides, redis_url=stack.redis_url)),
        "PostgresQueue": (other_sides, settings(other_sides)),
    }
    with ExitStack() as opened:
        teams: dict[str, list[Program]] = {}
        locks = {}
        for queue, (site, given) in sites.items():
            site.copy("pages")
            locks[queue] = opened.enter_context(withheld(site))
            teams[queue] = [_worker(opened, given, tmp_path) for _ in range(2)]
        for queue, (site, _) in sites.items():
            for worker in teams[queue]:
                assert worker.event("working")["queue"] == queue
            wait_for(site.legacy, WAITING, [(1,)])
        left = {queue: _killed(teams[queue], site) for queue, (site, _) in sites.items()}
        for site, _ in sites.values():
            wait_for(site.legacy, WAITING, [(1,)])

        finishing, handing_back = left["RedisQueue"], left["PostgresQueue"]
        locks["RedisQueue"].commit()
        assert finishing.event("verified")["domain"] == "pages"
        handing_back.process.send_signal(signal.SIGTERM)
        handing_back.event("job_handed_back", job="verify")
        assert handing_back.code() == 0
        assert handing_back.events[-1]["event"] == "stopped"
        waiting = "SELECT key, status FROM saq_jobs WHERE key = 'verify'"
        assert ask(other_sides.native, waiting) == [("verify", "queued")]
        finishing.process.send_signal(signal.SIGTERM)
        assert finishing.code() == 0


def _worker(opened: ExitStack, given: Mapping[str, str], folder: Path) -> Program:
    return opened.enter_context(started(*HURRIED, settings=given, folder=folder))


def _killed(team: list[Program], site: Sides) -> Program:
    """End the one that waits for the table; the other one."""
    ((name,),) = ask(
        site.legacy,
        "SELECT application_name FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    busy = next(one for one in team if name.startswith(f"strangler {one.process.pid}@"))
    busy.process.kill()
    wait_for(site.legacy, WAITING, [(0,)])
    return next(one for one in team if one is not busy)
