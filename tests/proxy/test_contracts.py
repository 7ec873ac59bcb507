"""The contracts that settings and manifest lead to; what cannot be kept is refused by its name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.hosts import HostRules
from legacy_bridge.django.sessions.cache import CacheStore
from legacy_bridge.django.sessions.cached_database import CachedDatabaseStore
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.settings import CsrfSettings, MessageSettings, Secrets, SessionSettings
from legacy_bridge.manifest.model import Manifest
from ported_domains.shared.visitors.contracts import Contracts
from proxy.contracts import contracts_of, secrets_of
from proxy.databases import open_engine, open_redis
from proxy.embedded.child import free_port
from proxy.settings import Settings, SettingsError
from tests.proxy.telling import PLAIN, bundled, plain, told

PICKLES = "django.contrib.sessions.serializers.PickleSerializer"
BACKENDS = "django.contrib.sessions.backends"
CACHES = "django.core.cache.backends"
MESSAGES = "django.contrib.messages.storage"
TABLE = {"BACKEND": f"{CACHES}.db.DatabaseCache", "TABLE": "a_table"}
IN_REDIS = {"BACKEND": f"{CACHES}.redis.RedisCache"}
IN_MEMORY = {"BACKEND": f"{CACHES}.locmem.LocMemCache"}
OF_OTHERS = f"{CACHES}.locmem.LocMemCache is not a cache that another process can read"
NO_REDIS = "where its Redis is says STRANGLER_LEGACY_CACHE_URL, which is not set"
NO_PASSWORDS = "native pages cannot check such passwords; leave logging in with the legacy site"
REMEDY = (
    "without STRANGLER_LEGACY_SECRET_KEY all pages that know visitors stay with the legacy site"
)
WITH_KEY = Settings(legacy_secret_key=SecretStr("a key"))


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[AsyncEngine]:
    """Nobody connects with it."""
    one = open_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/none", pool_size=1, name="test")
    yield one
    await one.dispose()


@pytest_asyncio.fixture
async def redis() -> AsyncIterator[Redis]:
    async with open_redis(f"redis://127.0.0.1:{free_port()}") as one:
        yield one


def made(
    manifest: Manifest | None,
    engine: AsyncEngine,
    redis: Redis | None = None,
    settings: Settings = WITH_KEY,
) -> Contracts:
    contracts = contracts_of(settings, manifest, engine, redis)
    assert contracts is not None
    contracts.passwords.close()
    return contracts


async def test_without_key_or_database_nobody_is_known(engine: AsyncEngine) -> None:
    assert contracts_of(Settings(), plain(), engine, None) is None
    assert contracts_of(WITH_KEY, plain(), None, None) is None


def test_secrets() -> None:
    fallbacks = (SecretStr("old"), SecretStr("older"))
    settings = Settings(legacy_secret_key=SecretStr("new"), legacy_secret_key_fallbacks=fallbacks)
    assert secrets_of(settings) == Secrets(key="new", fallbacks=("old", "older"))
    assert secrets_of(Settings()) is None


async def test_without_a_manifest_djangos_defaults_hold(engine: AsyncEngine) -> None:
    contracts = made(None, engine)
    assert isinstance(contracts.sessions, DatabaseStore)
    assert contracts.session_settings == SessionSettings()
    assert contracts.message_settings == MessageSettings()
    assert contracts.csrf == CsrfSettings()
    assert (contracts.hosts, contracts.login_url) == (None, "/accounts/login/")
    assert contracts.honeypot is None
    assert (contracts.methods.username, contracts.methods.email) == (True, True)


async def test_statements_are_transactions_of_their_own(engine: AsyncEngine) -> None:
    options = made(None, engine).legacy.sync_engine.get_execution_options()
    assert options["isolation_level"] == "AUTOCOMMIT"


async def test_the_bundled_site(engine: AsyncEngine) -> None:
    contracts = made(bundled(), engine)
    assert contracts.honeypot is not None
    assert contracts.message_settings.tags[20] == "general"
    assert contracts.hosts == HostRules(("*",), secure_header=("x-forwarded-proto", "https"))
    assert contracts.methods.backends[1] == "allauth.account.auth_backends.AuthenticationBackend"


async def test_a_plain_project_knows_its_users_by_name(engine: AsyncEngine) -> None:
    contracts = made(plain(), engine)
    assert "FROM auth_user u" in str(contracts.users.user)
    assert "auth_user_groups" in str(contracts.users.user)


async def test_where_next_may_lead(engine: AsyncEngine) -> None:
    """The manifest says, or else the proxy's own setting; a host that nobody named is none."""
    there = "https://other.example/"
    named = Settings(legacy_secret_key=SecretStr("a key"), allowed_hosts=("other.example",))
    hosts = {"ALLOWED_HOSTS": ["other.example"]}
    origins = {"CSRF_TRUSTED_ORIGINS": ["https://other.example"]}
    for manifest, settings, expected in (
        (None, WITH_KEY, None),
        (None, named, there),
        (plain(), named, None),
        (plain(hosts), WITH_KEY, there),
        (plain(origins), WITH_KEY, there),
    ):
        contracts = made(manifest, engine, settings=settings)
        assert contracts.destinations.wanted("ours.example", there) == expected


