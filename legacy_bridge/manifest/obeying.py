"""What the native side works by, as the legacy project's manifest says; Django's defaults without.

Values that a native contract cannot carry out (a hasher or a cache key of the project's own) are
refused with a `ManifestError` that names the setting, rather than done in another way.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from legacy_bridge.django.cookies import CookieAttributes, CookieError
from legacy_bridge.django.csrf import CsrfRules
from legacy_bridge.django.flags import FlagSettings
from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.django.hosts import HostRules
from legacy_bridge.django.settings import (
    SESSION_COOKIE,
    TWO_WEEKS,
    YEAR,
    CsrfSettings,
    MessageSettings,
    SessionSettings,
)
from legacy_bridge.django.sorl import PILLOW, SorlSettings
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from legacy_bridge.manifest.settings import ProjectSettings

T = TypeVar("T")
NO_SETTINGS: ProjectSettings = {}
JSON = "django.contrib.sessions.serializers.JSONSerializer"
OF_VISITORS = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)


def session_settings(manifest: Manifest | None) -> SessionSettings:
    """Cookie, ages, salt, and the zone of naive times."""
    if manifest is None:
        return SessionSettings()
    told = manifest.settings
    return SessionSettings(
        cookie_name=told.get("SESSION_COOKIE_NAME", "sessionid"),
        cookie_age=told.get("SESSION_COOKIE_AGE", TWO_WEEKS),
        cookie=_session_cookie(told, told.get("SESSION_COOKIE_PATH", "/")),
        save_every_request=told.get("SESSION_SAVE_EVERY_REQUEST", False),
        expire_at_browser_close=told.get("SESSION_EXPIRE_AT_BROWSER_CLOSE", False),
        salt=manifest.session.salt or SessionSettings().salt,
        time_zone=None if told.get("USE_TZ", True) else time_zone(manifest),
    )


def session_engine(manifest: Manifest | None) -> str:
    """SESSION_ENGINE: the module, such as `django.contrib.sessions.backends.db`."""
    told = manifest.settings if manifest else NO_SETTINGS
    return told.get("SESSION_ENGINE", "django.contrib.sessions.backends.db")


def session_serializer(manifest: Manifest | None) -> str:
    """SESSION_SERIALIZER: the class that writes what is in a session."""
    told = manifest.settings if manifest else NO_SETTINGS
    return told.get("SESSION_SERIALIZER", JSON)


def missing_middleware(manifest: Manifest) -> tuple[str, ...]:
    """Those of Django that know who a visitor is, and that MIDDLEWARE has not.

    What a project's own do in their place is not known here.
    """
    told = manifest.settings.get("MIDDLEWARE", [])
    return tuple(name for name in OF_VISITORS if name not in told)


def message_settings(manifest: Manifest | None) -> MessageSettings:
    """Level, tags, and the cookie that messages are in; it shares the session cookie's marks."""
    if manifest is None:
        return MessageSettings()
    told, storage = manifest.settings, manifest.messages
    return MessageSettings(
        level=told.get("MESSAGE_LEVEL", MessageSettings().level),
        tags={int(level): tag for level, tag in storage.tags.items()},
        cookie_name=storage.cookie_name,
        cookie=_session_cookie(told, "/"),
        max_cookie_size=storage.max_cookie_size,
    )


def csrf_settings(manifest: Manifest | None) -> CsrfSettings:
    """The cookie or session that holds the secret, and whose requests are trusted."""
    if manifest is None:
        return CsrfSettings()
    told = manifest.settings
    return CsrfSettings(
        cookie_name=told.get("CSRF_COOKIE_NAME", "csrftoken"),
        cookie_age=told.get("CSRF_COOKIE_AGE", YEAR),
        cookie=cookie_attributes("CSRF", told, CookieAttributes(samesite="Lax")),
        header=_field_name(told.get("CSRF_HEADER_NAME", "HTTP_X_CSRFTOKEN")),
        in_session=told.get("CSRF_USE_SESSIONS", False),
        rules=csrf_rules(manifest),
    )


def csrf_rules(manifest: Manifest | None) -> CsrfRules:
    """From CSRF_TRUSTED_ORIGINS, and the domain of the cookie that holds the secret."""
    told = manifest.settings if manifest else NO_SETTINGS
    if told.get("CSRF_USE_SESSIONS", False):
        domain = told.get("SESSION_COOKIE_DOMAIN")
    else:
        domain = told.get("CSRF_COOKIE_DOMAIN")
    return CsrfRules.of(told.get("CSRF_TRUSTED_ORIGINS", ()), domain)


def host_rules(manifest: Manifest | None) -> HostRules:
    """ALLOWED_HOSTS, and what is believed of a proxy. Without a manifest no host is allowed."""
    told = manifest.settings if manifest else NO_SETTINGS
    return HostRules.of(
        told.get("ALLOWED_HOSTS", ()),
        use_forwarded_host=told.get("USE_X_FORWARDED_HOST", False),
        use_forwarded_port=told.get("USE_X_FORWARDED_PORT", False),
        secure_proxy_ssl_header=told.get("SECURE_PROXY_SSL_HEADER"),
        debug=told.get("DEBUG", False),
    )


