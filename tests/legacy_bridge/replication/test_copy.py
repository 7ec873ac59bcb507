"""A copy of real tables between real databases: equal afterwards, and nothing done twice."""

from threading import Thread
from typing import LiteralString

import psycopg
import pytest

from legacy_bridge.replication.connections import who
from legacy_bridge.replication.records import last_copies
from replication_sides import Sides
