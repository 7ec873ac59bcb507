"""Where tests put their servers: into memory if there is plenty of it, else where all goes.

Hundreds of tests have databases of their own, each of a thousand files: on a disk that is most of
what they take.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]

MEMORY = Path("/dev/shm")  # only below a folder of our own
NEEDED_BYTES = 10 << 30
"""What four workers' databases and logs take at most, and as much again to run in."""


def temporary_folders_in_memory() -> Path | None:
    """Have this process and those it starts make them there; the folder to remove at the end."""
    if not _plenty():
        return None
    folder = MEMORY / f"strangler-tests-{os.getpid()}"
    for left in MEMORY.glob("strangler-tests-*"):
        if left == folder or not psutil.pid_exists(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
    # What a failed test leaves behind is looked at afterwards: pytest's own stay where they are.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    return folder


def _plenty() -> bool:
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    free = min(found.f_bavail * found.f_frsize, int(psutil.virtual_memory().available))
    # A copy of PostgreSQL's programs may have to run there.
    return free >= NEEDED_BYTES and not found.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK)
