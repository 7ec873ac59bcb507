"""Asks real Django with its accounts, allauth and waffle, in a process of its own."""

import json
import os
import subprocess
import sys

from tests.legacy_bridge.django.django_side import OLD_SECRET, ROOT, SECRET, DjangoSide

ANSWERS = "tests.legacy_bridge.django.accounts.answers"


class AccountsSide(DjangoSide):
    """Tables are in memory, or in the database of that URL."""

    def __init__(self, database: str = "", interpreter: str = sys.executable) -> None:
        told = {"secret": SECRET, "fallbacks": [OLD_SECRET], "database": database}
        self.database = database
        self._process = subprocess.Popen(
            [interpreter, "-m", ANSWERS, json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
