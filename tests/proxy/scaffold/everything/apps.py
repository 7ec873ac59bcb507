"""The app: its label is no name that Python takes for a package."""

# mypy: disable-error-code="misc"
# Django is not typed, so its classes are classes of nothing known.

from django.apps import AppConfig


class Everything(AppConfig):
    name = "tests.proxy.scaffold.everything"
    label = "class"
    default_auto_field = "django.db.models.AutoField"
