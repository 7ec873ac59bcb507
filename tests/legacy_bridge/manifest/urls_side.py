"""Asks real Django about the URLs of a project, in a process of its own."""

import os
import subprocess

from tests.legacy_bridge.django.django_side import UNMEASURED, DjangoSide
from tests.legacy_bridge.manifest.exporting import INTERPRETER, PROJECT


class UrlsSide(DjangoSide):
    """Questions are `reverse` and `resolve`, see `urls_answers.py`."""

    def __init__(self, settings: str) -> None:
        path = os.pathsep.join([str(PROJECT), str(PROJECT / "tests")])
        self._process = subprocess.Popen(
            [INTERPRETER, "-m", "tests.legacy_bridge.manifest.urls_answers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=os.environ | UNMEASURED | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": path},
        )
