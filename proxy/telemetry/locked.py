"""Files that appear whole under their names, and stay locked as long as their writer lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def replace(path: Path, octets: bytes) -> BinaryIO:
    """Put a file in the place of the one that has the name; returns it, locked until closed.

    Raises `OSError` where it cannot be written; the old one stays then.
    """
    draft = draft_of(path)
    file = draft.open("wb", buffering=0)
    try:
        # Before it takes the name: nobody must see it unlocked.
        fcntl.flock(file, fcntl.LOCK_EX)
        left = memoryview(octets)
        while left:
            left = left[os.write(file.fileno(), left) :]
        draft.replace(path)
    except OSError:
        file.close()
        draft.unlink(missing_ok=True)
        raise
    return file


def draft_of(path: Path) -> Path:
    """Where the file is written before it takes its name."""
    return path.with_name(f"new-{path.name}")


def held(file: BinaryIO) -> bool:
    """Whether its writer lives. Those who ask do not hinder each other."""
    return not _lock(file, fcntl.LOCK_SH)


@contextmanager
def sole(path: Path) -> Iterator[bool]:
    """Whether nobody else is inside."""
    with path.open("wb") as file:
        yield _lock(file, fcntl.LOCK_EX)


def _lock(file: BinaryIO, how: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, how | fcntl.LOCK_NB)
        return True
    return False
