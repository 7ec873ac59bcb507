"""How the project's sorl-thumbnail names and draws smaller images, None where it has none.

Whoever names them anew can try that on the probe: an upload, a size, and what sorl calls the
smaller image of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.files.storage import FileSystemStorage, default_storage

from legacy_bridge.exporter import allowed
from legacy_bridge.exporter.values import dotted, jsonable

PROBE = ("probe/größe 1.png", "240x80")
_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", "")


def exported_thumbnails() -> dict[str, Any] | None:
    """THUMBNAIL_… in force; `naming` only where files lie in one folder with the uploads, and are
    named by what sorl itself has for it."""
    if not apps.is_installed("sorl.thumbnail"):
        return None
    conf = import_module("sorl.thumbnail.conf").settings
    told = {name: jsonable(getattr(conf, "THUMBNAIL_" + name)) for name in _known(conf)}
    default = import_module("sorl.thumbnail.default")
    base = import_module("sorl.thumbnail.base")
    # `__class__`: both are lazy objects, which say that of what they stand for.
    known = default.backend.__class__ is base.ThumbnailBackend and _in_one_folder(default.storage)
    return {"settings": told, "naming": _naming(conf, default, base) if known else None}


def _known(conf: Any) -> list[str]:
    """Those that this version of sorl has."""
    return [name for name in allowed.THUMBNAIL if hasattr(conf, "THUMBNAIL_" + name)]


def _in_one_folder(thumbnails: Any) -> bool:
    """Uploads and smaller images in the same folder, at the same address. Others are not asked for
    an address: it may be signed."""
    uploads = default_storage
    return (
        uploads.__class__ is FileSystemStorage
        and thumbnails.__class__ is FileSystemStorage
        and (uploads.location, uploads.base_url) == (thumbnails.location, thumbnails.base_url)
    )


def _naming(conf: Any, default: Any, base: Any) -> dict[str, Any]:
    """`options` as each image has them, `formats` by the ending of an upload, where that counts."""
    backend, defaults = default.backend, import_module("sorl.thumbnail.conf.defaults")
    options = dict(backend.default_options)
    for name, setting in backend.extra_options:
        if getattr(conf, setting) != getattr(defaults, setting):
            options[name] = getattr(conf, setting)
    upload = import_module("sorl.thumbnail.images").ImageFile(PROBE[0])
    return {
        "options": jsonable(options),
        "extensions": dict(base.EXTENSIONS),
        "formats": {ending: backend._get_format(_Named(ending)) for ending in _ENDINGS}
        if conf.THUMBNAIL_PRESERVE_FORMAT
        else None,
        "storage": dotted(FileSystemStorage),
        "url": default.storage.base_url,
        "probe": [*PROBE, backend._get_thumbnail_filename(upload, PROBE[1], options)],
    }


class _Named:
    def __init__(self, ending: str) -> None:
        self.name = "x" + ending