@pytest.mark.parametrize(
    ("changes", "store"),
    [
        ({}, DatabaseStore),
        ({"SESSION_ENGINE": f"{BACKENDS}.db"}, DatabaseStore),
        (
            {"SESSION_ENGINE": f"{BACKENDS}.cached_db", "CACHES": {"default": TABLE}},
            CachedDatabaseStore,
        ),
        (
            {"SESSION_ENGINE": f"{BACKENDS}.cached_db", "CACHES": {"default": IN_REDIS}},
            CachedDatabaseStore,
        ),
        (
            {
                "SESSION_ENGINE": f"{BACKENDS}.cache",
                "SESSION_CACHE_ALIAS": "sessions",
                "CACHES": {"default": IN_MEMORY, "sessions": IN_REDIS},
            },
            CacheStore,
        ),
        (
            {
                "SESSION_ENGINE": f"{BACKENDS}.cache",
                "SESSION_SERIALIZER": "own.Serializer",  # caches have another setting for that
                "CACHES": {"default": TABLE},
            },
            CacheStore,
        ),
        ({"SESSION_ENGINE": f"{BACKENDS}.signed_cookies"}, SignedCookieStore),
    ],
)
async def test_where_sessions_are(
    engine: AsyncEngine, redis: Redis, changes: dict[str, Any], store: type
) -> None:
    assert type(made(plain(changes), engine, redis).sessions) is store


@pytest.mark.parametrize(
    ("storage", "classes"),
    [
        (f"{MESSAGES}.cookie.CookieStorage", "CookieStorage"),
        (f"{MESSAGES}.session.SessionStorage", "SessionStorage"),
        (f"{MESSAGES}.fallback.FallbackStorage", "FallbackStorage"),
    ],
)
async def test_where_messages_are(engine: AsyncEngine, storage: str, classes: str) -> None:
    contracts = made(plain({"MESSAGE_STORAGE": storage}), engine)
    session = Session(contracts.sessions, contracts.session_settings, None)
    messages = contracts.messages_of(session, None)
    messages.add(40, "a text")
    lines: list[bytes] = []
    await messages.store(lines)
    in_cookie = classes != "SessionStorage"
    assert (len(lines) == 1, "_messages" in session) == (in_cookie, not in_cookie)


