"""What the account pages work with; one for all requests of a process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from litestar.di import NamedDependency
from litestar.types import Scope

from legacy_bridge.django.rate_limits import RateLimits
from legacy_bridge.django.reset_tokens import ResetTokens
from ported_domains.shared.mail.mailer import Mailer
from ported_domains.shared.visitors.guards import ContractsMissingError
from ported_domains.users.accounts.settings import AccountSettings

ACCOUNTS_KEY: Final = "accounts"
"""In the app's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Beside the `Contracts` of the visitor, in which engine, secrets and passwords are."""

    settings: AccountSettings
    limits: RateLimits
    mailer: Mailer
    reset_tokens: ResetTokens


AccountServices = NamedDependency[Accounts]
"""The handler's argument `accounts`."""


def accounts_of(scope: Scope) -> Accounts:
    """The provider of `accounts`."""
    accounts: Any = scope["app"].state.get(ACCOUNTS_KEY)
    if accounts is None:
        raise ContractsMissingError(
            "STRANGLER_LEGACY_SECRET_KEY, STRANGLER_LEGACY_DATABASE_URL and STRANGLER_MAIL_URL are "
            "needed for account pages"
        )
    found: Accounts = accounts
    return found


PROVIDES: Final[dict[str, Callable[..., Any]]] = {"accounts": accounts_of}
