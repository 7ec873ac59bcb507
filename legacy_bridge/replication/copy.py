"""One copy: every table of some domains from the legacy database to the native one.

The way of a row: legacy table → one snapshot → COPY, transformed in SQL → staging → one native
transaction that changes only what differs. Killed at any point, the native side is as before.
"""

import getpass
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import psycopg

from legacy_bridge.replication import connections, preflight, records
from legacy_bridge.replication.catalogue import TableFacts, read_catalogue
from legacy_bridge.replication.checks import Misfit, misfits
from legacy_bridge.replication.connections import LEGACY, NATIVE, Connection, connected
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.merge import Merged, merge
from legacy_bridge.replication.quarantine import Refused
from legacy_bridge.replication.snapshot import Snapshot, snapshot, stage
from legacy_bridge.replication.statements import TablePair
