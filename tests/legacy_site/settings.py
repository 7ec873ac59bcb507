"""Settings of the bundled legacy site. What differs between machines comes from the environment:

LEGACY_DATABASE_URL, LEGACY_SECRET_KEY, LEGACY_MEDIA_ROOT, LEGACY_ALLOWED_HOSTS and
LEGACY_TRUSTED_ORIGINS (comma between), LEGACY_MAIL_FOLDER (takes what is mailed; without it mails
are printed), LEGACY_SESSION_ENGINE (db, cached_db, cache, signed_cookies), LEGACY_CACHE_URL (of a
Redis; without it the cache is a table), and, 0 or 1, LEGACY_DEBUG,
LEGACY_THROTTLING (of API callers), LEGACY_ACCOUNT_LIMITS (how often one may sign in, sign up and
the like), LEGACY_PROBES (pages for tests that let a visitor change their session) and
LEGACY_QUICK_PASSWORDS (made with less work than is safe).
"""

import os
import tempfile
from pathlib import Path

from django.contrib.messages import constants as message_levels
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent


def _words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _switch(name: str, default: str) -> bool:
    return os.environ.get(name, default) == "1"


DEBUG = _switch("LEGACY_DEBUG", "0")
PROBES = _switch("LEGACY_PROBES", "0")
SECRET_KEY = os.environ.get("LEGACY_SECRET_KEY", "known to all: for demo and tests only")
ALLOWED_HOSTS = _words("LEGACY_ALLOWED_HOSTS", "*")
CSRF_TRUSTED_ORIGINS = _words("LEGACY_TRUSTED_ORIGINS")
# The proxy in front replaces this header unless its own peer is trusted.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    # Before Django's own apps: its `migrate` replaces theirs, its templates replace allauth's.
    "legacy_site.apps.cms",
    "django.contrib.sites",
    "django.contrib.admin",
    "django.contrib.admindocs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.redirects",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_filters",
    "rest_framework",
    "rest_framework.authtoken",
    "sitetree",
    "tastypie",
    "waffle",
    "legacy_site.apps.users",
    "legacy_site.apps.boxes",
    "legacy_site.apps.pages",
    "legacy_site.apps.companies",
    "legacy_site.apps.downloads",
    "legacy_site.apps.banners",
    "legacy_site.apps.blogs",
    "legacy_site.apps.codesamples",
    "legacy_site.apps.community",
    "legacy_site.apps.events",
    "legacy_site.apps.jobs",
    "legacy_site.apps.minutes",
    "legacy_site.apps.nominations",
    "legacy_site.apps.sponsors",
    "legacy_site.apps.successstories",
    "legacy_site.apps.work_groups",
    # Its command writes what this site tells the proxy about itself.
    "legacy_bridge.exporter",
]
# No migration histories: `migrate` makes the tables from the models (see cms.commands.migrate).
MIGRATION_MODULES = {app.rpartition(".")[2]: None for app in INSTALLED_APPS}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "legacy_site.middleware.ContentSecurityPolicyReportOnly",
    "django.middleware.csrf.CsrfViewMiddleware",
    "legacy_site.middleware.AdminNoCaching",
    "legacy_site.middleware.GlobalSurrogateKey",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "waffle.middleware.WaffleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "legacy_site.apps.pages.middleware.PageFallback",
    "django.contrib.redirects.middleware.RedirectFallbackMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
X_FRAME_OPTIONS = "SAMEORIGIN"
GLOBAL_SURROGATE_KEY = "pydotorg-app"

ROOT_URLCONF = "legacy_site.urls"
WSGI_APPLICATION = "legacy_site.wsgi.application"
APPEND_SLASH = True
SITE_ID = 1

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Pages that both sides show have one template, which the native side owns.
        "DIRS": [BASE_DIR / "templates", BASE_DIR.parents[1] / "ported_domains/templates/django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.template.context_processors.request",
                "django.template.context_processors.static",
                "django.template.context_processors.media",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "legacy_site.context_processors.site",
                "legacy_site.context_processors.url_name",
                "legacy_site.context_processors.user_navigation",
            ],
        },
    },
]
MESSAGE_TAGS = {message_levels.INFO: "general"}

_database = conninfo_to_dict(
    os.environ.get("LEGACY_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/legacy")
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname"),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "OPTIONS": _database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
_cache_url = os.environ.get("LEGACY_CACHE_URL")
_cache = (
    {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _cache_url}
    if _cache_url
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache_table",
    }
)
CACHES = {"default": _cache}
SESSION_ENGINE = f"django.contrib.sessions.backends.{os.environ.get('LEGACY_SESSION_ENGINE', 'db')}"

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
if _switch("LEGACY_QUICK_PASSWORDS", "0"):
    PASSWORD_HASHERS = [
        "legacy_site.apps.users.hashers.QuickPasswordHasher",
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
        "django.contrib.auth.hashers.ScryptPasswordHasher",
    ]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_USERNAME_VALIDATORS = "legacy_site.apps.users.models.username_validators"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
if not _switch("LEGACY_ACCOUNT_LIMITS", "1"):
    ACCOUNT_RATE_LIMITS = False
HONEYPOT_FIELD_NAME = "email_body_text"
HONEYPOT_VALUE = "write your message"

# These are seen by visitors of the API; see the answers recorded from the real site.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "NUM_PROXIES": 3,
}
if _switch("LEGACY_THROTTLING", "1"):
    REST_FRAMEWORK |= {
        "DEFAULT_THROTTLE_CLASSES": [
            "rest_framework.throttling.AnonRateThrottle",
            "rest_framework.throttling.UserRateThrottle",
        ],
        "DEFAULT_THROTTLE_RATES": {"anon": "100/day", "user": "3000/day"},
    }

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English")]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served straight from the apps' folders, so that there is nothing to collect first.
WHITENOISE_USE_FINDERS = True
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(
    os.environ.get("LEGACY_MEDIA_ROOT", Path(tempfile.gettempdir()) / "legacy_site_media")
)

EMAIL_FILE_PATH = os.environ.get("LEGACY_MAIL_FOLDER")
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'filebased' if EMAIL_FILE_PATH else 'console'}.EmailBackend"
)
DEFAULT_FROM_EMAIL = "noreply@python.org"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Replaces Django's own handler, which would mail the (absent) admins.
        "django": {"handlers": [], "propagate": True},
        # 404 and 403 are answers, not faults.
        "django.request": {"level": "ERROR"},
    },
}
