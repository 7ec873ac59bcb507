"""What a run was made on, for whoever compares figures."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("strangler", "uvloop", "httptools", "uvicorn", "httpx", "aiohttp")


def describe(nginx: str | None) -> dict[str, Any]:
    """`nginx` is its program. `load` is the average of the minute before the run."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version(), **_packages(), **_nginx(nginx)},
    }


def _packages() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _nginx(program: str | None) -> dict[str, str]:
    if program is None:
        return {}
    told = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    return {"nginx": told.rpartition("/")[2].strip()}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
