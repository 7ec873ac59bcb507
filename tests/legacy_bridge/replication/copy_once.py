"""A copy in a process of its own, to be stopped or killed: legacy URL, native URL. Prints how many
bytes of memory it took beyond what it had before."""

import re
import sys
from pathlib import Path

from tests.legacy_bridge.replication.sides import Sides

STATUS = Path("/proc/self/status")


def peak() -> int:
    """0 where the system does not say. Not ru_maxrss: that begins with what the parent had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text() if STATUS.exists() else "")
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    before = peak()
    Sides(legacy=sys.argv[1], native=sys.argv[2]).copy()
    sys.stdout.write(f"{peak() - before}\n")
