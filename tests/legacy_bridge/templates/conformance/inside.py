"""Runs in a process of its own, inside of Django's `tests` folder; prints one JSON line a test.

python -m tests.legacy_bridge.templates.conformance.inside ours|django TESTS RESULTS [LABEL…]
"""

import json
import os
import runpy
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import TextTestResult


def main(  # the recorder knows what this process was told
    engine: str, folder: str, results: str, labels: list[str]
) -> None:
    from django.test.runner import DiscoverRunner

    from tests.legacy_bridge.templates.conformance import adapter, declarations

    with Path(results).open("w") as file:

        class Recorder(TextTestResult):
            """Writes what came of each test, and whether it used our engine."""

            def startTest(self, test: Any) -> None:  # noqa: N802
                adapter.used.clear()
                self._outcome, self._detail = "passed", ""
                super().startTest(test)

            def addError(self, test: Any, err: Any) -> None:  # noqa: N802
                self._failed(err)
                super().addError(test, err)

            def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
                self._failed(err)
                super().addFailure(test, err)

            def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
                if err is not None:
                    self._failed(err)
                super().addSubTest(test, subtest, err)

            def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
                self._outcome, self._detail = "skipped", reason
                super().addSkip(test, reason)

            def _failed(self, err: Any) -> None:
                self._outcome = "failed"
                self._detail = f"{err[0].__name__}: {err[1]}"

            def stopTest(self, test: Any) -> None:  # noqa: N802
                super().stopTest(test)
                line = {
                    "test": test.id(),
                    "outcome": self._outcome,
                    "detail": self._detail,
                    "renders": bool(adapter.used),
                }
                file.write(json.dumps(line) + "\n")

        DiscoverRunner.get_resultclass = lambda self: Recorder
        if engine == "ours":
            declarations.record()
            adapter.install()
        os.chdir(folder)
        sys.path.insert(0, folder)
        sys.argv = ["runtests.py", *labels, "--parallel=1", "--verbosity=1"]
        with suppress(SystemExit):
            runpy.run_path("runtests.py", run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
