"""Pythons with other Djangos in them, made by `scripts/matrix`."""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "matrix"
OWN = "5.2"
"""The version in the project's own environment."""
VERSIONS = ("4.2", OWN, "6.0")


def interpreter(version: str) -> str | None:
    """The Python with that Django; None where there is none on this machine."""
    if version == OWN:
        return sys.executable
    python = Path(os.environ.get("STRANGLER_MATRIX", FOLDER)) / version / "bin" / "python"
    return str(python) if python.exists() else None
