"""Asks real sorl-thumbnail in a process of its own, whose settings are global."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.legacy_bridge.django.django_side import AnsweringProcess


class SorlSide(AnsweringProcess):
    """Over a folder of uploads. See `answers.py`."""

    def __init__(self, root: Path, **settings: Any) -> None:
        module = "tests.ported_domains.shared.thumbnails.answers"
        super().__init__(module, str(root), json.dumps(settings), interpreter=sys.executable)
