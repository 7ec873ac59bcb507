"""Asks real Django about languages, time zones or content types, in a process of its own."""

import json

from tests.legacy_bridge.django.django_side import AnsweringProcess

PARENT = "tests.legacy_bridge.django"


class AnswersSide(AnsweringProcess):
    """`answers` is a folder of tests, such as `language.answers`, with a `__main__` in it."""

    def __init__(self, answers: str, database: str = "") -> None:
        self.database = database
        super().__init__(f"{PARENT}.{answers}", json.dumps({"database": database}))
