from __future__ import annotations

from django.apps import AppConfig


class ExporterConfig(AppConfig):
    """`legacy_bridge.exporter` in INSTALLED_APPS. No models, no URLs, nothing at run time."""

    name = "legacy_bridge.exporter"
    label = "strangler_exporter"
    verbose_name = "Strangler: manifest of this project"
