"""`strangler db upgrade` and `strangler sync run`: what they print, and their exit codes."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from legacy_bridge.replication import standbys
from migrations.upgrade import head
from ported_domains.registry import DOMAINS
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, ask, run
from tests.legacy_bridge.unseen import no_standby, wait_for_standby
from tests.proxy.cli.commands import strangler

DOWNLOADS_AND_BELOW = [
    "pages",
    "page_images",
    "page_documents",
    "sites",
    "redirects",
    "boxes",
    "operating_systems",
    "releases",
    "release_files",
]
DOWNLOADS = ("sync", "run", "--once", "--domain", "downloads")
NUMBERS = count(1)
PROJECT = Path(__file__).resolve().parents[3]
INTERRUPTIBLE = """
import signal
from proxy.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""A shell has its background jobs, such as a whole test run, ignore Ctrl-C."""


@pytest.fixture
def legacy(stack: EmbeddedStack) -> str:
    """A legacy database with a few rows."""
    url = stack.create_database(f"cli_legacy_{next(NUMBERS)}")
    run(url, TABLES.decode())
    run(url, ROWS)
    return url


@pytest.fixture
def sides(stack: EmbeddedStack, legacy: str) -> Sides:
    """Its native database is one without tables."""
    return Sides(legacy, stack.create_database(f"cli_native_{next(NUMBERS)}"))


@pytest.fixture
def upgraded(stack: EmbeddedStack, legacy: str, native_template: str) -> Sides:
    """Its native database has tables without rows."""
    return Sides(legacy, stack.create_database(f"cli_native_{next(NUMBERS)}", native_template))


def test_db_upgrade_says_what_was_applied(sides: Sides) -> None:
    first = strangler(sides, "db", "upgrade")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == (
        "0001  The tables of downloads, boxes and pages\n"
        "0002  The bridge's own tables: what was copied when, and what was left out\n"
        "0003  The tables of users: accounts, permissions, memberships, addresses and tokens\n"
        "0004  The tables of all other domains but sponsors\n"
        "0005  The tables of sponsors: the catalogue, sponsorships, contracts and assets\n"
        "0006  How far each stream of changes has been applied\n"
        "0007  When each table was last compared with the legacy one, and what came out\n"
        "0008  How far the first copy of each table is, and from where on the rows of a stream are "
        "whole\n"
        "0009  Who owns the rows of each domain, and what lost against the owner\n"
        "0010  What replicas of the proxy share while the ownership of a domain changes\n"
        "0011  Which phase each domain has, and what speaks for or against the next one\n"
        "0012  Which rows left quarantine, until nobody can come with a change from before\n"
        "The native database is up to date (revision 0012).\n"
    )
    again = strangler(sides, "db", "upgrade")
    assert (again.exit_code, again.stdout) == (
        0,
        "The native database is up to date (revision 0012).\n",
    )


def test_db_upgrade_for_programs(sides: Sides) -> None:
    first = json.loads(strangler(sides, "db", "upgrade", "--json").stdout)
    applied = [step["revision"] for step in first.pop("applied")]
    assert applied == [f"{number:04}" for number in range(1, 13)]
    assert first == {"ok": True, "revision": head()}
    again = json.loads(strangler(sides, "db", "upgrade", "--json").stdout)
    assert again == {"ok": True, "revision": head(), "applied": []}


@pytest.mark.parametrize("command", [["db", "upgrade"], ["sync", "run", "--once"]])
def test_without_settings(command: list[str], folder: Path) -> None:
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    names = [line.partition(" ")[0] for line in lines]
    wanted = ["STRANGLER_LEGACY_DATABASE_URL"] * (command[0] == "sync")
    assert names == [*wanted, "STRANGLER_DATABASE_URL"]
    for line in lines:
        assert line.endswith(f"; export it, or write it into a .env file in {folder}")


@pytest.mark.parametrize("command", [["db", "upgrade"], ["sync", "run", "--once"]])
def test_a_server_that_is_not_there(sides: Sides, command: list[str]) -> None:
    nowhere = Sides(sides.legacy, "postgresql://me:s3cret@127.0.0.1:1/native")
    result = strangler(nowhere, *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "the native database (STRANGLER_DATABASE_URL) cannot be reached at 127.0.0.1:1/native: "
    )
    assert "s3cret" not in result.stderr
    answer = json.loads(strangler(nowhere, *command, "--json").stdout)
    assert answer == {"ok": False, "problems": [result.stderr.strip()]}


def test_a_native_database_without_tables(sides: Sides) -> None:
    result = strangler(sides, "sync", "run", "--once", "--domain", "boxes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "boxes: is not there in the native database\n"
        "bridge_chunks: is not there in the native database\n"
        "bridge_copies: is not there in the native database\n"
        "bridge_let_in: is not there in the native database\n"
        "bridge_owners: is not there in the native database\n"
        "bridge_quarantine: is not there in the native database\n"
        "bridge_streams: is not there in the native database\n"
        "the native database is not up to date: run `strangler db upgrade`\n"
    )


def test_without_a_stream_once_is_needed(upgraded: Sides) -> None:
    result = strangler(upgraded, "sync", "run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "there is no stream from the legacy database yet, or its first copy was not completed "
        "— run `strangler sync init`\n"
    )


def test_an_unknown_domain(upgraded: Sides) -> None:
    result = strangler(upgraded, "sync", "run", "--once", "--domain", "download")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--domain': 'download' is not one of "
        f"{', '.join(map(repr, DOMAINS))}."
    )


@pytest.mark.parametrize(
    ("arguments", "tables"),
    [
        (["--domain", "downloads"], DOWNLOADS_AND_BELOW),  # with what its pages show
        (["--domain", "boxes"], ["boxes"]),
        (["--domain", "pages"], DOWNLOADS_AND_BELOW[:6]),
    ],
)
def test_which_tables_are_copied(upgraded: Sides, arguments: list[str], tables: list[str]) -> None:
    result = strangler(upgraded, "sync", "run", "--once", "--json", *arguments)
    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert summary["ok"] is True
    assert summary["warnings"] == []
    assert [table["native"] for table in summary["tables"]] == tables
    assert set(upgraded.unequal()) & set(tables) == set()


def test_without_a_domain_all_are_copied(
    stack: EmbeddedStack, legacy_template: str, upgraded: Sides
) -> None:
    whole = Sides(stack.postgres_url(legacy_template), upgraded.native)
    result = strangler(whole, "sync", "run", "--once", "--json")
    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert [table["native"] for table in summary["tables"]] == [
        mapping.native for domain in DOMAINS.values() for mapping in domain.mapping
    ]
    assert whole.unequal(*DOMAINS) == []


def test_the_summary_for_people(upgraded: Sides) -> None:
    result = strangler(upgraded, "sync", "run", "--once", "--domain", "boxes")
    assert result.exit_code == 0
    header, boxes, end = result.stdout.splitlines()
    assert header.split() == ["table", "read", "inserted", "updated", "deleted", "s"]
    assert boxes.split()[:5] == ["boxes", "1", "1", "0", "0"]
    assert end.startswith("1 rows as of 20")
    assert end.endswith(" s: equal")
    assert result.stderr.startswith("boxes: 1 rows read (")


def test_the_summary_for_programs(upgraded: Sides) -> None:
    result = strangler(upgraded, "sync", "run", "--once", "--json", "--domain", "boxes")
    summary = json.loads(result.stdout)
    assert sorted(summary) == ["ok", "seconds", "snapshot", "started_at", "tables", "warnings"]
    assert sorted(summary["snapshot"]) == ["lsn", "taken_at"]
    (boxes,) = summary["tables"]
    assert isinstance(boxes.pop("seconds"), float)
    assert boxes == {
        "domain": "boxes",
        "legacy": "boxes_box",
        "native": "boxes",
        "rows": 1,
        "inserted": 1,
        "updated": 0,
        "deleted": 0,
        "refused": [],
    }


def test_rows_left_out_are_named_and_end_with_1(upgraded: Sides) -> None:
    run(upgraded.legacy, "UPDATE downloads_releasefile SET url = 'http://a.example/' WHERE id = 2")
    result = strangler(upgraded, *DOWNLOADS)
    assert result.exit_code == 1
    reason = (
        'new row for relation "release_files" violates check constraint "ck_release_files_own_urls"'
    )
    *_, named, end = result.stdout.splitlines()
    assert named == f"release_files id=2 (kept out): {reason}"
    assert end.endswith(" s: NOT equal: see the rows above, and bridge_quarantine")
    again = strangler(upgraded, *DOWNLOADS, "--json")
    assert again.exit_code == 1
    summary = json.loads(again.stdout)
    assert summary["ok"] is False
    assert summary["tables"][-1]["refused"] == [
        {"key": {"id": 2}, "reason": reason, "outcome": "kept out"}
    ]


def test_of_many_rows_left_out_the_first_are_named(upgraded: Sides) -> None:
    run(
        upgraded.legacy,
        """
        INSERT INTO downloads_releasefile
        SELECT n, now(), now(), '', n, '', false, 'http://a.example/' || n, '', '', 1, false,
               NULL, NULL, 1, 1, '', '', '', '', ''
        FROM generate_series(101, 125) AS n
        """,
    )
    result = strangler(upgraded, *DOWNLOADS)
    named = [line for line in result.stdout.splitlines() if line.startswith("release_files ")]
    assert named[1].startswith("release_files id=101 (kept out): ")
    assert len(named) == 1 + 20
    assert "release_files: 5 more rows" in result.stdout.splitlines()
    assert ask(upgraded.native, "SELECT count(*) FROM bridge_quarantine") == [(25,)]


def test_a_warning_is_no_failure(upgraded: Sides) -> None:
    run(upgraded.native, "ALTER TABLE boxes ALTER label TYPE varchar(50)")
    result = strangler(upgraded, "sync", "run", "--once", "--domain", "boxes")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == (
        "warning: boxes.label: is character varying(50), boxes_box.label is character varying(100)"
        " — rows with longer values will be quarantined"
    )


@pytest.mark.faults
def test_interrupted_it_changes_nothing_and_does_not_end_with_1(upgraded: Sides) -> None:
    copy = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *DOWNLOADS],
        cwd=PROJECT,
        env=os.environ | upgraded.settings | {"STRANGLER_FAILPOINT": "copy.before_commit=stop"},
        stderr=subprocess.PIPE,
        text=True,
    )
    _, status = os.waitpid(copy.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    copy.send_signal(signal.SIGINT)
    copy.send_signal(signal.SIGCONT)
    _, said = copy.communicate()
    assert (copy.returncode, said.splitlines()[-1]) == (130, "interrupted; repeating is safe")
    assert ask(upgraded.native, "SELECT count(*) FROM releases") == [(0,)]


def test_a_bar_on_a_terminal(upgraded: Sides) -> None:
    ours, theirs = pty.openpty()
    copy = subprocess.Popen(
        [sys.executable, "-c", "from proxy.cli import main; main()", *DOWNLOADS],
        cwd=PROJECT,
        env=os.environ | upgraded.settings | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b"".join(read_all(ours)).decode()
    assert copy.wait() == 0
    assert "release_files" in shown
    assert "3 rows" in shown
    assert "rows/s" in shown
    assert "━━━━" in shown


def read_all(terminal: int) -> Iterator[bytes]:
    """Until the last writer is gone, which a terminal reports as an error."""
    with suppress(OSError):
        while data := os.read(terminal, 65536):
            yield data
    os.close(terminal)


@pytest.mark.faults
def test_a_standby_that_does_not_answer_is_not_waited_for_forever(
    upgraded: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standbys, "ONCE_SECONDS", 0.5)
    monkeypatch.setattr(standbys, "LOOK_SECONDS", 0.05)
    wait_for_standby(upgraded.native)
    with no_standby(upgraded.native):
        done = strangler(upgraded, *DOWNLOADS)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "(STRANGLER_DATABASE_URL): a commit of ours has waited for 0.5 s" in done.stderr
    assert "synchronous_standby_names = 'nobody'" in done.stderr
    assert strangler(upgraded, *DOWNLOADS).exit_code == 0
    assert upgraded.unequal("downloads") == []
