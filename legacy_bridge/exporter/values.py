"""Python values as JSON: what is no JSON is written as text or as its dotted name.

An object's own `repr` is never used: it may show what it was made with, passwords included.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import pathlib
import re
import uuid
from functools import partial
from typing import Any

from django.utils.functional import Promise

_TEXTS = (pathlib.PurePath, uuid.UUID, decimal.Decimal, datetime.date, datetime.time)
"""Types whose text is all they are. `datetime` is a `date`."""


def jsonable(value: Any) -> Any:
    """The value as JSON. Lazy texts are evaluated in the language in force; a `timedelta` becomes
    seconds; sets are sorted; functions, classes and other objects become dotted names."""
    if isinstance(value, enum.Enum):
        return jsonable(value.value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (str, Promise)):
        return text_of(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, _TEXTS):
        return str(value)
    if isinstance(value, re.Pattern):
        return jsonable(value.pattern)
    return _collection(value)


def _collection(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(jsonable(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((jsonable(item) for item in value), key=str)
    return dotted(value)


def text_of(value: Any) -> str:
    """A text, lazy ones evaluated; always a plain `str`, without lone surrogates."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def dotted(thing: Any) -> str:
    """`package.module.Name` of a function or class; of any other object that of its class."""
    while isinstance(thing, partial):
        thing = thing.func
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    module = getattr(thing, "__module__", None)
    return f"{module}.{thing.__qualname__}" if module else str(thing.__qualname__)
