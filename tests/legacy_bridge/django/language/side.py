"""Asks real Django about languages, time zones or content types, in a process of its own."""

import json
import os
import subprocess

from tests.legacy_bridge.django.django_side import INTERPRETER, ROOT, DjangoSide

PARENT = "tests.legacy_bridge.django"


class AnswersSide(DjangoSide):
    """`answers` is a folder of tests, such as `language.answers`, with a `__main__` in it."""

    def __init__(self, answers: str, database: str = "") -> None:
        self.database = database
        self._process = subprocess.Popen(
            [INTERPRETER, "-m", f"{PARENT}.{answers}", json.dumps({"database": database})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
