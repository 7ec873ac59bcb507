"""In a process of its own: legacy URL, native URL, then `init`, `once` or nothing."""

import sys
from threading import Event

from legacy_bridge.replication.run import follow
from tests.legacy_bridge.replication.apply.live import Seen, begin
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides

if __name__ == "__main__":
    sides = Sides(legacy=sys.argv[1], native=sys.argv[2])
    if "init" in sys.argv[3:]:
        begin(sides)
    else:
        once = "once" in sys.argv[3:]
        follow(sides.legacy, sides.native, MAPPINGS, Seen(), Event(), once=once)
