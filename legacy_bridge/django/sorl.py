"""sorl-thumbnail: which file is the smaller image of an upload.

The name is a digest of the upload's name, the size asked for and all options, so that both sides
mean the same file by it, whichever of them draws it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import PurePosixPath
from typing import Any, Final

PILLOW: Final = "sorl.thumbnail.engines.pil_engine.Engine"
FOLDER: Final = "django.core.files.storage.filesystem.FileSystemStorage"
_ELSEWHERE = re.compile(r"(?:https?|ftp)://|//")


@dataclass(frozen=True, slots=True, kw_only=True)
class SorlSettings:
    """THUMBNAIL_…: `options` are those of every image that says nothing else, `extensions` the
    endings of formats, `formats` the format that an upload's ending leads to (None: always the
    same). `url` is what files lie below."""

    prefix: str = "cache/"
    storage: str = FOLDER
    url: str = "/media/"
    options: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] | None = None
    removes_queries: bool = True
    progressive: bool = True
    orientation: bool = True
    drawn_by_pillow: bool = True

    def upload_name(self, name: str) -> str | None:
        """None for an image that lies elsewhere."""
        if self.removes_queries:
            name = name.partition("?")[0]
        return None if _ELSEWHERE.match(name) else name

    def options_of(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """What the upload's smaller image is drawn by: as the tag says, else as it always is."""
        kept = {}
        if self.formats is not None:
            ending = PurePosixPath(name).suffix.lower()
            kept["format"] = self.formats.get(ending, self.formats[""])
        return {**self.options, **kept, **said}

    def file_name(self, name: str, geometry: str, options: Mapping[str, Any]) -> str:
        """`options` are all there are. `TypeError` and `LookupError` for some that cannot be."""
        upload = _digest(name, self.storage)
        key = _digest(upload, geometry, json.dumps(options, sort_keys=True))
        ending = self.extensions[options["format"]]
        return f"{self.prefix}{key[:2]}/{key[2:4]}/{key}.{ending}"


def _digest(*parts: str) -> str:
    return md5("||".join(parts).encode(), usedforsecurity=False).hexdigest()
