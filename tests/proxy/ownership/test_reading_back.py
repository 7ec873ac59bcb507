"""Visitors read what they have just written, across the sides, while the bridge is two seconds
behind (long: scripts/flip_drill --part back)."""

from loadtests.reading_back import read_back
from loadtests.replicas import STAFF, reading_back_system

PAIRS = 30
VISITORS = 10


async def test_nobody_reads_what_was_before_their_write() -> None:
    with reading_back_system(workers=2) as url:
        # Who brings no cookie is nobody's visitor: this is what they would all see. Few at a time,
        # so that each reads well before the two seconds are over.
        unknown = await read_back(
            url, STAFF, pairs=VISITORS, visitors=2, with_cookies=False, name="nobody"
        )
        assert unknown.failures == []
        assert len(unknown.stale) == unknown.owners["native"] == VISITORS
        report = await read_back(url, STAFF, pairs=PAIRS, visitors=VISITORS)
        assert (report.failures, report.stale, report.pairs) == ([], [], PAIRS)
