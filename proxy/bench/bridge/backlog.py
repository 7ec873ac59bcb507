"""Many small transactions that were committed while nobody applied, beside plain upserts."""

from collections.abc import Iterator

from psycopg import sql

from proxy.bench.bridge import helper, psql
from proxy.bench.bridge.figures import Figure, Memory, Wanted, beside
from proxy.bench.bridge.plan import BACKLOG, BridgePlan
from proxy.bench.bridge.site import NARROW, Site
from proxy.bench.bridge.statements import BACKLOG as STATEMENT

WANTED = Wanted("ratio", 10.0)
PSQL, LOOP = "psql: an upsert each", "psycopg: an upsert each"
MODES = {"both": "both ways", "forward": "one way"}
"""With the way back, which reads all that is applied, followed beside; or with nobody there."""


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    site.clear()
    site.fill(NARROW, plan.backlog)
    helper.done(site, "copy", domains=[NARROW])
    ours: dict[str, list[float]] = {mode: [] for mode in MODES}
    memory: dict[str, list[Memory]] = {mode: [] for mode in MODES}
    cpu: dict[str, list[float]] = {mode: [] for mode in MODES}
    theirs: dict[str, list[float]] = {PSQL: [], LOOP: []}
    errors: list[str] = []
    twin = site.twin(NARROW)
    first = 2 * plan.backlog
    for round_ in range(plan.rounds):
        start = 2 * round_ * plan.plain
        theirs[PSQL].append(psql.upserts_per_second(site, twin, plan.plain, start))
        theirs[LOOP].append(psql.looped_per_second(site, twin, plan.plain, start + plan.plain))
        for mode in MODES:
            first += plan.backlog
            _commit(site, plan.backlog, first)
            applied = helper.done(site, mode, expected=plan.backlog)
            ours[mode].append(plan.backlog / applied.seconds)
            memory[mode].append(applied.memory)
            cpu[mode].append(applied.told["cpu_seconds"] / plan.backlog * 1e6)
            errors += [*applied.told["faults"], *site.differing(NARROW)]
    for mode, how in MODES.items():
        for peer, rates in theirs.items():
            yield beside(
                BACKLOG,
                f"backlog of {plan.backlog:,}, {how}",
                ours[mode],
                rates,
                peer,
                wanted=WANTED if peer == PSQL else None,
                memory=memory[mode] if peer == PSQL else (),
                cpu_us=cpu[mode] if peer == PSQL else (),
                errors=errors,
            )
            errors = []  # told once


def _commit(site: Site, count: int, first: int) -> None:
    values = {"count": sql.Literal(count), "first": sql.Literal(first)}
    site.run(site.legacy, sql.SQL(STATEMENT).format(**values))
    site.settle()
