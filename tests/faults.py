"""Faults of every kind, brought about and looked at. `proxy`: every row of docs/faults.md.
`bridge`: load on both databases while processes are killed and stopped, connections cut and
servers crashed; then both are compared, with each other and with what was acknowledged.

Exit code 1 where something is not as it should be.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from tests.legacy_bridge.replication.chaos.play import SHORT, play
from tests.legacy_bridge.replication.chaos.report import Report
from tests.legacy_bridge.replication.chaos.report import show as show_report
from tests.legacy_bridge.replication.chaos.writer import HARDER, Manner
from tests.proxy.faults import table
from tests.proxy.faults.document import DOCUMENT, document
from tests.proxy.faults.rows import ROWS
from tests.proxy.faults.table import Played

MINUTES = 10.0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("proxy", "bridge", "all"), default="all")
    parser.add_argument(
        "--short",
        action="store_true",
        help=f"the proxy's without those that have to wait, {SHORT.seconds:.0f} s of the bridge's",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=MINUTES,
        help="of load on the bridge (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, help="of the load and the faults (default: one that is shown)"
    )
    parser.add_argument(
        "--harder",
        action="store_true",
        help="on the bridge: three times as many transactions, twice as many on the side that"
        " does not own their rows, and six times as many that empty a table",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="leave the bridge's servers, with all of their logs, and what was written in there, if"
        " something is not right",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--write-docs",
        action="store_true",
        help="write docs/faults.md from the proxy's rows; play nothing",
    )
    return parser.parse_args()


def proxy(options: argparse.Namespace) -> list[Played]:
    rows = [row for row in ROWS if not (options.short and row.fault.endswith("/late"))]
    began = time.monotonic()
    played = asyncio.run(table.play(rows))
    if not options.json:
        table.show(played, time.monotonic() - began)
    return played


def bridge(options: argparse.Namespace) -> Report:
    seed, manner = options.seed, HARDER if options.harder else Manner()
    if options.short:
        report = play(
            SHORT.seed if seed is None else seed,
            SHORT.seconds,
            hurry=SHORT.hurry,
            manner=manner,
            keep=options.keep,
        )
    else:
        report = play(
            int(time.time()) if seed is None else seed,
            options.minutes * 60,
            manner=manner,
            keep=options.keep,
        )
    if not options.json:
        show_report(report)
    return report


def main() -> int:
    options = parsed()
    if options.write_docs:
        DOCUMENT.write_text(document(ROWS))
        return 0
    found: dict[str, object] = {}
    held = True
    if options.what in ("proxy", "all"):
        played = proxy(options)
        found["proxy"] = [one.as_dict() for one in played]
        held &= not any(one.failure for one in played)
    if options.what in ("bridge", "all"):
        report = bridge(options)
        found["bridge"] = report.as_dict()
        held &= report.held
    if options.json:
        print(json.dumps(found))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
