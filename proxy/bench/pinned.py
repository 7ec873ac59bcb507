"""Become another program, on given cores: python -m proxy.bench.pinned CORES PIDFILE COMMAND…

The pid is written to PIDFILE and stays the same. Standard output, where access logs go, is
discarded; errors keep their place.
"""

import os
import sys
from pathlib import Path

from proxy.bench.cores import allow_open_files


def main(cores: str, pid_file: str, *command: str) -> None:
    os.sched_setaffinity(0, map(int, cores.split(",")))
    allow_open_files()
    Path(pid_file).write_text(str(os.getpid()))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(command[0], command)  # noqa: S606  # no shell is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
