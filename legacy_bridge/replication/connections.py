"""Connections to the two databases, and what to say when there is none. Passwords stay inside."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, LiteralString
from weakref import WeakSet

import psycopg
from psycopg.conninfo import conninfo_to_dict

from legacy_bridge.replication.faults import BridgeError

Connection = psycopg.Connection[tuple[Any, ...]]

LEGACY = "the legacy database (STRANGLER_LEGACY_DATABASE_URL)"
NATIVE = "the native database (STRANGLER_DATABASE_URL)"

MANNERS: dict[str, Any] = {
    "connect_timeout": 10,
    "client_encoding": "utf8",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Of every connection: seconds to wait for the server, and to take it for gone."""
LOCK_SECONDS = 30

WRITTEN_ALIKE = {
    # Many values travel as text: written and read in one way, whatever role or database have set.
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmloption": "content",
}

OPTIONS = WRITTEN_ALIKE | {
    # What a role or database may have set against long queries would end a long copy.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": f"{LOCK_SECONDS}s",
    # Who waited for a lock looks at the row again: it is judged as it is, not as it was.
    "default_transaction_isolation": "read committed",
    # Rows that a policy hides would be taken for deleted ones: rather an error.
    "row_security": "off",
    # A query ends soon after its client was killed, and with it the client's locks.
    "client_connection_check_interval": "2s",
}


class UnreachableError(BridgeError):
    """Whoever was connected before may try again."""


@contextmanager
def connected(url: str, what: str) -> Iterator[Connection]:
    """An autocommit connection; `what` is LEGACY or NATIVE and opens the message of a failure."""
    with open_connection(url, what) as connection:
        yield connection


def open_connection(url: str, what: str) -> Connection:
    """The same, for the caller to close."""
    try:
        connection = psycopg.connect(
            libpq_url(url), autocommit=True, application_name=who(), **MANNERS
        )
    except psycopg.Error as error:
        raise UnreachableError(unreachable(what, url, error)) from None
    for name, value in OPTIONS.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    connection.execute(_COMMITTED_FOR_GOOD)
    with _lock:
        _open.add(connection)
    return connection


_open: WeakSet[Connection] = WeakSet()
_lock = Lock()


def cut(side: Connection, pid: int) -> None:
    """Whoever waits on that connection of this process, to the database of `side`, has lost it."""
    place = side.info.host, side.info.port, side.info.dbname
    with _lock:
        found = [one for one in _open if not one.closed and one.info.backend_pid == pid]
    for one in found:
        if (one.info.host, one.info.port, one.info.dbname) == place:
            with (
                suppress(OSError, psycopg.Error),
                socket.socket(fileno=os.dup(one.fileno())) as ours,
            ):
                ours.shutdown(socket.SHUT_RDWR)


# What is committed is acknowledged to the other server, which forgets it then.
_COMMITTED_FOR_GOOD: LiteralString = """
SELECT set_config('synchronous_commit', 'local', false)
WHERE current_setting('synchronous_commit') = 'off'
"""


def who() -> str:
    """This process, as pg_stat_activity shows it."""
    return f"strangler {os.getpid()}@{socket.gethostname()}"[:63]


def libpq_url(url: str) -> str:
    """The URL without SQLAlchemy's driver: `postgresql+asyncpg://…` → `postgresql://…`."""
    return re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", url)


def unreachable(what: str, url: str, error: psycopg.Error) -> str:
    """Where we wanted to go and what the driver or the server said, without the password."""
    try:
        parts = conninfo_to_dict(libpq_url(url))
    except psycopg.Error:
        # What the parser complains about may be a part of the password.
        return f"{what} has no usable URL: it must look like postgresql://user:password@host/name"
    said = " ".join(str(error).split())
    if password := parts.get("password"):
        said = said.replace(str(password), "…")
    place = f"{parts.get('host', 'local socket')}:{parts.get('port', 5432)}/{parts.get('dbname')}"
    return f"{what} cannot be reached at {place}: {said} — check the setting and the server"