def flag_settings(manifest: Manifest | None) -> FlagSettings:
    """WAFFLE_…; waffle's defaults where it is not installed."""
    told = (manifest.waffle if manifest else None) or {}
    default = FlagSettings()
    return FlagSettings(
        cookie=_flag_cookie(told.get("COOKIE"), default.cookie),
        test_cookie=_flag_cookie(told.get("TEST_COOKIE"), default.test_cookie),
        secure=_of_type("WAFFLE_SECURE", told.get("SECURE", default.secure), bool),
        max_age=_of_type("WAFFLE_MAX_AGE", told.get("MAX_AGE", default.max_age), int),
        override=_of_type("WAFFLE_OVERRIDE", told.get("OVERRIDE", default.override), bool),
        default=_of_type("WAFFLE_FLAG_DEFAULT", told.get("FLAG_DEFAULT", default.default), bool),
    )


def honeypot(manifest: Manifest | None) -> Honeypot | None:
    """The field that people leave as it is; None where the project has none."""
    if manifest is None or manifest.honeypot is None:
        return None
    told = manifest.honeypot
    field = _of_type("HONEYPOT_FIELD_NAME", told.get("FIELD_NAME"), str)
    return Honeypot(field, _of_type("HONEYPOT_VALUE", told.get("VALUE", ""), str))


def thumbnails(manifest: Manifest | None) -> SorlSettings | None:
    """How the project's sorl-thumbnail names and draws smaller images; None where it has none.
    Raises `ManifestError` where it does so in ways that are not known here."""
    if manifest is None or manifest.thumbnails is None:
        return None
    told, naming = manifest.thumbnails.settings, manifest.thumbnails.naming
    if naming is None:
        raise ManifestError(
            "THUMBNAIL_BACKEND, THUMBNAIL_STORAGE: only sorl-thumbnail's own names are known, of "
            "files in one folder with the uploads"
        )
    if told.get("DUMMY"):
        raise ManifestError("THUMBNAIL_DUMMY: dummies are not shown natively")
    found = SorlSettings(
        prefix=_of_type("THUMBNAIL_PREFIX", told.get("PREFIX", "cache/"), str),
        storage=naming.storage,
        url=naming.url,
        options=naming.options,
        extensions=naming.extensions,
        formats=naming.formats,
        removes_queries=told.get("REMOVE_URL_ARGS", True) is True,
        progressive=told.get("PROGRESSIVE", True) is True,
        orientation=told.get("ORIENTATION", True) is True,
        drawn_by_pillow=told.get("ENGINE", PILLOW) == PILLOW
        and not told.get("FLATTEN")
        and not told.get("ALTERNATIVE_RESOLUTIONS"),
    )
    name, geometry, file = naming.probe
    if found.file_name(name, geometry, found.options) != file:
        raise ManifestError("THUMBNAIL_BACKEND: this sorl-thumbnail names its files in another way")
    return found


def time_zone(manifest: Manifest | None) -> ZoneInfo:
    """TIME_ZONE; Django's default is Chicago's."""
    told = manifest.settings if manifest else NO_SETTINGS
    name = told.get("TIME_ZONE") or "America/Chicago"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ManifestError(f"TIME_ZONE: {name!r} is not known here — install tzdata") from None


def login_path(manifest: Manifest | None) -> str:
    """Where LOGIN_URL leads."""
    found = manifest.paths.get("LOGIN_URL") if manifest else None
    return found or "/accounts/login/"


def cookie_attributes(
    prefix: str, told: Mapping[str, Any], default: CookieAttributes
) -> CookieAttributes:
    """From the settings that begin with this prefix and `_COOKIE_`."""
    name = f"{prefix}_COOKIE_"
    try:
        return CookieAttributes(
            path=told.get(f"{name}PATH", default.path),
            domain=told.get(f"{name}DOMAIN", default.domain),
            secure=told.get(f"{name}SECURE", default.secure),
            httponly=told.get(f"{name}HTTPONLY", default.httponly),
            # False leaves the attribute out, as None does.
            samesite=told.get(f"{name}SAMESITE", default.samesite) or None,
        )
    except CookieError as error:
        raise ManifestError(f"{name}…: {error}") from None


def _session_cookie(told: ProjectSettings, path: str | None) -> CookieAttributes:
    return replace(cookie_attributes("SESSION", told, SESSION_COOKIE), path=path)


def _field_name(name_in_meta: str) -> str:
    """`HTTP_X_CSRFTOKEN` as it comes over the wire."""
    return name_in_meta.removeprefix("HTTP_").replace("_", "-").lower()


def _flag_cookie(written: object, default: str) -> str:
    """`dwf_%s` with the place for the name as Python's `format` has it."""
    if written is None:
        return default
    text = _of_type("WAFFLE_COOKIE", written, str)
    return text.replace("{", "{{").replace("}", "}}").replace("%s", "{}", 1)


def _of_type(name: str, value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise ManifestError(f"{name}: must be {kind.__name__}, not {value!r}")
    return value
