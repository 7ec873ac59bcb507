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
from ported_domains.shared.mail.choosing import mailer_of
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.obeying import account_settings, rates
from ported_domains.users.accounts.services import Accounts
from proxy.contracts import legacy_cache
from proxy.settings import Settings

log = structlog.get_logger("accounts")


def accounts_of(
    settings: Settings, manifest: Manifest | None, contracts: Contracts | None, redis: Redis | None
) -> Accounts | None:
    """None where the account pages cannot be answered natively (`proxy/abilities.py` says why)."""
    mail_url = settings.plain("mail_url")
    if contracts is None or mail_url is None:
        return None
    own = account_settings(manifest, settings.mail_from)
    timeout = (
        THREE_DAYS
        if manifest is None
        else manifest.settings.get("PASSWORD_RESET_TIMEOUT", THREE_DAYS)
    )
    return Accounts(
        settings=own,
        limits=RateLimits(_cache(manifest, contracts, redis), rates(manifest)),
        mailer=mailer_of(mail_url, own.from_address),
        reset_tokens=ResetTokens(contracts.secrets, timeout, obeying.time_zone(manifest)),
    )


def _cache(manifest: Manifest | None, contracts: Contracts, redis: Redis | None) -> Cache:
    """Where both sides count; where they cannot, this process counts for itself."""
    try:
        return legacy_cache(manifest, contracts.legacy, redis)
    except NotSharedError as error:
        log.warning("limits_not_shared", reason=str(error))
        return MemoryCache()
