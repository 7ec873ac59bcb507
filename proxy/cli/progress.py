"""How far a copy is: a bar on a terminal, a line for each table elsewhere. Both on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from legacy_bridge.replication.copy import Watch


@contextmanager
def watching() -> Iterator[Watch]:
    if not sys.stderr.isatty():
        lines = Lines()
        yield lines
        lines.finish()
        return
    with Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.completed:>10,.0f} rows"),
        TextColumn("{task.fields[rate]:>14}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        bars = Bars(progress)
        yield bars
        bars.finish()


class Bars:
    """One bar a table. What is expected is an estimate, so the bar is made full at the end."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._before: dict[str, int] = {}  # rows that were there when the bar began
        self._last: TaskID | None = None

    def reading(self, table: str, rows: int, expected: int) -> None:
        if table not in self._tasks:
            self.finish()
            self._tasks[table] = self._progress.add_task(table, total=expected or None, rate="")
            self._before[table] = rows
        self._last = self._tasks[table]
        task = self._progress.tasks[self._last]
        rate = (rows - self._before[table]) / task.elapsed if task.elapsed else 0
        self._progress.update(
            self._last,
            completed=rows,
            total=max(rows, expected) or None,
            rate=f"{rate:,.0f} rows/s",
        )

    def merging(self) -> None:
        self.finish()
        rows = sum(task.completed for task in self._progress.tasks)
        self._last = self._progress.add_task("merging", total=None, completed=int(rows), rate="")

    def finish(self) -> None:
        if self._last is not None:
            task = self._progress.tasks[self._last]
            self._progress.update(self._last, total=task.completed or 1, completed=task.completed)
            self._progress.stop_task(self._last)


class Lines:
    """One line when the next table begins, for logs."""

    def __init__(self) -> None:
        self._table, self._rows, self._before, self._started = "", 0, 0, monotonic()

    def reading(self, table: str, rows: int, expected: int) -> None:
        if table != self._table:
            self.finish()
            self._table, self._before, self._started = table, rows, monotonic()
        self._rows = rows

    def merging(self) -> None:
        self.finish()

    def finish(self) -> None:
        if self._table:
            rate = (self._rows - self._before) / max(monotonic() - self._started, 1e-9)
            click.echo(f"{self._table}: {self._rows} rows read ({rate:,.0f} rows/s)", err=True)
            self._table = ""
