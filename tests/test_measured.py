"""What is measured of processes that tests start."""

import os
from pathlib import Path

import pytest

from tests import measured
from tests.measured import CONFIG, MEASURED, measure_processes_of

TESTS = Path(__file__).parent


def test_in_the_short_form_some_files_have_theirs_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "SHORT", True)
    monkeypatch.setattr(measured, "_before", {})
    monkeypatch.setenv(CONFIG, "how")
    for file, expected in (
        ("legacy_bridge/test_migrations.py", ""),
        ("proxy/cli/test_init.py", "how"),
        ("proxy/test_edge.py", ""),
        ("proxy/test_serve.py", "how"),
    ):
        measure_processes_of(TESTS / file)
        assert os.environ[CONFIG] == expected


def test_in_the_long_form_all_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "SHORT", False)
    monkeypatch.setenv(CONFIG, "how")
    measure_processes_of(TESTS / "proxy/test_edge.py")
    assert os.environ[CONFIG] == "how"


def test_what_is_named_is_there() -> None:
    assert [one for one in MEASURED if not (TESTS / one).exists()] == []
