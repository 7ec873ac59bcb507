"""A made-up project in which nothing is usual, with a canary wherever a secret may be."""

from datetime import timedelta
from typing import Any

from django.utils.functional import lazystr


class Shy:
    """Something whose text nobody should see."""

    def __repr__(self) -> str:
        return "canary of a repr"

    __str__ = __repr__


SECRET_KEY = "canary of the key"
SECRET_KEY_FALLBACKS = ["canary of an old key"]
ROOT_URLCONF = "tests.legacy_bridge.manifest.odd_site.urls"
ALLOWED_HOSTS = [".example.com"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "tests.legacy_bridge.manifest.odd_site.shop",
    "tests.legacy_bridge.manifest.odd_site.news",
    "legacy_bridge.exporter",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "canary of the database",
        "USER": "canary of the user",
        "PASSWORD": "canary of the database's password",
        "HOST": "canary.of.the.host",
        "OPTIONS": {"sslpassword": "canary of the TLS key"},
    }
}
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://:canary-of-the-cache@cache:6379/0",
        "KEY_PREFIX": "odd",
        "VERSION": 3,
        "OPTIONS": {"password": "canary of redis", "serializer": "json.of.ours.JSONSerializer"},
    },
    "rows": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_rows",
        "OPTIONS": {"MAX_ENTRIES": 77},
    },
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["/canary/of/a/folder"],
        "OPTIONS": {"context_processors": [], "environment": "canary of an environment"},
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 11, "pepper": "canary of the pepper"},
    }
]
PASSWORD_HASHERS = [
    "tests.legacy_bridge.manifest.odd_site.hashers.Cheap",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",
]
EMAIL_HOST_USER = "canary of the mail user"
EMAIL_HOST_PASSWORD = "canary of the mail password"
DEFAULT_FROM_EMAIL = "Odd <odd@example.com>"
SESSION_ENGINE = "tests.legacy_bridge.manifest.odd_site.sessions"
SESSION_COOKIE_NAME = "odd"
SESSION_COOKIE_AGE = 99
SESSION_COOKIE_DOMAIN = ".example.com"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = False
SESSION_REDIS = {"host": "cache", "password": "canary of the sessions"}
CSRF_COOKIE_NAME = "odd_csrf"
CSRF_USE_SESSIONS = True
CSRF_HEADER_NAME = "HTTP_X_ODD"
CSRF_TRUSTED_ORIGINS = ["https://*.example.org", "https://example.net"]
CSRF_SIGNING_TOKEN = "canary of a setting that begins like Django's"
MESSAGE_LEVEL = 10
MESSAGE_TAGS = {10: lazystr("bug"), 25: "yes"}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_SCHEME", "https")
SECURE_REDIRECT_EXEMPT = [Shy()]
USE_X_FORWARDED_HOST = True
USE_TZ = False
TIME_ZONE = "Asia/Kathmandu"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", lazystr("English")), ("de", "Deutsch"), ("pt-br", "Português")]
LOGIN_URL = "shop:basket"
LOGIN_REDIRECT_URL = "no such name"
LOGOUT_REDIRECT_URL = "/bye/"
HONEYPOT_FIELD_NAME = "phone"
HONEYPOT_VALUE = Shy
AWS_SECRET_ACCESS_KEY = "canary of the bucket"
SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [{"secret": "canary of github"}]}}
PAYMENTS = {"test": [b"canary of octets", ("canary of a tuple", timedelta(1))]}
HOOK_TOKEN = "canary-of-the-hook"
PIN = 771177
