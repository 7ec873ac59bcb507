"""Resident memory of a process, in KiB, as Linux counts it (proc(5))."""

import re
from contextlib import suppress
from pathlib import Path

_RESET_PEAK = "5"


def resident_kib(pid: int) -> int:
    """Now. Raises `OSError` when the process is gone."""
    return _field(pid, "VmRSS")


def peak_kib(pid: int) -> int:
    """The most since `forget_peak`; since it began where that is not allowed: never too little."""
    return _field(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    with suppress(PermissionError):
        Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")


def _field(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.M)
    if found is None:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found[1])
