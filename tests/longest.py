"""Which files are begun first, so that no worker is left alone with a long one at the end.

xdist begins with the files that have most tests; what takes long here has few.
"""

from collections import Counter
from pathlib import Path

import pytest

LONGEST = (
    "proxy/test_demo.py",
    "proxy/console/test_doing.py",
    "proxy/ownership/test_flip.py",
    "proxy/bridge/test_beside_workers.py",
    "proxy/ownership/test_phases_served.py",
    "proxy/ownership/test_replicas.py",
    "proxy/ownership/test_reading_back.py",
    "proxy/shadow/test_whole.py",
    "proxy/shadow/test_writes.py",
    "browser/test_console.py",
    "loadtests/test_journeys_load.py",
    "legacy_bridge/replication/chaos/test_chaos.py",
    "legacy_bridge/replication/apply/test_pitfalls_faults.py",
    "legacy_bridge/replication/both_ways/test_found.py",
    "ported_domains/sponsors/test_copy.py",
    "ported_domains/users/test_copy.py",
    "proxy/console/test_showing.py",
    "proxy/supervisor/test_supervise.py",
    "proxy/test_serve.py",
    "proxy/bench/test_memory.py",
    "proxy/test_passed_on_served.py",
    "proxy/test_flips.py",
    "proxy/console/test_who_may.py",
    "proxy/console/test_without.py",
    "proxy/traffic/test_served.py",
    "legacy_bridge/replication/both_ways/test_standbys.py",
    "browser/test_journey.py",
    "browser/test_accessibility.py",
    "browser/test_forms.py",
)
"""Below tests/, by how long they take."""


def longest_first(items: list[pytest.Item], tests: Path) -> None:
    """Order files: those of `LONGEST`, then by the number of their tests. Tests of a file stay."""
    files = {item: item.path.relative_to(tests).as_posix() for item in items}
    number = Counter(files.values())
    place = {file: at for at, file in enumerate(LONGEST)}
    items.sort(
        key=lambda item: (place.get(files[item], len(LONGEST)), -number[files[item]], files[item])
    )
