"""Confirming an e-mail address (behaviour/accounts.md, "E-mail confirmation link").

A GET of the mailed link only asks, since programs follow links in mails; a POST confirms. Neither
logs anybody in, but both log somebody else out.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from litestar import Response
from litestar.exceptions import NotFoundException

from legacy_bridge.django.authentication.allauth_session import PENDING
from legacy_bridge.django.authentication.user import User
from legacy_bridge.django.email_confirmation import address_to_confirm
from legacy_bridge.django.settings import ERROR, SUCCESS
from ported_domains.shared.render import Show, Showing
from ported_domains.shared.urls import FromUrl
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts.addresses import (
    Address,
    address_by_id,
    is_verified_elsewhere,
    verify,
)
from ported_domains.users.accounts.current_site import current_site
from ported_domains.users.accounts.logout import sign_out
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.view import (
    Answer,
    for_script,
    is_script,
    redirect_names,
    sent_to,
    wanted_next,
)

_MOST: Final = 2**63 - 1
"""What the database takes for a number of a row."""


@dataclass(frozen=True, slots=True)
class OwnedAddress(Address):
    user: User


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`confirmation` in the template: an address that waits, and whose it is."""

    key: str
    email_address: OwnedAddress


async def confirm_email(
    visitor: Calling, accounts: AccountServices, show: Showing, key: FromUrl
) -> Response[bytes]:
    confirmation = await _find(visitor, accounts, key)
    if visitor.visit.method != "POST":
        return await _ask(visitor, accounts, show, confirmation)
    if confirmation is None:
        raise NotFoundException
    await visitor.load()
    return await _confirm(visitor, accounts, confirmation)


async def _find(visitor: VisitorState, accounts: Accounts, key: str) -> Confirmation | None:
    """None for a key that is not ours, too old, or was used."""
    contracts = visitor.contracts
    valid = accounts.settings.confirmation_valid
    address_id = address_to_confirm(key, contracts.secrets, valid)
    if address_id is None or abs(address_id) > _MOST:
        return None
    address = await address_by_id(contracts.legacy, address_id)
    if address is None or address.verified:
        return None
    user = await contracts.recognition.user(address.user_id)
    return None if user is None else Confirmation(key, OwnedAddress(**asdict(address), user=user))


async def _ask(
    visitor: VisitorState, accounts: Accounts, show: Show, confirmation: Confirmation | None
) -> Answer:
    if confirmation is None and is_script(visitor):
        nothing = Response(b"", status_code=400, media_type="text/html")
        return for_script(visitor, nothing, data={"can_confirm": False})
    await visitor.load()
    names: dict[str, Any] = {"confirmation": None, "can_confirm": None}
    told: dict[str, Any] = {}
    if confirmation is not None:
        await _sign_out_others(visitor, confirmation)
        address = confirmation.email_address
        taken = await is_verified_elsewhere(visitor.contracts.legacy, address)
        names = {"confirmation": confirmation, "can_confirm": not taken, "email": address.email}
        told = {"email": address.email, "user": {"display": address.user.username}}
    site = await current_site(visitor.contracts.legacy, accounts.settings.site_id)
    names |= {**redirect_names(visitor), "site": site}
    page = await show("account/email_confirm.html", **names)
    return for_script(visitor, page, data={"can_confirm": True, **told})


async def _confirm(visitor: VisitorState, accounts: Accounts, confirmation: Confirmation) -> Answer:
    email = confirmation.email_address.email
    if await verify(visitor.contracts.legacy, confirmation.email_address):
        visitor.messages.add(SUCCESS, f"You have confirmed {email}.")
        visitor.session.pop(PENDING, None)
        await _sign_out_others(visitor, confirmation)
    else:
        reason = "because it is already confirmed by a different account"
        visitor.messages.add(ERROR, f"Unable to confirm {email} {reason}.")
    settings = accounts.settings
    inside = visitor.user.is_authenticated
    afterwards = settings.login_redirect_url if inside else settings.login_url
    return sent_to(wanted_next(visitor) or afterwards)


async def _sign_out_others(visitor: VisitorState, confirmation: Confirmation) -> None:
    """Whoever is logged in here is not who was written to."""
    if visitor.user.is_authenticated and visitor.user.id != confirmation.email_address.user.id:
        await sign_out(visitor)
