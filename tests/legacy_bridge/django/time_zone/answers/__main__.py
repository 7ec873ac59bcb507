"""Answers questions about Django's time zones: see `django_answers`, whose protocol this has."""

import json
import sys

import django
from django.conf import settings

from tests.legacy_bridge.django.django_answers.__main__ import answer
from tests.legacy_bridge.django.time_zone.answers import times

if __name__ == "__main__":
    settings.configure(
        SECRET_KEY="the key of a test",
        TIME_ZONE="Europe/Berlin",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(vars(times), *json.loads(line))), flush=True)
