"""A project that sets nothing."""

SECRET_KEY = "for a test"
ROOT_URLCONF = "tests.legacy_bridge.manifest.plain_settings"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "legacy_bridge.exporter",
]
urlpatterns: list[object] = []
