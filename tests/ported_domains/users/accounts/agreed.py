"""What the native account pages agree on with the bundled legacy site, made from its settings."""

from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.cache.database import DatabaseCache
from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.passwords.setting import Costs, hashers_of
from legacy_bridge.django.rate_limits import RateLimits, rates_of
from legacy_bridge.django.reset_tokens import ResetTokens
from legacy_bridge.django.settings import CacheSettings, Secrets
from ported_domains.shared.mail.folder import FolderDelivery
from ported_domains.shared.mail.mailer import PostOffice
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.services import Accounts
from ported_domains.users.accounts.settings import AccountSettings
from proxy.contracts import contracts_of as agreed_with
from proxy.demo.parts import SECRET_KEY
from proxy.settings import Settings
from tests.proxy.telling import bundled

HOSTS = ("127.0.0.1", ".example.org")
"""ALLOWED_HOSTS of both sides."""
SENDER = "noreply@python.org"
SECRETS = Secrets(key=SECRET_KEY)
QUICK = Costs(iterations=20_000, scrypt_parallelism=5)
"""Of the bundled site's LEGACY_QUICK_PASSWORDS."""


def contracts_of(legacy: AsyncEngine) -> Contracts:
    """As the proxy makes them of what the site tells, with its quick passwords."""
    manifest = bundled({"ALLOWED_HOSTS": list(HOSTS)})
    made = agreed_with(Settings(legacy_secret_key=SecretStr(SECRET_KEY)), manifest, legacy, None)
    assert made is not None
    return replace(made, passwords=PasswordThreads(Passwords(*hashers_of(costs=QUICK))))


def accounts_of(
    contracts: Contracts, mails: Path, settings: AccountSettings | None = None
) -> Accounts:
    """Mails are written to the folder."""
    cache = DatabaseCache(contracts.legacy, "django_cache_table", CacheSettings())
    return Accounts(
        settings=settings or ACCOUNTS,
        limits=RateLimits(cache, rates_of({})),
        mailer=PostOffice(FolderDelivery(mails), SENDER),
        reset_tokens=ResetTokens(SECRETS),
    )


ACCOUNTS = AccountSettings(
    from_address=SENDER,
    username_fault="Use only unaccented letters, digits and the characters @ . + - _",
)
