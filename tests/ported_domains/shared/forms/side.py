"""Asks real Django's forms in a process of its own, whose settings are global."""

import sys

from tests.legacy_bridge.django.django_side import AnsweringProcess, RefusedError

__all__ = ["FormsSide", "RefusedError"]


class FormsSide(AnsweringProcess):
    """See `answers.py`."""

    def __init__(self) -> None:
        super().__init__("tests.ported_domains.shared.forms.answers", interpreter=sys.executable)
