from importlib import import_module

from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    name = "legacy_site.apps.downloads"

    def ready(self) -> None:
        import_module("legacy_site.apps.downloads.signals")
