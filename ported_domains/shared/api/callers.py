"""Who calls an API: the `Authorization` field read as each API reads it, then looked up."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.credentials import Account, account_of_api_key, account_of_token
from ported_domains.shared.api.parameters import Parameters

log = logging.getLogger(__name__)

LEGACY_PARAMETERS = ("username", "api_key")


class Unknown(Enum):
    """Callers that are nobody."""

    GUEST = "no credentials were given"
    REFUSED = "they are wrong"


class TokenFault(Enum):
    """What is wrong with a token, in the words of Django REST framework."""

    NONE_GIVEN = "Invalid token header. No credentials provided."
    SPACES = "Invalid token header. Token string should not contain spaces."
    NOT_TEXT = "Invalid token header. Token string should not contain invalid characters."
    UNKNOWN = "Invalid token."
    INACTIVE = "User inactive or deleted."


@dataclass(frozen=True, slots=True)
class ApiKey:
    username: str
    key: str


class UncheckableCredentialsError(Exception):
    """Credentials came, but the legacy database that knows them cannot be asked."""


def read_api_key(authorization: str, parameters: Parameters) -> ApiKey | Unknown:
    """B.3: only `ApiKey <username>:<key>` counts; credentials in the query are always refused."""
    if any(name in parameters for name in LEGACY_PARAMETERS):
        return Unknown.REFUSED
    if not authorization:
        return Unknown.GUEST
    scheme, _, data = authorization.partition(" ")
    username, _, key = data.partition(":")
    if scheme.lower() != "apikey" or data.count(":") != 1 or not username or not key:
        return Unknown.REFUSED
    return ApiKey(username, key)


def read_token(authorization: str) -> str | TokenFault | None:
    """C.2: None where there is no token, also for other schemes. `authorization` is Latin-1."""
    scheme, *rest = authorization.encode("latin-1", errors="replace").split() or [b""]
    if scheme.lower() != b"token":
        return None
    if not rest:
        return TokenFault.NONE_GIVEN
    if len(rest) > 1:
        return TokenFault.SPACES
    try:
        return rest[0].decode()
    except UnicodeDecodeError:
        return TokenFault.NOT_TEXT


async def caller_of_api_key(
    legacy: AsyncEngine | None, authorization: str, parameters: Parameters
) -> Account | Unknown:
    """Raises `UncheckableCredentialsError`."""
    given = read_api_key(authorization, parameters)
    if isinstance(given, Unknown):
        return given
    account = await _found(
        legacy, lambda known: account_of_api_key(known, given.username, given.key)
    )
    return account if account is not None and account.is_active else Unknown.REFUSED


async def caller_of_token(
    legacy: AsyncEngine | None, authorization: str
) -> Account | TokenFault | None:
    """None is a guest. Raises `UncheckableCredentialsError`."""
    given = read_token(authorization)
    if given is None or isinstance(given, TokenFault):
        return given
    account = await _found(legacy, lambda known: account_of_token(known, given))
    if account is None:
        return TokenFault.UNKNOWN
    return account if account.is_active else TokenFault.INACTIVE


async def _found(
    legacy: AsyncEngine | None, find: Callable[[AsyncEngine], Awaitable[Account | None]]
) -> Account | None:
    if legacy is None:
        log.error("STRANGLER_LEGACY_DATABASE_URL is not set: no API credentials can be checked")
        raise UncheckableCredentialsError
    try:
        return await find(legacy)
    except (OSError, SQLAlchemyError) as error:
        log.error("the legacy database cannot check API credentials: %s", error)  # noqa: TRY400
        raise UncheckableCredentialsError from error
