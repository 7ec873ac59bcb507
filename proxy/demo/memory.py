"""How much more memory running processes take than they did at first."""

from collections.abc import Iterable

import psutil  # type: ignore[import-untyped]


class AddedMemory:
    """Resident memory of some processes beyond what they had when this was made."""

    def __init__(self, processes: Iterable[psutil.Process]) -> None:
        self._at_first = {process: _resident(process) for process in processes}
        self._highest = dict(self._at_first)

    def look(self) -> None:
        """Take note of what is resident now; `psutil.NoSuchProcess` when one has ended."""
        for process, highest in self._highest.items():
            self._highest[process] = max(highest, _resident(process))

    @property
    def most(self) -> int:
        """Bytes, all processes together, each at its own highest of all looks."""
        return sum(self._highest.values()) - sum(self._at_first.values())


def _resident(process: psutil.Process) -> int:
    size: int = process.memory_info().rss
    return size
