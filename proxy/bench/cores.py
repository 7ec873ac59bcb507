"""Which core does what, and how much time of it went where (Linux: /proc, sched_setaffinity)."""

import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OPEN_FILES = 16384
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cores:
    """`peer` is for the proxy under test alone; `driver` for visitors and upstream.

    With a single core both are that one.
    """

    peer: frozenset[int]
    driver: frozenset[int]

    @property
    def pinned(self) -> bool:
        return self.peer != self.driver

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """The last core for the peer: interrupts tend to be served by the first."""
        *others, last = sorted(os.sched_getaffinity(0))
        return cls(frozenset({last}), frozenset(others[:1]) or frozenset({last}))


@contextmanager
def pinned(cores: Iterable[int]) -> Iterator[None]:
    """This thread, and what it starts, on these cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_open_files() -> None:
    """Hundreds of connections to and from several peers are more than the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def with_descendants(root: int) -> tuple[int, ...]:
    """`root` and all below it: a server's first process is rarely the one that works."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return tuple(found)


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time that these have used so far; those that are gone count nothing."""
    return sum(sum(map(int, _stat(Path(f"/proc/{pid}"))[11:13])) for pid in pids) / _TICKS


def _parent(entry: Path) -> int:
    fields = _stat(entry)
    return int(fields[1]) if fields else 0


def _stat(entry: Path) -> list[str]:
    """Fields of /proc/PID/stat from the third (state) on; the second may hold spaces."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
