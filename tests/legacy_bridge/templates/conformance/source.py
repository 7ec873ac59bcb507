"""Django's source distribution: it alone has Django's tests in it. Kept in `.cache`."""

import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

CACHE = Path(__file__).parents[4] / ".cache" / "django-source"
_TIMEOUT = 300


class UnavailableError(Exception):
    """The source cannot be had here; the message says why."""


def tests_folder() -> Path:
    """The folder `tests` of the Django that is installed; downloads it the first time."""
    wanted = version("django")
    folder = CACHE / f"django-{wanted}" / "tests"
    if not (folder / "runtests.py").exists():
        _unpack(_download(wanted))
    return folder


def _download(wanted: str) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    python = getattr(sys, "_base_executable", sys.executable)
    command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-binary", ":all:", f"Django=={wanted}", "--dest", str(CACHE)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"pip could not be run: {error}") from None
    archives = sorted(CACHE.glob(f"[dD]jango-{wanted}.tar.gz"))
    if done.returncode or not archives:
        last = (done.stderr.strip() or "no archive came").splitlines()[-1]
        raise UnavailableError(f"Django {wanted} could not be downloaded: {last}")
    return archives[0]


def _unpack(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(CACHE, filter="data")
    for folder in CACHE.glob("Django-*"):
        folder.rename(folder.with_name(folder.name.lower()))
