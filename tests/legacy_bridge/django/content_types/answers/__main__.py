"""Answers questions about Django's content types: see `django_answers`, whose protocol this has."""

import json
import sys

import django
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

from tests.legacy_bridge.django.django_answers.__main__ import answer

APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "tests.legacy_bridge.django.content_types.answers.library",
]

if __name__ == "__main__":
    database = conninfo_to_dict(json.loads(sys.argv[1])["database"])
    settings.configure(
        SECRET_KEY="the key of a test",
        INSTALLED_APPS=APPS,
        MIGRATION_MODULES={app.rpartition(".")[2]: None for app in APPS},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ROOT_URLCONF="tests.legacy_bridge.django.language.answers.urls_plain",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database.pop("dbname"),
                "OPTIONS": database,
            }
        },
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    # Its imports need the settings.
    from tests.legacy_bridge.django.content_types.answers import kinds

    for line in sys.stdin:
        print(json.dumps(answer(vars(kinds), *json.loads(line))), flush=True)
