"""Both sides compared, beside one scan of the legacy table."""

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import LiteralString

import psycopg
from psycopg import sql

from proxy.bench.bridge import helper
from proxy.bench.bridge.figures import Figure, beside
from proxy.bench.bridge.plan import VERIFY, BridgePlan
from proxy.bench.bridge.site import NARROW, WIDE, Site, mapping_of

COUNTING, HASHING = "scan: count(*)", "scan: sum of row hashes, 1 process"
SCANS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    COUNTING: ("SELECT count(*) FROM {} AS t", "SELECT 1"),
    HASHING: (
        "SELECT count(*), sum(hashtext(t::text)::bigint) FROM {} AS t",
        "SET max_parallel_workers_per_gather = 0",
    ),
}
"""Statement, and what is set before."""


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    for domain, rows in ((NARROW, plan.narrow), (WIDE, plan.wide)):
        site.clear()
        site.fill(domain, rows)
        helper.done(site, "copy", domains=[domain])
        site.settle()
        yield from _figures(site, domain, rows, plan.rounds)


def _figures(site: Site, domain: str, rows: int, rounds: int) -> Iterator[Figure]:
    ours, memory, errors = [], [], []
    theirs: dict[str, list[float]] = {name: [] for name in SCANS}
    for _ in range(rounds):
        verified = helper.done(site, "verify", domains=[domain])
        ours.append(rows / verified.seconds)
        memory.append(verified.memory)
        errors += verified.told["faults"]
        for name in SCANS:
            theirs[name].append(rows / _scan_seconds(site, domain, name))
    for name in SCANS:
        title = f"verify, {rows:,} {domain}"
        yield beside(VERIFY, title, ours, theirs[name], name, memory=memory, errors=errors)
        errors, memory = [], []  # told once


def _scan_seconds(site: Site, domain: str, name: str) -> float:
    statement, before = SCANS[name]
    table = sql.Identifier(mapping_of(domain).legacy)
    with psycopg.connect(site.legacy, autocommit=True) as connection:
        connection.execute(before)
        began = perf_counter()
        connection.execute(sql.SQL(statement).format(table))
        return perf_counter() - began
