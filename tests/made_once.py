"""Databases that every worker of a test run needs and one of them makes, for Django takes long."""

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from proxy.embedded.binaries import postgres_install
from proxy.embedded.stack import EmbeddedStack


def made_once(
    stack: EmbeddedStack,
    name: str,
    make: Callable[[str], None],
    factory: pytest.TempPathFactory,
    template: str | None = None,
) -> None:
    """A database of this name: `template` with what `make` does at its URL, or a copy of the one
    that another worker made so."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        make(stack.create_database(name, template))
        return
    dump = factory.getbasetemp().parent / f"{name}.dump"
    with _alone(dump.with_suffix(".lock")):
        if dump.exists():
            url = stack.create_database(name)
        else:
            url = stack.create_database(name, template)
            make(url)
            unfinished = dump.with_suffix(".new")
            _run("pg_dump", "--format=custom", "--compress=0", f"--file={unfinished}", url)
            unfinished.rename(dump)
            return
    _run("pg_restore", "--single-transaction", f"--dbname={url}", str(dump))


def _run(program: str, *arguments: str) -> None:
    subprocess.run([postgres_install() / "bin" / program, *arguments], check=True)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
