"""Commands run in a folder of their own, and without settings of whoever runs the tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("STRANGLER_"):
            monkeypatch.delenv(name)
    return tmp_path
