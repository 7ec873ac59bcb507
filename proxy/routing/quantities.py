"""Durations and sizes as they are written in routing.yaml."""

import re

from proxy.routing.faults import Problem, shown

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
LONGEST = 24 * 3600
"""Seconds. A longer time-out is a slip of the unit."""

DURATION = r"^(?=.*[1-9])[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h)$"
SIZE = r"^(?=.*[1-9])[0-9]{1,12}(?:B|KB|MB|GB|KiB|MiB|GiB)$"

_DURATION_REMEDY = "write a number of seconds or a text such as 30s, 500ms or 2m; at most 24h"
_SIZE_REMEDY = "write a number of bytes or a text such as 32MB or 512KiB"


def seconds(written: object) -> float | Problem:
    """The length of a duration: `500ms`, `30s`, `2m`, `1h`, or a number of seconds."""
    if isinstance(written, str) and re.fullmatch(DURATION, written):
        amount, unit = _split(written)
        length = float(amount) * _SECONDS[unit]
    elif isinstance(written, int | float) and not isinstance(written, bool):
        length = float(written)
    else:
        return Problem(f"{shown(written)} is no duration", _DURATION_REMEDY)
    if not 0 < length <= LONGEST:
        return Problem(f"{shown(written)} is no duration above 0, up to 24h", _DURATION_REMEDY)
    return length


def size(written: object) -> int | Problem:
    """The bytes of a size: `32MB` (1000² each), `32MiB` (1024² each), or a number of bytes."""
    if isinstance(written, str) and re.fullmatch(SIZE, written):
        amount, unit = _split(written)
        return int(amount) * _BYTES[unit]
    if isinstance(written, int) and not isinstance(written, bool) and written > 0:
        return written
    return Problem(f"{shown(written)} is no size", _SIZE_REMEDY)


def _split(written: str) -> tuple[str, str]:
    amount = written.rstrip("BKMGihms")
    return amount, written[len(amount) :]
