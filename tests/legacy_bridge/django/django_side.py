"""Asks real Django in a process of its own.

Its settings are global, and other tests of this run have theirs; a process also lets another
interpreter bring another version of Django.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SECRET = "the key of a test"
OLD_SECRET = "a key that was replaced"

INTERPRETER = os.environ.get("DJANGO_INTERPRETER", sys.executable)
"""A Python with Django, psycopg and redis in it."""
ROOT = Path(__file__).resolve().parents[3]
ANSWERS = "tests.legacy_bridge.django.django_answers"
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
"""For processes whose code is not ours: measured for coverage, they are half as fast."""


class RefusedError(Exception):
    """Django raised: the name of the class, and what it said if the answers tell that."""


class AnsweringProcess:
    """`module` answers one JSON text a line, each a question with its arguments."""

    def __init__(self, module: str, *arguments: str, interpreter: str = INTERPRETER) -> None:
        self._process = subprocess.Popen(
            [interpreter, "-W", "ignore", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | UNMEASURED,
        )

    def ask(self, question: str, **arguments: Any) -> Any:
        """The answer of the function of that name; `now` freezes Django's clock for it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([question, arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if raised := answer.get("raised"):
            raise RefusedError(raised, *filter(None, [answer.get("why")]))
        return answer["value"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class DjangoSide(AnsweringProcess):
    """With the settings of `django_answers`."""

    def __init__(
        self, *, database: str = "", redis: str = "", interpreter: str = INTERPRETER
    ) -> None:
        self.database = database
        self.redis = redis
        settings = {
            "secret": SECRET,
            "fallbacks": [OLD_SECRET],
            "database": database,
            "redis": redis,
        }
        super().__init__(ANSWERS, json.dumps(settings), interpreter=interpreter)
