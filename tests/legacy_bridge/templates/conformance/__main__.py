"""`scripts/template_conformance`: Django's own template tests on our engine."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.legacy_bridge.templates.conformance.source import UnavailableError, tests_folder

ROOT = Path(__file__).parents[4]
LABELS = ["template_tests"]
SHORT = ["template_tests.syntax_tests.test_if", "template_tests.syntax_tests.test_for"]
SHORT += ["template_tests.syntax_tests.test_extends", "template_tests.filter_tests.test_date"]
TARGET = 0.95


@dataclass(frozen=True)
class Outcome:
    test: str
    outcome: str
    detail: str
    renders: bool


def main() -> int:
    arguments = _arguments()
    try:
        folder = tests_folder()
    except UnavailableError as error:
        print(f"skipped: {error}")
        return 0 if arguments.short else 2
    labels = arguments.labels or (SHORT if arguments.short else LABELS)
    passing = {one.test for one in _run("django", folder, labels) if one.outcome == "passed"}
    counted = [one for one in _run("ours", folder, labels) if one.renders and one.test in passing]
    failed = [one for one in counted if one.outcome != "passed"]
    _report(counted, failed, arguments.json)
    enough = bool(counted) and len(failed) <= (1 - TARGET) * len(counted)
    return 0 if enough else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/template_conformance",
        description=(
            "Downloads the source of the Django that is installed (once, into .cache) and runs its "
            "tests/template_tests with our engine in the place of Django's. Counted are the tests "
            "that compile or render a template and that pass with Django's own engine here. "
            "Prints those that fail, and last how many passed. "
            f"Exit codes: 0 at least {TARGET:.0%} passed, 1 fewer, 2 the source cannot be had."
        ),
    )
    parser.add_argument("labels", nargs="*", help="run these tests only, by Django's labels")
    parser.add_argument("--short", action="store_true", help="some files; skips when offline")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser.parse_args()


def _run(engine: str, folder: Path, labels: list[str]) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(temporary, "results")
        log = Path(temporary, "log")
        command = [sys.executable, "-m", "tests.legacy_bridge.templates.conformance.inside"]
        with log.open("w") as output:
            subprocess.run(
                [*command, engine, str(folder), str(results), *labels],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if not results.exists() or not results.stat().st_size:
            sys.exit(f"Django's tests did not run:\n{log.read_text()[-2000:]}")
        for line in results.read_text().splitlines():
            fields: dict[str, Any] = json.loads(line)
            yield Outcome(**fields)


def _report(counted: list[Outcome], failed: list[Outcome], as_json: bool) -> None:
    passed = len(counted) - len(failed)
    if as_json:
        print(
            json.dumps(
                {
                    "passed": passed,
                    "counted": len(counted),
                    "failed": [asdict(one) for one in failed],
                }
            )
        )
        return
    for one in failed:
        detail = " ".join(one.detail.split())[:160]
        print(f"{one.test.removeprefix('template_tests.')}: {detail}")
    print(f"{passed}/{len(counted)} passed")


if __name__ == "__main__":
    sys.exit(main())
