"""The settings in a manifest, by Django's names. What is absent has Django's default."""

from typing import Any

# Not that of `typing`: pydantic reads it on Python 3.12 and later only.
from typing_extensions import TypedDict

Samesite = str | bool | None
"""Django takes False, too, for leaving the attribute out."""


class Options(TypedDict, total=False):
    """What is written of the OPTIONS of a cache or a template engine."""

    serializer: str
    MAX_ENTRIES: int
    CULL_FREQUENCY: int
    builtins: list[str]
    context_processors: list[str]
    libraries: dict[str, str]


class Cache(TypedDict, total=False):
    """An entry of CACHES, without its LOCATION, unless that is a TABLE of the database."""

    BACKEND: str
    KEY_PREFIX: str
    KEY_FUNCTION: str | None
    VERSION: int
    TIMEOUT: float | None
    TABLE: str
    OPTIONS: Options


class Database(TypedDict, total=False):
    """An entry of DATABASES, without where it is and who may use it."""

    ENGINE: str
    ATOMIC_REQUESTS: bool
    TIME_ZONE: str | None


class TemplateEngine(TypedDict, total=False):
    """An entry of TEMPLATES, without its folders."""

    BACKEND: str
    APP_DIRS: bool
    OPTIONS: Options


class ProjectSettings(TypedDict, total=False):
    """Those that the native side obeys; the manifest has some more, for people to read."""

    DEBUG: bool
    ROOT_URLCONF: str
    FORCE_SCRIPT_NAME: str | None
    ALLOWED_HOSTS: list[str]
    APPEND_SLASH: bool
    PREPEND_WWW: bool
    USE_X_FORWARDED_HOST: bool
    USE_X_FORWARDED_PORT: bool
    SECURE_PROXY_SSL_HEADER: tuple[str, str] | None
    MIDDLEWARE: list[str]
    INSTALLED_APPS: list[str]
    SITE_ID: int | None
    SESSION_ENGINE: str
    SESSION_SERIALIZER: str
    SESSION_CACHE_ALIAS: str
    SESSION_COOKIE_NAME: str
    SESSION_COOKIE_AGE: int
    SESSION_COOKIE_DOMAIN: str | None
    SESSION_COOKIE_PATH: str | None
    SESSION_COOKIE_SECURE: bool
    SESSION_COOKIE_HTTPONLY: bool
    SESSION_COOKIE_SAMESITE: Samesite
    SESSION_SAVE_EVERY_REQUEST: bool
    SESSION_EXPIRE_AT_BROWSER_CLOSE: bool
    CSRF_COOKIE_NAME: str
    CSRF_COOKIE_AGE: int | None
    CSRF_COOKIE_DOMAIN: str | None
    CSRF_COOKIE_PATH: str | None
    CSRF_COOKIE_SECURE: bool
    CSRF_COOKIE_HTTPONLY: bool
    CSRF_COOKIE_SAMESITE: Samesite
    CSRF_USE_SESSIONS: bool
    CSRF_HEADER_NAME: str
    CSRF_TRUSTED_ORIGINS: list[str]
    MESSAGE_STORAGE: str
    MESSAGE_LEVEL: int
    MESSAGE_TAGS: dict[str, str]
    AUTH_USER_MODEL: str
    AUTHENTICATION_BACKENDS: list[str]
    PASSWORD_HASHERS: list[str]
    PASSWORD_RESET_TIMEOUT: int
    LOGIN_URL: str
    LOGIN_REDIRECT_URL: str
    LOGOUT_REDIRECT_URL: str | None
    LANGUAGE_CODE: str
    LANGUAGES: list[tuple[str, str]]
    LANGUAGE_COOKIE_NAME: str
    LANGUAGE_COOKIE_AGE: int | None
    LANGUAGE_COOKIE_DOMAIN: str | None
    LANGUAGE_COOKIE_PATH: str | None
    LANGUAGE_COOKIE_SECURE: bool
    LANGUAGE_COOKIE_HTTPONLY: bool
    LANGUAGE_COOKIE_SAMESITE: Samesite
    USE_I18N: bool
    USE_TZ: bool
    TIME_ZONE: str | None
    STATIC_URL: str | None
    MEDIA_URL: str
    DEFAULT_FROM_EMAIL: str
    SERVER_EMAIL: str
    EMAIL_SUBJECT_PREFIX: str
    CACHES: dict[str, Cache]
    DATABASES: dict[str, Database]
    TEMPLATES: list[TemplateEngine]


Values = dict[str, Any]
"""Settings of an app of others (allauth, waffle), without its prefix: they differ by version."""
