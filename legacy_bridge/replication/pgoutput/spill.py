"""A list of byte strings that moves to a temporary file when it becomes too long for memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO

_LENGTH = Struct("!I")
_OBJECT_BYTES = 48  # what one more byte string in a list costs, apart from its bytes


class Spill:
    """Up to `limit` bytes are held in memory; with one more all of them go to a file.

    The file has no name: nothing of it is left behind, whatever becomes of this process.
    """

    __slots__ = ("_file", "_folder", "_held", "_limit", "size")

    def __init__(self, limit: int, folder: Path | None = None) -> None:
        self.size = 0
        self._limit = limit
        self._folder = folder
        self._held: list[bytes] = []
        self._file: BinaryIO | None = None

    @property
    def on_disk(self) -> bool:
        return self._file is not None

    def append(self, data: bytes) -> None:
        """Raises `OSError` if the disk does not take it."""
        self.size += len(data)
        if self._file:
            self._write(self._file, data)
            return
        self._held.append(data)
        if self.size + len(self._held) * _OBJECT_BYTES > self._limit:
            # Closed in `close`.
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix="strangler-")  # noqa: SIM115
            for held in self._held:
                self._write(self._file, held)
            self._held = []

    @staticmethod
    def _write(file: BinaryIO, data: bytes) -> None:
        file.write(_LENGTH.pack(len(data)))
        file.write(data)

    def take(self) -> tuple[bytes, ...]:
        """What is in it, if that is in memory: it is empty then, and may be used again."""
        held = tuple(self._held)
        self._held.clear()
        self.size = 0
        return held

    def __iter__(self) -> Iterator[bytes]:
        """What was put in, in order; as often as one likes, one reader at a time."""
        if not self._file:
            yield from self._held
            return
        self._file.seek(0)
        while head := self._file.read(_LENGTH.size):
            (length,) = _LENGTH.unpack(head)
            yield self._file.read(length)

    def close(self) -> None:
        """Afterwards there is nothing in it."""
        self._held = []
        if self._file:
            self._file.close()
