"""What the native account pages agree on with the bundled legacy site, made from its settings."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries
from legacy_bridge.django.authentication.recognition import Recognition
from legacy_bridge.django.authentication.sign_in import Methods
from legacy_bridge.django.cache.database import DatabaseCache
from legacy_bridge.django.flags import FlagSettings
from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.django.hosts import HostRules
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.messages.storage import (
    CookieStorage,
    FallbackStorage,
    SessionStorage,
    message_signer,
)
from legacy_bridge.django.passwords.checking import Passwords
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.passwords.setting import Costs, hashers_of
from legacy_bridge.django.rate_limits import RateLimits, rates_of
from legacy_bridge.django.redirects import Destinations
from legacy_bridge.django.reset_tokens import ResetTokens
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.database import DatabaseStore
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.settings import (
    DEFAULT_TAGS,
    INFO,
    CacheSettings,
    CsrfSettings,
    MessageSettings,
    Secrets,
    SessionSettings,
)
from ported_domains.shared.mail.folder import FolderDelivery
from ported_domains.shared.mail.mailer import PostOffice
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.services import Accounts
from ported_domains.users.accounts.settings import AccountSettings
from proxy.demo.parts import SECRET_KEY

HOSTS = ("127.0.0.1", ".example.org")
"""ALLOWED_HOSTS of both sides."""
SENDER = "noreply@python.org"
SECRETS = Secrets(key=SECRET_KEY)
QUICK = Costs(iterations=20_000, scrypt_parallelism=5)
"""Of the bundled site's LEGACY_QUICK_PASSWORDS."""
HOST_RULES = HostRules.of(HOSTS, secure_proxy_ssl_header=("HTTP_X_FORWARDED_PROTO", "https"))


def contracts_of(legacy: AsyncEngine) -> Contracts:
    """`legacy` is put into autocommit."""
    legacy = legacy.execution_options(isolation_level="AUTOCOMMIT")
    sessions = SessionSettings()
    messages = MessageSettings(tags={**DEFAULT_TAGS, INFO: "general"})
    signer = message_signer(SECRETS)

    def messages_of(session: Session, cookie: str | None) -> Messages:
        storages = CookieStorage(signer, messages, cookie), SessionStorage(session, messages)
        return Messages(FallbackStorage(*storages), messages)

    store = DatabaseStore(legacy, SessionCodec(SECRETS, sessions.salt))
    users, methods = UserQueries(), Methods()
    return Contracts(
        secrets=SECRETS,
        legacy=legacy,
        sessions=store,
        session_settings=sessions,
        message_settings=messages,
        messages_of=messages_of,
        csrf=CsrfSettings(),
        hosts=HOST_RULES,
        destinations=Destinations(HOSTS),
        login_url="/accounts/login/",
        methods=methods,
        users=users,
        recognition=Recognition(legacy, store, users, SECRETS, methods.backends),
        passwords=PasswordThreads(Passwords(*hashers_of(costs=QUICK))),
        honeypot=Honeypot(),
        flags=FlagSettings(),
    )


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
