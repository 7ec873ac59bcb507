"""A copy in a process of its own, to be stopped or killed: legacy URL, native URL. Prints how many
bytes of memory it took beyond what it had before."""

import resource
import sys

from tests.legacy_bridge.replication.sides import Sides


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    before = peak()
    Sides(legacy=sys.argv[1], native=sys.argv[2]).copy()
    sys.stdout.write(f"{peak() - before}\n")
