from importlib import import_module

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "legacy_site.apps.pages"

    def ready(self) -> None:
        import_module("legacy_site.apps.pages.signals")
