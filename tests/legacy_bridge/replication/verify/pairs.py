"""Ways for the tests of this folder to compare, and to say what came out."""

from collections.abc import Mapping, Sequence
from typing import Any

from legacy_bridge.replication.copy import Unwatched
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.verify.compare import VerifiedTable, VerifyReport, verify_domains
from legacy_bridge.replication.verify.repair import RepairReport, repair_domains
from tests.legacy_bridge.replication.sides import FEW, MAPPINGS, Sides

Domains = Mapping[str, Sequence[TableMapping]]
ALL: Domains = {name: MAPPINGS[name] for name in FEW}

Found = dict[str, list[tuple[Any, ...]]]
"""Native table → (values of the key, kind, columns that differ)."""


def verify(sides: Sides, domains: Domains = ALL) -> VerifyReport:
    return verify_domains(sides.legacy, sides.native, domains, Unwatched())


def repair(sides: Sides, domains: Domains = ALL, *, dry_run: bool = False) -> RepairReport:
    return repair_domains(sides.legacy, sides.native, domains, Unwatched(), dry_run=dry_run)


def differences(report: VerifyReport) -> Found:
    found = {table.native: differing(table) for table in report.tables}
    return {name: rows for name, rows in found.items() if rows}


def differing(table: VerifiedTable) -> list[tuple[Any, ...]]:
    return [(*row.key.values(), row.kind, *row.columns) for row in table.differences]