def without(label: str, part: str, *names: str) -> list[dict[str, Any]]:
    """The plain project's models, one of them without some of its fields or relations."""
    models: list[dict[str, Any]] = told(PLAIN, {})["models"]
    for model in models:
        if model["label"] == label:
            model[part] = [each for each in model[part] if each["name"] not in names]
    return models


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "sessions of its own": (
        {"SESSION_ENGINE": "own.sessions"},
        {},
        "SESSION_ENGINE: sessions in own.sessions cannot be read natively",
    ),
    "sessions in files": (
        {"SESSION_ENGINE": f"{BACKENDS}.file"},
        {},
        f"SESSION_ENGINE: sessions in {BACKENDS}.file cannot be read natively",
    ),
    "pickled sessions": (
        {"SESSION_SERIALIZER": PICKLES},
        {},
        f"SESSION_SERIALIZER: what {PICKLES} writes cannot be read natively",
    ),
    "sessions in memory": (
        {"SESSION_ENGINE": f"{BACKENDS}.cached_db"},
        {},
        f"SESSION_ENGINE: CACHES['default']: {OF_OTHERS}",
    ),
    "no such cache": (
        {"SESSION_ENGINE": f"{BACKENDS}.cache", "SESSION_CACHE_ALIAS": "other"},
        {},
        "SESSION_ENGINE: CACHES: there is no 'other', only default",
    ),
    "no Redis": (
        {"SESSION_ENGINE": f"{BACKENDS}.cache", "CACHES": {"default": IN_REDIS}},
        {},
        f"SESSION_ENGINE: CACHES['default']: {NO_REDIS}",
    ),
    "keys of its own": (
        {
            "SESSION_ENGINE": f"{BACKENDS}.cache",
            "CACHES": {"default": TABLE | {"KEY_FUNCTION": "own.key"}},
        },
        {},
        "SESSION_ENGINE: CACHES['default']: its keys are named by own.key",
    ),
    "messages of its own": (
        {"MESSAGE_STORAGE": "own.Messages"},
        {},
        "MESSAGE_STORAGE: messages in own.Messages cannot be read natively",
    ),
    "no user model": (
        {"AUTH_USER_MODEL": "own.User"},
        {},
        "AUTH_USER_MODEL: there is no model own.User in the manifest",
    ),
    "users without names": (
        {},
        {"models": ("auth.User", "fields", "username", "last_login")},
        "AUTH_USER_MODEL: auth.User has no last_login, username, which native pages ask for",
    ),
    "users without groups": (
        {},
        {"models": ("auth.User", "many_to_many", "groups")},
        "AUTH_USER_MODEL: auth.User does not keep its groups as Django's does",
    ),
    "a hasher of its own": (
        {},
        {"hashers": [{"django": None, "algorithm": "own", "costs": {}}]},
        f"PASSWORD_HASHERS: own is hashed by a class of the project's own — {NO_PASSWORDS}",
    ),
    "a cookie that is none": (
        {"SESSION_COOKIE_SAMESITE": "Never"},
        {},
        'SESSION_COOKIE_…: samesite must be "lax", "none" or "strict", not \'Never\'',
    ),
    "no such zone": (
        {"USE_TZ": False, "TIME_ZONE": "Mars/Olympus"},
        {},
        "TIME_ZONE: 'Mars/Olympus' is not known here — install tzdata",
    ),
    "ways to log in": (
        {},
        {"allauth": {"LOGIN_METHODS": 1}},
        "ACCOUNT_LOGIN_METHODS: must be a list, not 1",
    ),
    "a honeypot without a name": (
        {},
        {"honeypot": {}},
        "HONEYPOT_FIELD_NAME: must be str, not None",
    ),
    "a flag's age": (
        {},
        {"waffle": {"MAX_AGE": "long"}},
        "WAFFLE_MAX_AGE: must be int, not 'long'",
    ),
}
"""Changed settings, other parts of the manifest (`models`: see `without`), and what is said."""


@pytest.mark.parametrize("case", REFUSALS)
async def test_what_cannot_be_kept_is_refused(engine: AsyncEngine, case: str) -> None:
    changes, others, said = REFUSALS[case]
    if "models" in others:
        others = {"models": without(*others["models"])}
    with pytest.raises(SettingsError) as refused:
        contracts_of(WITH_KEY, plain(changes, **others), engine, None)
    assert str(refused.value) == f"STRANGLER_LEGACY_MANIFEST: {said}; {REMEDY}"
