"""Manifests of made-up projects: that of a plain one, or of the bundled site, with changes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.manifest.exporting import BUNDLED, exported

PLAIN = "tests.legacy_bridge.manifest.plain_settings"

_exported = cache(exported)


def told(settings: str, changes: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """`changes` of its settings; `others` replace whole parts of the manifest."""
    manifest: dict[str, Any] = json.loads(_exported(settings))
    manifest["settings"] |= changes
    return manifest | others


def plain(changes: Mapping[str, Any] | None = None, **others: Any) -> Manifest:
    return parse(json.dumps(told(PLAIN, changes or {}, **others)).encode())


def bundled(changes: Mapping[str, Any] | None = None, **others: Any) -> Manifest:
    return parse(json.dumps(told(BUNDLED, changes or {}, **others)).encode())


def written(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """As a file."""
    file = folder / "manifest.json"
    file.write_text(json.dumps(manifest))
    return file
