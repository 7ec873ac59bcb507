"""Asks real Django with its accounts, allauth and waffle, in a process of its own."""

import json
import sys

from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, AnsweringProcess

ANSWERS = "tests.legacy_bridge.django.accounts.answers"


class AccountsSide(AnsweringProcess):
    """Tables are in memory, or in the database of that URL."""

    def __init__(self, database: str = "", interpreter: str = sys.executable) -> None:
        told = {"secret": SECRET, "fallbacks": [OLD_SECRET], "database": database}
        self.database = database
        super().__init__(ANSWERS, json.dumps(told), interpreter=interpreter)
