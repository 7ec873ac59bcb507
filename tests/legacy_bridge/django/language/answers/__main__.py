"""Answers questions about Django's languages: see `django_answers`, whose protocol this has."""

import json
import sys

import django
from django.conf import settings

from tests.legacy_bridge.django.django_answers.__main__ import answer

URLS = "tests.legacy_bridge.django.language.answers"

if __name__ == "__main__":
    settings.configure(
        SECRET_KEY="the key of a test",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=f"{URLS}.urls_plain",
        MIDDLEWARE=["django.middleware.locale.LocaleMiddleware"],
    )
    django.setup()
    # Its imports need the settings.
    from tests.legacy_bridge.django.language.answers import visits

    for line in sys.stdin:
        print(json.dumps(answer(vars(visits), *json.loads(line))), flush=True)
