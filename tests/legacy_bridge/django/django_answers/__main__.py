"""Answers questions about Django: `[function, arguments]` a line in, its value a line out.

Run by `django_side.py` with the settings as its argument; imports nothing but Django.
"""

import json
import sys
from typing import Any
from unittest import mock

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from tests.legacy_bridge.django.django_answers import caches, mails, pure, visits


def configure(told: dict[str, Any]) -> None:
    database = conninfo_to_dict(told["database"])
    settings.configure(
        SECRET_KEY=told["secret"],
        SECRET_KEY_FALLBACKS=told["fallbacks"],
        INSTALLED_APPS=["django.contrib.sessions", "django.contrib.messages"],
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database.pop("dbname"),
                "OPTIONS": database,
            }
        }
        if database
        else {},
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": told["redis"],
            }
            if told["redis"]
            else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        },
    )
    django.setup()


def answer(functions: dict[str, Any], question: str, arguments: dict[str, Any]) -> dict[str, Any]:
    now = arguments.pop("now", None)
    try:
        if now is None:
            return {"value": functions[question](**arguments)}
        with mock.patch("time.time", return_value=now):
            return {"value": functions[question](**arguments)}
    except Exception as error:
        return {"raised": type(error).__name__}


if __name__ == "__main__":
    configure(json.loads(sys.argv[1]))
    functions = {**vars(caches), **vars(mails), **vars(pure), **vars(visits)}
    for line in sys.stdin:
        print(json.dumps(answer(functions, *json.loads(line))), flush=True)
