"""A replication connection, and what to say to whoever may not have one. Passwords stay inside."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from legacy_bridge.replication.connections import (
    MANNERS,
    WRITTEN_ALIKE,
    Connection,
    UnreachableError,
    connected,
    libpq_url,
    unreachable,
    who,
)
from legacy_bridge.replication.faults import BridgeError


class StreamLost(BridgeError):  # noqa: N818  # it says what is so
    """The connection is gone; the slot remembers. A new stream goes on where this one was."""


OLDEST_VERSION = 15_00_00
SETTINGS = WRITTEN_ALIKE | {
    # An exported snapshot keeps the connection within a transaction, however long the copy takes.
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
    # From version 18 on, that a publication is missing is a warning only.
    "client_min_messages": "warning",
}


def open_replication(url: str, what: str) -> Connection:
    """An autocommit connection for replication commands and SQL without parameters; to be closed.

    `what` is LEGACY or NATIVE. Raises `BridgeError` with what an administrator has to do.
    """
    try:
        connection = psycopg.connect(
            libpq_url(url),
            autocommit=True,
            replication="database",
            application_name=who(),
            **MANNERS,
        )
    except psycopg.Error as error:
        raise BridgeError(_why(url, what, error)) from None
    if connection.info.server_version < OLDEST_VERSION:
        connection.close()
        raise BridgeError(
            f"{what} is served by PostgreSQL {connection.info.server_version // 10000}:"
            " replication needs version 15 or later — upgrade the server"
        )
    for name, value in SETTINGS.items():
        # The protocol's own parameters do not exist on such a connection.
        connection.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    return connection


def _why(url: str, what: str, error: psycopg.Error) -> str:
    """Found out over an ordinary connection: what the server says may be in any language. Raises
    `UnreachableError` for what may pass by itself."""
    with connected(url, what) as connection:
        user = sql.Identifier(connection.info.user).as_string()
        may, on_amazon = connection.execute(_MAY_REPLICATE).fetchone() or (True, False)
        if not may:
            grant = "GRANT rds_replication TO {}" if on_amazon else "ALTER ROLE {} REPLICATION"
            return (
                f"{what}: the user {user} may not replicate — "
                f"let an administrator run: {grant.format(user)};"
            )
        used, limit = connection.execute(_SENDERS).fetchone() or (0, 1)
        if used >= limit:
            return (
                f"{what}: all {limit} connections for replication are in use — "
                "set max_wal_senders higher and restart the server, or end one of them"
            )
    # Or the server was being started when it was asked first: that passes.
    raise UnreachableError(
        f"{unreachable(what, url, error)}; pg_hba.conf, or a pooler in front, may refuse it"
    )


_MAY_REPLICATE: LiteralString = """
SELECT u.rolreplication OR u.rolsuper OR coalesce(pg_has_role(u.oid, a.oid, 'USAGE'), false),
       a.oid IS NOT NULL
FROM pg_roles AS u LEFT JOIN pg_roles AS a ON a.rolname = 'rds_replication'
WHERE u.rolname = session_user
"""
_SENDERS: LiteralString = """
SELECT (SELECT count(*) FROM pg_stat_get_wal_senders() WHERE pid IS NOT NULL),
       current_setting('max_wal_senders')::int
"""


def require_logical_wal(connection: Connection, what: str) -> None:
    """Raises `BridgeError` unless the server writes what decoding needs."""
    (level,) = connection.execute("SHOW wal_level").fetchone() or ("unknown",)
    if level != "logical":
        raise BridgeError(
            f"{what}: the server does not write what replication needs (wal_level is {level}) — "
            "let an administrator run: ALTER SYSTEM SET wal_level = 'logical'; "
            "and restart the server. Managed servers have a switch of their own for it, such as "
            "rds.logical_replication = 1 or cloudsql.logical_decoding = on"
        )


def send_command(connection: Connection, command: sql.Composed) -> None:
    """Without waiting. psycopg's own methods neither give up waiting nor know two-way copying."""
    connection.pgconn.send_query(command.as_bytes(connection))


def wait_for_result(connection: Connection, seconds: float) -> PGresult | None:
    """Of the command sent; None if it takes longer. Raises `psycopg.Error` if it failed."""
    pgconn = connection.pgconn
    deadline = monotonic() + seconds
    while pgconn.flush() or pgconn.is_busy():
        left = deadline - monotonic()
        if left <= 0:
            return None
        wait_for_socket(connection, left)
        pgconn.consume_input()
    result = pgconn.get_result()
    if result is None:
        raise psycopg.OperationalError("the server has not answered")
    while result.status != ExecStatus.COPY_BOTH and pgconn.get_result():
        pass  # to the end of the command, which follows at once: the next one can be sent
    if result.status in (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE):
        raise error_from_result(result)
    return result


def wait_for_socket(connection: Connection, seconds: float, *, write: bool = False) -> bool:
    """Until there is something to read (or room to write), or the time is over: False."""
    waiting = select.poll()  # select.select() takes no file number above 1023
    waiting.register(connection.fileno(), select.POLLIN | (select.POLLOUT if write else 0))
    return bool(waiting.poll(max(seconds, 0) * 1000))


@contextmanager
def told(what: str) -> Iterator[None]:
    """What the server or the driver says as a `BridgeError`; a connection that ended, `StreamLost`.

    Neither says anything of a password once there was a connection.
    """
    try:
        yield
    except psycopg.Error as error:
        said = error.diag.message_primary or " ".join(str(error).split())
        state = error.sqlstate or "08000"
        if state.startswith(_PASSING):
            raise StreamLost(f"{what} has ended the connection: {said}") from None
        raise BridgeError(f"{what}: {said} (SQLSTATE {state})") from error


_PASSING = (
    "08",  # the connection
    "53",  # resources of the server
    "57",  # an administrator
)
