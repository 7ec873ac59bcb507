"""Free values of the code (arguments of views, defaults of columns) may come from a setting.

Which of them may be written is decided here: none that stands in a setting which is not exported.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from legacy_bridge.exporter.allowed import SETTINGS
from legacy_bridge.exporter.values import jsonable, text_of

SHORTEST_WITHIN = 6
"""Characters. Shorter texts are looked for as whole values only: `en` is in many words."""

SMALLEST_NUMBER = 100_000
"""Smaller ones are in every project, and no secrets."""


class Withheld:
    """Knows every text and large number in the settings that are not exported."""

    def __init__(self) -> None:
        names = [name for name in dir(settings) if name.isupper() and name not in SETTINGS]
        self._texts = {text for name in names for text in _leaves(getattr(settings, name, None))}
        self._long = [text for text in self._texts if len(text) >= SHORTEST_WITHIN]

    def holds(self, value: Any) -> bool:
        """Whether the value, or a part of it, must not be written."""
        return any(self._is_secret(text) for text in _leaves(value))

    def shown(self, key: str, values: dict[str, Any]) -> dict[str, Any]:
        """The values as JSON under this key, the names of those held back under `withheld`."""
        shown = {name: value for name, value in values.items() if not self.holds(value)}
        node: dict[str, Any] = {}
        if shown:
            node[key] = jsonable(shown)
        if len(shown) < len(values):
            node["withheld"] = sorted(str(name) for name in values if name not in shown)
        return node

    def _is_secret(self, text: str) -> bool:
        return text in self._texts or any(secret in text for secret in self._long)


def _leaves(value: Any) -> Iterator[str]:
    """The texts and large numbers in a value, without the keys of tables."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    elif isinstance(value, (str, Promise, pathlib.PurePath)):
        if str(value):
            yield text_of(value)
    elif isinstance(value, int) and abs(value) >= SMALLEST_NUMBER:
        yield str(value)
