"""The whole manifest, in the order in which one would explain a project.

The format has a version. Adding a key leaves it; a reader ignores keys that it does not know.
"""

from __future__ import annotations

import datetime
import platform
from typing import Any

import django
from django.apps import apps

from legacy_bridge.exporter import project
from legacy_bridge.exporter.hashers import exported_hashers
from legacy_bridge.exporter.patterns import exported_urls
from legacy_bridge.exporter.tables import exported_models
from legacy_bridge.exporter.thumbnails import exported_thumbnails
from legacy_bridge.exporter.values import text_of
from legacy_bridge.exporter.withholding import Withheld

VERSION = 1


def manifest() -> dict[str, Any]:
    """What the project that is set up in this process tells about itself, as JSON values.

    The same project gives the same, apart from `made`.
    """
    withheld = Withheld()
    return {
        "version": VERSION,
        "django": django.get_version(),
        "python": platform.python_version(),
        "made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "apps": [
            {"label": app.label, "name": app.name, "verbose_name": text_of(app.verbose_name)}
            for app in apps.get_app_configs()
        ],
        "settings": project.exported_settings(),
        "paths": project.exported_paths(),
        "session": project.exported_session(),
        "messages": project.exported_messages(),
        "hashers": exported_hashers(),
        "allauth": project.exported_allauth(),
        "waffle": project.exported_waffle(),
        "honeypot": project.exported_honeypot(),
        "thumbnails": exported_thumbnails(),
        "urls": exported_urls(withheld),
        "models": exported_models(withheld),
    }
