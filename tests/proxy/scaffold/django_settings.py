"""A Django project of two apps, in the database that `LEGACY_DATABASE_URL` leads to."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_url = urlsplit(os.environ.get("LEGACY_DATABASE_URL", "postgresql://none/none"))
SECRET_KEY = "for a test"
ROOT_URLCONF = "tests.proxy.scaffold.django_settings"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "tests.proxy.scaffold.everything.apps.Everything",
    "tests.legacy_bridge.manifest.odd_site.shop",
    "legacy_bridge.exporter",
]
MIGRATION_MODULES = dict.fromkeys(("contenttypes", "auth", "sessions"))
"""All tables are made from the models, in the order in which they need each other."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HOOK_TOKEN = "a token"
PIN = 771177
USE_TZ = True
DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_url.path[1:]),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname or "",
        "PORT": _url.port or "",
        "OPTIONS": dict(parse_qsl(_url.query)),
    }
}
urlpatterns: list[object] = []
