"""What the account pages work with, made from the settings and the legacy project's manifest."""

import structlog
from redis.asyncio import Redis

from legacy_bridge.django.cache.choosing import NotSharedError
from legacy_bridge.django.cache.contract import Cache
from legacy_bridge.django.cache.memory import MemoryCache
from legacy_bridge.django.rate_limits import RateLimits
from legacy_bridge.django.reset_tokens import THREE_DAYS, ResetTokens
from legacy_bridge.manifest import obeying
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from ported_domains.shared.mail.addresses import mailbox
from ported_domains.shared.mail.choosing import mailer_of
from ported_domains.shared.mail.mailer import Mailer
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.obeying import account_settings, rates
from ported_domains.users.accounts.services import Accounts
from ported_domains.users.accounts.settings import AccountSettings
from proxy.contracts import contracts_of, legacy_cache
from proxy.databases import open_engine, open_redis
from proxy.settings import Settings, SettingsError

log = structlog.get_logger("accounts")


def check(settings: Settings, manifest: Manifest | None) -> None:
    """Whether contracts and account pages can be made of the settings; nobody is connected to.

    Raises `SettingsError`.
    """
    database, cache = settings.plain("legacy_database_url"), settings.plain("legacy_cache_url")
    legacy = None if database is None else open_engine(database, pool_size=1, name="check")
    redis = None if cache is None else open_redis(cache)
    contracts = contracts_of(settings, manifest, legacy, redis)
    accounts_of(settings, manifest, contracts, redis)
    if contracts is not None:
        contracts.passwords.close()


def accounts_of(
    settings: Settings, manifest: Manifest | None, contracts: Contracts | None, redis: Redis | None
) -> Accounts | None:
    """None where the account pages cannot be answered natively (`proxy/abilities.py` says why).

    Raises `SettingsError`.
    """
    mail_url = settings.plain("mail_url")
    if contracts is None or mail_url is None:
        return None
    try:
        own = account_settings(manifest, settings.mail_from)
        limits = RateLimits(_cache(manifest, contracts, redis), rates(manifest))
        tokens = ResetTokens(contracts.secrets, _timeout(manifest), obeying.time_zone(manifest))
    except (ManifestError, TypeError, ValueError) as error:
        raise SettingsError(f"STRANGLER_LEGACY_MANIFEST: {error}") from error
    mailer = _mailer(mail_url, settings, own)
    return Accounts(settings=own, limits=limits, mailer=mailer, reset_tokens=tokens)


def _timeout(manifest: Manifest | None) -> int:
    if manifest is None:
        return THREE_DAYS
    return manifest.settings.get("PASSWORD_RESET_TIMEOUT", THREE_DAYS)


def _mailer(mail_url: str, settings: Settings, own: AccountSettings) -> Mailer:
    try:
        mailbox(own.from_address)
    except ValueError as error:
        if settings.mail_from is not None:
            raise SettingsError(f"STRANGLER_MAIL_FROM: {error}") from None
        raise SettingsError(
            f"STRANGLER_LEGACY_MANIFEST: DEFAULT_FROM_EMAIL: {error}; "
            "set STRANGLER_MAIL_FROM for native pages"
        ) from None
    try:
        return mailer_of(mail_url, own.from_address)
    except ValueError as error:
        raise SettingsError(f"STRANGLER_MAIL_URL: {error}") from None


def _cache(manifest: Manifest | None, contracts: Contracts, redis: Redis | None) -> Cache:
    """Where both sides count; where they cannot, this process counts for itself."""
    try:
        return legacy_cache(manifest, contracts.legacy, redis)
    except NotSharedError as error:
        log.warning("limits_not_shared", reason=str(error))
        return MemoryCache()
