"""Plays the table of faults against `strangler serve`, and shows what came of each row."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.proxy.faults.company import playing
from tests.proxy.faults.row import Row


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
