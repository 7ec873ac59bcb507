"""The contracts with the legacy site, made from what the settings and its manifest say.

Whatever a native page could not keep is refused when the proxy starts, with the setting's name.
"""

from typing import Final

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries
from legacy_bridge.django.authentication.recognition import Recognition
from legacy_bridge.django.authentication.sign_in import Methods
from legacy_bridge.django.cache.choosing import NotSharedError, shared_cache
from legacy_bridge.django.cache.contract import Cache
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.messages.storage import (
    CookieStorage,
    FallbackStorage,
    SessionStorage,
    Storage,
    message_signer,
)
from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.redirects import Destinations
from legacy_bridge.django.sessions.cache import CacheStore
from legacy_bridge.django.sessions.cached_database import CachedDatabaseStore
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.sessions.store import SessionStore
from legacy_bridge.django.settings import MessageSettings, Secrets, SessionSettings
from legacy_bridge.manifest import hashing, obeying
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from ported_domains.shared.visitors.contracts import Contracts, MessagesOf
from proxy.settings import Settings, SettingsError

ENGINES: Final = "django.contrib.sessions.backends."
MESSAGES: Final = "django.contrib.messages.storage."
USER_COLUMNS: Final = {
    *("id", "username", "password", "email", "first_name", "last_name"),
    *("is_active", "is_staff", "is_superuser", "last_login", "date_joined"),
}
"""Of AbstractUser."""


def secrets_of(settings: Settings) -> Secrets | None:
    """SECRET_KEY and its fallbacks; None where they are not set."""
    if settings.legacy_secret_key is None:
        return None
    fallbacks = tuple(key.get_secret_value() for key in settings.legacy_secret_key_fallbacks)
    return Secrets(key=settings.legacy_secret_key.get_secret_value(), fallbacks=fallbacks)


def contracts_of(
    settings: Settings, manifest: Manifest | None, legacy: AsyncEngine | None, redis: Redis | None
) -> Contracts | None:
    """None where sessions cannot be read: then nobody is known natively, and nothing is posted.

    `redis` is that of the legacy project's cache. Raises `SettingsError`.
    """
    secrets = secrets_of(settings)
    if secrets is None or legacy is None:
        return None
    legacy = legacy.execution_options(isolation_level="AUTOCOMMIT")
    try:
        return _contracts(settings, secrets, manifest, legacy, redis)
    except NotSharedError as error:
        raise _refused(f"SESSION_ENGINE: {error}") from error
    except (ManifestError, ValueError) as error:
        raise _refused(str(error)) from error


def _refused(reason: str) -> SettingsError:
    return SettingsError(
        f"STRANGLER_LEGACY_MANIFEST: {reason}; without STRANGLER_LEGACY_SECRET_KEY all pages that "
        "know visitors stay with the legacy site"
    )


def _contracts(
    settings: Settings,
    secrets: Secrets,
    manifest: Manifest | None,
    legacy: AsyncEngine,
    redis: Redis | None,
) -> Contracts:
    session_settings = obeying.session_settings(manifest)
    message_settings = obeying.message_settings(manifest)
    sessions = _session_store(secrets, session_settings, manifest, legacy, redis)
    users = UserQueries(_user_table(manifest))
    methods = _methods(manifest)
    preferred, hashers = hashing.hashers(manifest)
    hosts = None if manifest is None else obeying.host_rules(manifest)
    names = settings.allowed_hosts if hosts is None else hosts.allowed_hosts
    return Contracts(
        secrets=secrets,
        legacy=legacy,
        sessions=sessions,
        session_settings=session_settings,
        message_settings=message_settings,
        messages_of=_messages_of(secrets, message_settings, manifest),
        csrf=obeying.csrf_settings(manifest),
        hosts=hosts,
        destinations=Destinations(names, _trusted_origins(manifest)),
        login_url=obeying.login_path(manifest),
        methods=methods,
        users=users,
        recognition=Recognition(legacy, sessions, users, secrets, methods.backends),
        passwords=PasswordThreads(Passwords(preferred, hashers)),
        honeypot=obeying.honeypot(manifest),
        flags=obeying.flag_settings(manifest),
    )


