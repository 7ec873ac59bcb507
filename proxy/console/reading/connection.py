"""A connection for one look at a database, which gives up rather than keep operators waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from legacy_bridge.replication.connections import NATIVE, Connection, connected
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError

STATEMENT_SECONDS = 5


@contextmanager
def looking(native_url: str) -> Iterator[Connection]:
    """Read only. Whatever goes wrong is a `BridgeError` that says what to do."""
    with connected(native_url, NATIVE) as native:
        native.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
        native.execute("SET default_transaction_read_only = on")
        try:
            yield native
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            raise BridgeError(NOT_UP_TO_DATE) from None
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise BridgeError(f"{NATIVE} does not answer: {said} — it is asked again") from None
