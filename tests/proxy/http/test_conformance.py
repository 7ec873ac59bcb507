"""docs/conformance.md says what the tests of this folder say of themselves."""

import os
import subprocess
import sys

from tests.legacy_bridge.django.django_side import UNMEASURED
from tests.proxy.http.conformance import PROJECT


def test_every_must_has_its_test_and_the_document_says_so() -> None:
    command = [sys.executable, "-m", "tests.proxy.http.conformance", "--check"]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | UNMEASURED,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
