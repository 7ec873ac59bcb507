"""Runs the exporter in a project, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
ODD = "tests.legacy_bridge.manifest.odd_site.settings"
BUNDLED = "legacy_site.settings"

INTERPRETER = os.environ.get("DJANGO_INTERPRETER", sys.executable)
"""A Python with another Django in it; for the made-up project it needs psycopg, too."""


def command(
    settings: str,
    *arguments: str,
    before: str = "",
    path: Sequence[Path] = (PROJECT, PROJECT / "tests"),
    folder: Path = PROJECT,
    measured: bool = True,
) -> "subprocess.CompletedProcess[str]":
    """`manage.py strangler_manifest …` with these settings; `before` is code that runs first.

    What runs from another place than the project's is not `measured` for coverage.
    """
    code = f"{before}\nfrom django.core.management import execute_from_command_line as run\nrun()"
    foreign = ("LEGACY_", "DJANGO_", *(() if measured else ("COVERAGE_",)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return subprocess.run(
        [INTERPRETER, "-c", code, "strangler_manifest", *arguments],
        env=kept
        | {
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def exported(settings: str) -> bytes:
    """What the command prints."""
    done = command(settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.encode()
