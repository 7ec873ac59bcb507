"""The folder that the legacy site keeps uploads and their smaller images in, on a shared disk."""

import os
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

LARGEST_FILE = 64 << 20
"""Octets that are read."""
_READABLE = 0o644
"""As Django leaves files that it is given."""


class Stamp(NamedTuple):
    """By what a file is seen to be another one."""

    changed: int
    octets: int


class SharedFolder:
    """Names are those of rows: with slashes, relative to the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def stamp(self, name: str) -> Stamp | None:
        """None where no file of that name is. `OSError`, `ValueError` as for `read`."""
        try:
            found = self._path(name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{name!r} is no file")
        return Stamp(found.st_mtime_ns, found.st_size)

    def read(self, name: str) -> bytes:
        """`ValueError` for a name that leads out of the folder."""
        return self._path(name).read_bytes()

    def keep(self, name: str, content: bytes) -> None:
        """In one step, so that nobody reads half of it."""
        path = self._path(name)
        self._make_folders(path.parent)
        with NamedTemporaryFile("wb", dir=path.parent, prefix=".drawn-", delete=False) as beside:
            fresh = Path(beside.name)
            try:
                beside.write(content)
                beside.flush()
                os.fchmod(beside.fileno(), _READABLE)
                fresh.replace(path)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise

    def _path(self, name: str) -> Path:
        path = Path(os.path.abspath(self._root / name))  # noqa: PTH100 - links stay, as in Django
        if self._root not in path.parents or "\0" in name:
            raise ValueError(f"{name!r} leads out of the folder")
        return path

    def _make_folders(self, folder: Path) -> None:
        """Whoever may write into the root may write into these as well: the legacy site."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(stat.S_IMODE(self._root.stat().st_mode))
