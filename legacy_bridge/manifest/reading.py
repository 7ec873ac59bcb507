"""From a file to a `Manifest`, or to all that is wrong with it, each with its place."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from legacy_bridge.manifest.model import Manifest

VERSION = 1
LARGEST_FILE = 64 * 1024 * 1024
"""Octets. A project of 150 models takes one million."""

REMEDY = "write it anew in the legacy project: manage.py strangler_manifest --output FILE"
MOST_SHOWN = 10

_ADAPTER = TypeAdapter(Manifest)


class ManifestError(Exception):
    """The manifest cannot be used. The text has one line a fault: `FILE: place: what — remedy`."""


def load(path: Path) -> Manifest:
    """Read and check a manifest. Raises `ManifestError`, also when the file cannot be read."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_FILE else b""
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or error} — {REMEDY}") from error
    if size > LARGEST_FILE:
        raise ManifestError(f"{path}: is larger than {LARGEST_FILE} octets — {REMEDY}")
    return parse(content, str(path))


def parse(content: bytes, source: str = "manifest.json") -> Manifest:
    """Check the content of a manifest; `source` names it in errors. Raises `ManifestError`."""
    try:
        text = content.decode("utf-8-sig")
        written = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{source}:{error.lineno}:{error.colno}"
        raise ManifestError(f"{place}: not JSON: {error.msg} — {REMEDY}") from None
    except (UnicodeDecodeError, RecursionError):
        raise ManifestError(f"{source}: not JSON in UTF-8 — {REMEDY}") from None
    if not isinstance(written, dict) or "version" not in written:
        raise ManifestError(f"{source}: is no manifest: it has no version — {REMEDY}")
    if written["version"] != VERSION:
        raise ManifestError(
            f"{source}: version: {written['version']!r} is not {VERSION}, the one that is read "
            "here — bring both sides to the same release of Strangler"
        )
    try:
        return _ADAPTER.validate_json(text, strict=True)
    except ValidationError as error:
        raise ManifestError("\n".join(_lines(error, source))) from None


def _lines(error: ValidationError, source: str) -> list[str]:
    faults = error.errors(include_url=False, include_input=False)
    lines = [f"{source}: {_place(fault)}: {fault['msg']} — {REMEDY}" for fault in faults]
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"{source}: and {more} more"] if more > 0 else lines


def _place(fault: ErrorDetails) -> str:
    """`urls.patterns[3].name`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    return "".join(parts).lstrip(".")
