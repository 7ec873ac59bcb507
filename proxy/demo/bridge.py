"""Steps of the walk: the bridge, which keeps the two databases in step while everything runs."""

import json
import time
from collections.abc import Callable

import httpx

from proxy.demo.admin import RELEASE_NOTES
from proxy.demo.expectations import column, expect
from proxy.demo.system import System

CARRIED_SECONDS = 5.0
"""Within this a change is on the other side, however busy the machine."""


def followed(system: System, visitor: httpx.Client) -> str:
    """The row that `admin.edit` has just saved."""
    query = f"SELECT count(*) FROM releases WHERE release_notes_url = '{RELEASE_NOTES}'"  # noqa: S608
    milliseconds = carried(lambda: column(system, query, native=True) == [1])
    return f"the edited release was in the native database {milliseconds} ms after it was asked for"


def compared(system: System, visitor: httpx.Client) -> str:
    report = json.loads(system.run("sync", "verify", "--json").splitlines()[-1])
    tables = report["tables"]
    differing = [table["table"] for table in tables if not table["equal"]]
    expect(differing == [], f"rows differ in {', '.join(differing)}")
    rows = sum(table["rows"] for table in tables)
    return f"{rows} rows in {len(tables)} tables: equal on both sides"


def carried(there: Callable[[], bool]) -> int:
    """Milliseconds until that is so."""
    began = time.monotonic()
    while not there():
        expect(time.monotonic() - began < CARRIED_SECONDS, "it was not carried to the other side")
    return round((time.monotonic() - began) * 1000)
