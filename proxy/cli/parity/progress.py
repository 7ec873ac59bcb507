"""How far the asking is: a bar on a terminal, a line now and then elsewhere. Both on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from proxy.cli.parity.asking import Progress as Watch

LINES = 10
"""In a log, for the whole run; none for short ones."""
SHORT = 100


@contextmanager
def watching(total: int) -> Iterator[Watch]:
    if not sys.stderr.isatty():
        yield lambda done, differing: _line(done, differing, total)
        return
    with Progress(
        TextColumn("{task.completed:.0f} of {task.total:.0f} asked"),
        BarColumn(),
        TextColumn("{task.fields[differing]} differ"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        task = progress.add_task("asking", total=total, differing=0)
        yield lambda done, differing: progress.update(task, completed=done, differing=differing)


def _line(done: int, differing: int, total: int) -> None:
    if total > SHORT and done % max(1, total // LINES) == 0:
        click.echo(f"{done} of {total} asked, {differing} differ", err=True)
