"""One PostgreSQL cluster in a folder: made on first use, on a free port, stopped with us."""

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import LiteralString
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from proxy.embedded.binaries import (
    REMEDY,
    Account,
    copy_install,
    may_enter,
    may_run,
    postgres_account,
    postgres_install,
)
from proxy.embedded.child import (
    Child,
    EmbeddedError,
    on_free_port,
    quiet_environment,
    write_private,
)

SUPERUSER = "strangler"
START_SECONDS = 60
STOP_SECONDS = 20
TEMPORARY_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # only below our own folder

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    # No socket file: its path may have 107 bytes only, a project's folder any number.
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    # A slot that nobody reads any more must not fill the disk of somebody trying the demo.
    "max_slot_wal_keep_size": "1GB",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_checkpoints": "off",
}
FORGETFUL_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Faster, and nothing is left after a crash of the machine: for tests."""
# Names sort by code point, as in the legacy site, on every operating system.
LOCALE: Sequence[str] = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


class EmbeddedPostgres:
    """A running cluster. `folder` is locked by the caller and holds data, log and password.

    `options` are settings of the server's that stand above ours.
    """

    def __init__(
        self, folder: Path, *, durable: bool, options: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._account = postgres_account()
        home = _home(folder, self._account)
        self._log = folder / "postgres.log"
        self._install = _usable_install(home, self._account)
        self._data = home / "postgres"
        self._options = OPTIONS | ({} if durable else FORGETFUL_OPTIONS) | dict(options)
        self._password = _password(folder / "postgres.password")
        if (self._data / "PG_VERSION").exists():
            _stop_orphan(self._data)
        else:
            self._initialise()
        self._server = on_free_port(self._start)

    def url(self, database: str) -> str:
        """`postgresql://…` of one database, with the superuser's password."""
        place = f"127.0.0.1:{self._port}/{quote(database, safe='')}"
        return f"postgresql://{SUPERUSER}:{self._password}@{place}"

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run one statement outside a transaction; each `{}` stands for a name."""
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(composed)

    def has_database(self, name: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def close(self) -> None:
        self._server.close()

    def delete(self) -> None:
        """Remove the data (and a copy of the programs) of a stopped cluster."""
        self.close()
        shutil.rmtree(self._data.parent, ignore_errors=True)

    def _initialise(self) -> None:
        """`initdb` beside, then one rename: an interrupted one leaves nothing that looks usable."""
        unfinished = self._data.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = unfinished.with_name("initial.password")
        write_private(password, self._password)
        for path in (unfinished, password) if self._account else ():
            os.chown(path, *self._account or ())
        try:
            self._initdb(unfinished, password)
        finally:
            password.unlink()
        unfinished.rename(self._data)

    def _initdb(self, data: Path, password: Path) -> None:
        uid, gid = self._account or (None, None)
        done = subprocess.run(
            [
                self._install / "bin" / "initdb",
                f"--pgdata={data}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *LOCALE,
                "--no-sync",
                "--no-instructions",
            ],
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            cwd="/",
            env=quiet_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout + done.stderr
            raise EmbeddedError(f"initdb failed in {data}:\n{said}If it cannot run here, {REMEDY}")

    def _start(self, port: int) -> Child:
        self._port = port
        options = self._options | {"port": str(port)}
        server = Child(
            "PostgreSQL",
            [
                str(self._install / "bin" / "postgres"),
                "-D",
                str(self._data),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            log=self._log,
            environment=quiet_environment(),
            account=self._account,
            # Fast shutdown: clients are cut off, the data is left clean.
            stop_signal=signal.SIGINT,
            grace=STOP_SECONDS,
        )
        server.wait_until(self._answers, within=START_SECONDS)
        return server

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            return True
        return False


def _home(folder: Path, account: Account | None) -> Path:
    """Where the data can lie: in `folder`, or in a temporary one if that account cannot reach it.

    A clone below /root is such a place: nobody but root may enter.
    """
    if account is None or may_enter(account, folder):
        return folder
    name = f"strangler-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"
    for place in (tempfile.gettempdir(), *TEMPORARY_FOLDERS):
        home = Path(place) / name
        with suppress(OSError):
            home.mkdir(mode=0o755, exist_ok=True)
            # Somebody else may have made it first, to read what we put there.
            if not home.is_symlink() and home.stat().st_uid == os.geteuid():
                home.chmod(0o755)
                if may_enter(account, home):
                    return home
    raise EmbeddedError(f"no folder that both root and PostgreSQL's account can use — {REMEDY}")


def _usable_install(home: Path, account: Account | None) -> Path:
    install = postgres_install()
    if account is None or may_run(account, install / "bin" / "initdb"):
        return install
    copy = copy_install(install, home / "programs")
    if not may_run(account, copy / "bin" / "initdb"):
        raise EmbeddedError(f"{copy} cannot be run by an unprivileged account — {REMEDY}")
    return copy


def _password(path: Path) -> str:
    """The superuser's password, made on first use and kept for the next start."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def _stop_orphan(data: Path) -> None:
    """End a server that an earlier run left behind with this data.

    Our lock on the folder says that this run is over. That the process is a PostgreSQL working in
    this very folder is looked up first, since its number may have gone to another one meanwhile.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if _works_in(pid, data):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while _works_in(pid, data) and time.monotonic() < deadline:
            time.sleep(0.02)
    if not _works_in(pid, data):
        # PostgreSQL takes any living process of ours with that number for another postmaster.
        (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is alive and its folder, which postgres changes to, is `data`."""
    with suppress(psutil.Error):
        return Path(psutil.Process(pid).cwd()) == data.resolve()
    return False
