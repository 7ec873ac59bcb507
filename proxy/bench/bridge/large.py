"""One transaction that is larger than what may be in memory."""

from collections.abc import Iterator

from proxy.bench.bridge import helper
from proxy.bench.bridge.figures import Figure, Wanted
from proxy.bench.bridge.plan import LARGE, MIB, BridgePlan
from proxy.bench.bridge.site import NARROW, WIDE, Site
from proxy.bench.bridge.statements import BIG, BIG_ROW_BYTES

WANTED = Wanted("added_mib", 128.0, least=False)


def measure(site: Site, plan: BridgePlan) -> Iterator[Figure]:
    site.clear()
    helper.done(site, "copy", domains=[NARROW, WIDE])
    rows = plan.large // BIG_ROW_BYTES
    site.run(site.legacy, BIG, rows)
    site.settle()
    applied = helper.done(site, "both", expected=1)
    yield Figure(
        part=LARGE,
        name=f"transaction of {plan.large // MIB:,} MiB",
        unit="MiB/s",
        ours=round(plan.large / MIB / applied.seconds, 1),
        wanted=WANTED,
        before_mib=applied.memory.before,
        peak_mib=applied.memory.peak,
        errors=(*applied.told["faults"], *site.differing(WIDE)),
    )
