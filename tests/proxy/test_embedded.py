"""The embedded servers: where they start, what they keep, and that nothing of them stays behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from proxy.embedded import child
from proxy.embedded.child import Child, EmbeddedError, accepts
from proxy.embedded.stack import EmbeddedStack, temporary_stack
from tests.longer import sampled

HOLD = """
import signal
import sys
from pathlib import Path
from proxy.embedded.stack import EmbeddedStack
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits "ignore"
with EmbeddedStack(Path(sys.argv[1]), durable=False) as stack:
    print(stack.postgres_url("postgres"), stack.redis_url, flush=True)
    sys.stdin.read()
"""


class Holder(NamedTuple):
    """Another process with a running stack."""

    process: subprocess.Popen[str]
    postgres: str
    redis: str

    def listening(self) -> list[bool]:
        return [accepts(urlsplit(url).port or 0) for url in (self.postgres, self.redis)]


@contextmanager
def held(folder: Path) -> Iterator[Holder]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        holder = Holder(process, *process.stdout.readline().split())
        try:
            yield holder
        finally:
            process.kill()
            assert eventually(lambda: holder.listening() == [False, False])


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not (held_now := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return held_now


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's account can reach; pytest's own are closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_postgres_can_decode_its_log_for_the_bridge(stack: EmbeddedStack) -> None:
    url = stack.create_database("decoding")
    slot = "SELECT slot_name FROM pg_create_logical_replication_slot('a_slot', 'pgoutput')"
    assert value(url, slot) == "a_slot"
    assert value(url, "SELECT pg_drop_replication_slot('a_slot')") == ""


def test_names_sort_by_code_point_and_letters_fold_as_unicode(stack: EmbeddedStack) -> None:
    url = stack.postgres_url("postgres")
    ordered = "SELECT string_agg(n, '' ORDER BY n) FROM (VALUES ('ä'), ('b'), ('_'), ('B')) v(n)"
    assert value(url, ordered) == "B_bä"
    assert value(url, "SELECT upper('äé')") == "ÄÉ"


def test_a_database_is_cloned_from_a_template(stack: EmbeddedStack) -> None:
    original = stack.create_database("original")
    with psycopg.connect(original) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 + 1 AS answer")
    assert value(stack.create_database("clone", template="original"), "TABLE kept") == 42
    assert stack.has_database("clone")
    assert not stack.has_database("another")


def test_redis_asks_for_its_password(stack: EmbeddedStack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.set("key", "word") is True
    port = urlsplit(stack.redis_url).port or 0
    once = Retry(NoBackoff(), 0)
    with (
        redis.Redis("127.0.0.1", port, retry=once) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.get("key")


def test_a_second_start_keeps_databases_and_password(place: Path) -> None:
    folder = place / "a folder with spaces, ümlauts and 'quotes'" / ("long" * 50)
    with EmbeddedStack(folder) as first:
        url = first.create_database("kept")
        password = urlsplit(url).password
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
    with EmbeddedStack(folder) as second:
        again = second.postgres_url("kept")
        assert value(again, "TABLE kept") == "still here"
        assert urlsplit(again).password == password


def test_passwords_are_private(place: Path) -> None:
    with EmbeddedStack(place / "x", durable=False) as stack:
        urls = stack.postgres_url("postgres"), stack.redis_url
        passwords = [urlsplit(url).password or "" for url in urls]
        assert min(map(len, passwords)) >= 32
        running = psutil.process_iter(["cmdline"])
        commands = "\n".join(" ".join(process.info["cmdline"] or ()) for process in running)
        assert "redis-server" in commands
        for file in (place / "x").glob("*"):
            if file.is_file() and any(word in file.read_text() for word in passwords):
                assert file.stat().st_mode & 0o777 == 0o600, file
        assert not any(word in commands for word in passwords)


def test_two_run_at_once_in_different_folders(stack: EmbeddedStack) -> None:
    with temporary_stack() as other:
        assert value(other.postgres_url("postgres"), "SELECT 1") == 1
        assert value(stack.postgres_url("postgres"), "SELECT 1") == 1
        gone = other.postgres_url("postgres"), other.redis_url
    assert not any(accepts(urlsplit(url).port or 0) for url in gone)


def test_a_free_port_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    free = child.free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(child, "PORTS", (port, free))
        assert {child.free_port() for _ in range(10)} == {free}
        monkeypatch.setattr(child, "PORTS", (port,))
        with pytest.raises(EmbeddedError, match=rf"from {port} to {port} can be had \(100 were"):
            child.free_port()


def test_the_folder_of_a_running_one_is_refused(place: Path) -> None:
    with held(place / "x") as holder:
        with pytest.raises(EmbeddedError, match=f"in use by process {holder.process.pid}"):
            EmbeddedStack(place / "x")
        assert holder.listening() == [True, True]


@pytest.mark.parametrize(
    "number", sampled([signal.SIGKILL, signal.SIGINT, signal.SIGTERM], short=1)
)
def test_nothing_runs_on_after_its_starter(place: Path, number: signal.Signals) -> None:
    """SIGINT goes to the whole terminal group, as Ctrl-C does."""
    with held(place / "x") as holder:
        assert holder.listening() == [True, True]
        os.killpg(holder.process.pid, number)
        holder.process.wait(20)
        assert eventually(lambda: holder.listening() == [False, False])
    with EmbeddedStack(place / "x", durable=False) as again:
        assert value(again.postgres_url("postgres"), "SELECT 1") == 1


def test_a_server_left_running_is_ended_by_the_next_start(place: Path) -> None:
    """Both the starter and its keeper are gone or stuck; the data is still in use by a server."""
    folder = place / "x"
    with held(folder) as holder:
        keepers = psutil.Process(holder.process.pid).children()
        for keeper in keepers:
            keeper.suspend()
        holder.process.kill()
        holder.process.wait(20)
        assert holder.listening() == [True, True]
        try:
            with EmbeddedStack(folder, durable=False) as again:
                assert value(again.postgres_url("postgres"), "SELECT 1") == 1
                assert holder.listening()[0] is False
        finally:
            for keeper in keepers:
                keeper.resume()
        assert eventually(lambda: holder.listening() == [False, False])


def test_the_pid_file_of_a_crash_does_not_keep_it_from_starting(place: Path) -> None:
    folder = place / "x"
    with EmbeddedStack(folder, durable=False):
        pass
    data = next(folder.glob("postgres"))
    # Our own number: alive, but no PostgreSQL of this folder.
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n1\n\n127.0.0.1\n")
    with EmbeddedStack(folder, durable=False) as again:
        assert value(again.postgres_url("postgres"), "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own a folder closed to PostgreSQL")
def test_root_in_a_folder_that_nobody_else_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stack = EmbeddedStack(closed / "x", durable=False)
    with stack:
        home = Path(str(value(stack.postgres_url("postgres"), "SHOW data_directory"))).parent
        assert not home.is_relative_to(closed)
    stack.delete()
    assert not home.exists()
    assert not (closed / "x").exists()


def test_a_server_that_ends_at_once_says_why_and_leaves_nothing_open(tmp_path: Path) -> None:
    script = "import sys; sys.exit('no room for me')"
    opened = set(Path("/proc/self/fd").iterdir())
    child = Child("The thing", [sys.executable, "-c", script], log=tmp_path / "log")
    with pytest.raises(EmbeddedError, match=r"The thing ended at once .exit 1.:\n  no room for me"):
        child.wait_until(lambda: False, within=30)
    assert set(Path("/proc/self/fd").iterdir()) == opened


def test_a_server_that_ignores_its_stop_signal_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    )
    log = tmp_path / "log"
    child = Child("The thing", [sys.executable, "-c", script], log=log, grace=0.1)
    child.wait_until(lambda: log.read_text() == "up\n", within=30)
    child.close()
    assert not child.running
