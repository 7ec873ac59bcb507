"""Our engine beside Django's: random templates, and Django's own tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CASES = 60 if "STRANGLER_SHORT" in os.environ else 500


def _run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"tests.legacy_bridge.templates.{module}", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("first", [1, 100_000, 5_000_000])
def test_random_templates_are_rendered_alike(first: int) -> None:
    done = _run("fuzz", "--cases", str(CASES // 3), "--seed", str(first), "--json")
    result = json.loads(done.stdout)
    assert result["different"] == [], f"scripts/template_fuzz --seed {result['different'][:1]}"
    assert result["failing_in_django"] < result["cases"] / 2


@pytest.mark.timeout(400)
def test_djangos_own_tests_pass() -> None:
    done = _run("conformance", "--short", "--json")
    if done.stdout.startswith("skipped"):
        pytest.skip(done.stdout.strip())
    result = json.loads(done.stdout)
    assert result["failed"] == []
    assert result["passed"] > 100


def test_forms_look_alike_in_templates() -> None:
    done = _run("forms_side")
    assert done.returncode == 0, done.stderr
    cases = json.loads(done.stdout)
    assert len(cases) == 3
    for case in cases:
        assert case["ours"] == case["django"]
        assert case["djangos_form_in_ours"] == case["django"]


def test_allauths_elements_look_alike() -> None:
    done = _run("allauth_side")
    assert done.returncode == 0, done.stderr
    pages = json.loads(done.stdout)
    assert len(pages) == 11
    assert {page: ours for page, (ours, _) in pages.items()} == {
        page: theirs for page, (_, theirs) in pages.items()
    }
