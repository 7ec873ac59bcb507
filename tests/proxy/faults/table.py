"""Plays the table of faults against `strangler serve`, and prints what came of each row.

Exit code 1 where something is not as docs/faults.md says.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.proxy.faults.company import playing
from tests.proxy.faults.document import DOCUMENT, document
from tests.proxy.faults.row import Row
from tests.proxy.faults.rows import ROWS


@dataclass(frozen=True, slots=True)
class Played:
    row: Row
    failure: str

    def as_dict(self) -> dict[str, object]:
        row = self.row
        return {
            "fault": row.fault or None,
            "how": row.how,
            "client": row.seen,
            "connection": row.connection,
            "held": not self.failure,
            "failure": self.failure or None,
        }


async def play(rows: Sequence[Row]) -> list[Played]:
    with tempfile.TemporaryDirectory(prefix="strangler-faults-") as folder:
        async with playing(Path(folder), rows) as results:
            done = [results[row.name] for row in rows]
            failures = await asyncio.gather(*done, return_exceptions=True)
    return [
        Played(row, "" if failure is None else f"{type(failure).__name__}: {failure}".strip(": "))
        for row, failure in zip(rows, failures, strict=True)
    ]


def show(played: Sequence[Played], seconds: float) -> None:
    table = Table("fault", "how it is brought about", "the client sees", "connection", "")
    for one in played:
        row, verdict = one.row, "[red]failed" if one.failure else "[green]ok"
        table.add_row(row.fault or "—", row.how, row.seen, row.connection, verdict)
    console = Console()
    console.print(table)
    failed = [one for one in played if one.failure]
    for one in failed:
        console.print(f"{one.row.name}: {one.failure}", style="red", markup=False)
    console.print(f"{len(played)} rows in {seconds:.0f} s, {len(failed)} failed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="leave out what has to wait")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--write-docs",
        action="store_true",
        help="write docs/faults.md from the table; play nothing",
    )
    options = parser.parse_args()
    if options.write_docs:
        DOCUMENT.write_text(document(ROWS))
        return 0
    rows = [row for row in ROWS if not (options.short and row.fault.endswith("/late"))]
    began = time.monotonic()
    played = asyncio.run(play(rows))
    if options.json:
        print(json.dumps([one.as_dict() for one in played]))
    else:
        show(played, time.monotonic() - began)
    return 1 if any(one.failure for one in played) else 0


if __name__ == "__main__":
    sys.exit(main())
