"""Of which files' tests the processes are measured, in the short form: to measure one costs more
than to start it, and the tests start thousands. The long form measures all of them.
"""

import os
from pathlib import Path

from tests.longer import SHORT

MEASURED = (
    "proxy/background",
    "proxy/bridge",
    "proxy/cli",
    "proxy/console",
    "proxy/shadow",
    "proxy/supervisor",
    "proxy/test_demo.py",
    "proxy/test_serve.py",
)
"""Below tests/: what runs in processes of its own alone runs in some of these."""

CONFIG = "COVERAGE_PROCESS_CONFIG"
"""By which coverage finds what to measure in a process that is started; empty: nothing."""

_TESTS = Path(__file__).parent
_before: dict[str, str] = {}


def measure_processes_of(file: Path) -> None:
    """Those that are started from now on, if the short form measures those of this file."""
    how = os.environ.get(CONFIG) or _before.get(CONFIG)
    if not SHORT or not how:
        return
    _before[CONFIG] = how
    wanted = file.relative_to(_TESTS)
    measured = any(wanted.is_relative_to(one) for one in MEASURED)
    os.environ[CONFIG] = how if measured else ""
