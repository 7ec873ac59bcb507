"""The first copy of a table, beside a bare pipe of it."""

from collections.abc import Iterator

from proxy.bench.bridge import helper, psql
from proxy.bench.bridge.figures import Figure, Wanted, beside
from proxy.bench.bridge.plan import COPY, BridgePlan
from proxy.bench.bridge.site import NARROW, WIDE, Site

WANTED = Wanted("ratio", 0.6)
PEER = "psql: binary COPY, piped"


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    for domain, rows in ((NARROW, plan.narrow), (WIDE, plan.wide)):
        site.clear()
        site.fill(domain, rows)
        yield _figure(site, domain, rows, plan.rounds)


def _figure(site: Site, domain: str, rows: int, rounds: int) -> Figure:
    ours, theirs, memory, errors = [], [], [], []
    for _ in range(rounds):
        site.empty(domain)
        site.settle()
        copied = helper.done(site, "copy", domains=[domain])
        ours.append(rows / copied.seconds)
        memory.append(copied.memory)
        errors += [*copied.told["faults"], *site.differing(domain)]
        twin = site.twin(domain)
        site.settle()
        theirs.append(rows / psql.pipe_seconds(site, domain, twin))
    return beside(
        COPY,
        f"first copy, {rows:,} {domain}",
        ours,
        theirs,
        PEER,
        wanted=WANTED,
        memory=memory,
        errors=errors,
    )