def _session_store(
    secrets: Secrets,
    settings: SessionSettings,
    manifest: Manifest | None,
    legacy: AsyncEngine,
    redis: Redis | None,
) -> SessionStore:
    """SESSION_ENGINE. A project's own store is refused: what it does is not known here."""
    engine = obeying.session_engine(manifest)
    serializer = obeying.session_serializer(manifest)
    codec = SessionCodec(secrets, settings.salt)
    database = DatabaseStore(legacy, codec)
    alias = _told(manifest, "SESSION_CACHE_ALIAS", "default")
    match engine.removeprefix(ENGINES):
        case "cache":
            return CacheStore(legacy_cache(manifest, legacy, redis, alias))
        case "db" | "cached_db" | "signed_cookies" if serializer != obeying.JSON:
            raise ManifestError(
                f"SESSION_SERIALIZER: what {serializer} writes cannot be read natively"
            )
        case "db":
            return database
        case "cached_db":
            return CachedDatabaseStore(
                database, legacy_cache(manifest, legacy, redis, alias), codec
            )
        case "signed_cookies":
            return SignedCookieStore(secrets, settings.cookie_age)
    raise ManifestError(f"SESSION_ENGINE: sessions in {engine} cannot be read natively")


def legacy_cache(
    manifest: Manifest | None, legacy: AsyncEngine, redis: Redis | None, alias: str = "default"
) -> Cache:
    """One of the project's caches, for both sides; `NotSharedError` where that cannot be."""
    caches = {} if manifest is None else manifest.settings.get("CACHES", {})
    if alias not in caches:
        raise NotSharedError(f"CACHES: there is no {alias!r}, only {', '.join(caches) or 'none'}")
    try:
        return shared_cache(caches[alias], legacy, redis)
    except NotSharedError as error:
        raise NotSharedError(f"CACHES[{alias!r}]: {error}") from None


def _messages_of(
    secrets: Secrets, settings: MessageSettings, manifest: Manifest | None
) -> MessagesOf:
    """MESSAGE_STORAGE."""
    signer = message_signer(secrets)
    told = _told(manifest, "MESSAGE_STORAGE", f"{MESSAGES}fallback.FallbackStorage")
    name = told.removeprefix(MESSAGES)

    def cookie(_: Session, value: str | None) -> Storage:
        return CookieStorage(signer, settings, value)

    def session(of: Session, _: str | None) -> Storage:
        return SessionStorage(of, settings)

    def both(of: Session, value: str | None) -> Storage:
        return FallbackStorage(cookie(of, value), session(of, value))

    known = {
        "cookie.CookieStorage": cookie,
        "session.SessionStorage": session,
        "fallback.FallbackStorage": both,
    }
    if name not in known:
        raise ManifestError(f"MESSAGE_STORAGE: messages in {told} cannot be read natively")
    storage_of = known[name]
    return lambda of, value: Messages(storage_of(of, value), settings)


def _methods(manifest: Manifest | None) -> Methods:
    """How one signs in: allauth's LOGIN_METHODS, and AUTHENTICATION_BACKENDS."""
    if manifest is None:
        return Methods()
    told = (manifest.allauth or {}).get("LOGIN_METHODS", ["username", "email"])
    if not isinstance(told, list):
        raise ManifestError(f"ACCOUNT_LOGIN_METHODS: must be a list, not {told!r}")
    backends = manifest.settings.get("AUTHENTICATION_BACKENDS", Methods().backends)
    return Methods("username" in told, "email" in told, tuple(backends))


def _user_table(manifest: Manifest | None) -> str:
    """The table of AUTH_USER_MODEL."""
    if manifest is None:
        return "users_user"
    label = manifest.settings.get("AUTH_USER_MODEL", "auth.User")
    model = manifest.model(label)
    if model is None:
        raise ManifestError(f"AUTH_USER_MODEL: there is no model {label} in the manifest")
    missing = sorted(USER_COLUMNS - {field.column for field in model.fields})
    if missing:
        raise ManifestError(
            f"AUTH_USER_MODEL: {label} has no {', '.join(missing)}, which native pages ask for"
        )
    links = {(each.table, each.source_column) for each in model.many_to_many}
    for name in ("groups", "user_permissions"):
        if (f"{model.table}_{name}", "user_id") not in links:
            raise ManifestError(
                f"AUTH_USER_MODEL: {label} does not keep its {name} as Django's does"
            )
    return model.table


def _told(manifest: Manifest | None, name: str, default: str) -> str:
    """A setting that is a text."""
    found: object = default if manifest is None else manifest.settings.get(name, default)
    return str(found)


def _trusted_origins(manifest: Manifest | None) -> tuple[str, ...]:
    return () if manifest is None else tuple(manifest.settings.get("CSRF_TRUSTED_ORIGINS", ()))
