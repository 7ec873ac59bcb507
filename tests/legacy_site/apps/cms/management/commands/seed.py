from importlib import import_module
from importlib.util import find_spec

from django.core.management.base import BaseCommand
from django.db import transaction

# A row comes after those it points at.
APPS = (
    "users",
    "cms",
    "boxes",
    "pages",
    "companies",
    "downloads",
    "banners",
    "blogs",
    "codesamples",
    "community",
    "events",
    "jobs",
    "minutes",
    "nominations",
    "sponsors",
    "successstories",
    "work_groups",
)


class Command(BaseCommand):
    # Loading every view to check it would take longer than seeding; `migrate` has checked.
    requires_system_checks = ()
    help = "Fills the project's own small data set; running it again restores the same rows."

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        for app in APPS:
            module = f"legacy_site.apps.{app}.seed"
            if find_spec(module):
                import_module(module).seed()
