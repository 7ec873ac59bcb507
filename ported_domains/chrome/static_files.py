"""Addresses of the legacy site's static files as its storage names them, by their content."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

STATIC_URL = "/static/"
MANIFEST = "staticfiles.json"
"""What Django's `ManifestStaticFilesStorage` writes beside the files it has collected."""


class StaticFiles:
    """The files in STATIC_ROOT. Without a manifest there names are as they are."""

    def __init__(self, root: Path, base: str = STATIC_URL) -> None:
        self._base = base
        self._names = _names(root / MANIFEST)

    def url(self, path: str) -> str:
        name, hash_, fragment = path.partition("#")
        return f"{self._base}{quote(self._names.get(name, name))}{hash_}{fragment}"


def _names(manifest: Path) -> dict[str, str]:
    """Raises `ValueError` for a file that is no such manifest."""
    try:
        told: Any = json.loads(manifest.read_text("utf-8"))
        return {str(name): str(hashed) for name, hashed in told["paths"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{manifest} is no manifest of static files: {error!r}") from error
