"""Answers questions about Django's accounts: see `django_answers`, whose protocol this has."""

import json
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

from tests.legacy_bridge.django.django_answers.__main__ import answer

APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "allauth",
    "allauth.account",
    "waffle",
    "tests.legacy_bridge.django.accounts.answers.users",
]
HASHERS = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5"]


def configure(told: dict[str, Any]) -> None:
    database = conninfo_to_dict(told["database"])
    settings.configure(
        SECRET_KEY=told["secret"],
        SECRET_KEY_FALLBACKS=told["fallbacks"],
        INSTALLED_APPS=APPS,
        MIGRATION_MODULES={app.rpartition(".")[2]: None for app in APPS},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        AUTH_USER_MODEL="users.User",
        SITE_ID=1,
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF="tests.legacy_bridge.django.accounts.answers.urls",
        USE_TZ=True,
        TIME_ZONE="UTC",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database.pop("dbname"),
                "OPTIONS": database,
            }
            if database
            else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        },
        CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in HASHERS],
        AUTHENTICATION_BACKENDS=[
            "django.contrib.auth.backends.ModelBackend",
            "allauth.account.auth_backends.AuthenticationBackend",
        ],
        ACCOUNT_LOGIN_METHODS={"username", "email"},
        ACCOUNT_SIGNUP_FIELDS=["email*", "username*", "password1*", "password2*"],
        ACCOUNT_EMAIL_VERIFICATION="mandatory",
        ACCOUNT_RATE_LIMITS=False,
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


if __name__ == "__main__":
    configure(json.loads(sys.argv[1]))
    # Their imports need the settings.
    from tests.legacy_bridge.django.accounts.answers import (
        forms,
        limits,
        links,
        logins,
        passwords,
        rights,
        rows,
    )

    functions = {
        name: function
        for module in (forms, limits, links, logins, passwords, rights, rows)
        for name, function in vars(module).items()
    }
    for line in sys.stdin:
        print(json.dumps(answer(functions, *json.loads(line))), flush=True)
