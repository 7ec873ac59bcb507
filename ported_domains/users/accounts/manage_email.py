"""The e-mail addresses of who is signed in: add one, mail its link again, remove one, and choose
the one that the account goes by."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response

from legacy_bridge.django.authentication.sign_in import Methods
from legacy_bridge.django.authentication.user import User
from legacy_bridge.django.emails import is_email
from legacy_bridge.django.settings import ERROR, SUCCESS
from ported_domains.shared.render import Show, Showing, redirect
from ported_domains.shared.urls import ANY, path
from ported_domains.shared.visitors.guards import login_required
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.addresses import (
    Address,
    addresses_of,
    create_address,
    keep_own_address,
    remove,
    set_primary,
)
from ported_domains.users.accounts.email_forms import ALREADY_YOURS, AddEmailForm
from ported_domains.users.accounts.mails import send_confirmation
from ported_domains.users.accounts.owners import owners_of
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.signed_in import signed_in
from ported_domains.users.accounts.view import (
    FORM_METHODS,
    bound_data,
    for_script,
    is_script,
    over_limit,
    refuse,
    show_form,
)

ADD: Final = "action_add"
"""The name of the button; those of the others are below."""


async def manage_email(
    visitor: Calling, accounts: AccountServices, show: Showing
) -> Response[bytes]:
    user = signed_in(visitor)
    if refusal := await over_limit(visitor, accounts, "manage_email", user_id=user.id):
        return refusal
    await keep_own_address(visitor.contracts.legacy, user.id, user.email)
    method = visitor.visit.method
    if method not in FORM_METHODS or method == "OPTIONS":
        return refuse(visitor, FORM_METHODS)
    if method in ("POST", "PUT") and ADD not in visitor.form:
        await _act(visitor, accounts, show, user)
        return for_script(visitor, redirect(paths.EMAIL), data=await _for_scripts(visitor, user))
    form = AddEmailForm(bound_data(visitor))

    async def accept(form: AddEmailForm) -> Response[bytes] | None:
        return await _add(visitor, accounts, show, user, form)

    context = await _context(visitor, user, form)
    answer = await show_form(
        visitor, show, "account/email.html", form, accept, context, for_scripts=False
    )
    return for_script(visitor, answer, form, await _for_scripts(visitor, user))


def may_be_removed(address: Address, of_user: Sequence[Address], methods: Methods) -> bool:
    """Not the primary one as long as there are others; nor the last one of an account to which
    only an address leads."""
    if len(of_user) > 1:
        return not address.primary
    return methods.username or not methods.email


def may_be_primary(address: Address, of_user: Sequence[Address]) -> bool:
    """From a verified address to another one that is; else to any."""
    return address.verified or not any(other.verified for other in of_user)


async def _add(
    visitor: VisitorState, accounts: Accounts, show: Show, user: User, form: AddEmailForm
) -> Response[bytes] | None:
    """That it belongs to somebody else is told to nobody; whose it is the mail will tell."""
    legacy, email = visitor.contracts.legacy, form.cleaned.email
    if any(owner.id == user.id for owner in await owners_of(legacy, email)):
        form.add_error("email", ALREADY_YOURS)
        return None
    address, created = await create_address(legacy, user.id, email)
    if created:
        await send_confirmation(visitor, accounts, show, address, user)
    return redirect(paths.EMAIL)


async def _act(visitor: VisitorState, accounts: Accounts, show: Show, user: User) -> None:
    """What the button says, about the chosen address if it is one of the user's."""
    email = visitor.form.get("email", "")
    if not is_email(email):
        return
    known = await addresses_of(visitor.contracts.legacy, user.id)
    address = next((each for each in known if each.email == email.lower()), None)
    if address is None:
        return
    if "action_send" in visitor.form:
        await send_confirmation(visitor, accounts, show, address, user)
    elif "action_remove" in visitor.form:
        await _remove(visitor, address, known)
    elif "action_primary" in visitor.form:
        await _make_primary(visitor, address, known)


async def _remove(visitor: VisitorState, address: Address, known: Sequence[Address]) -> None:
    if not may_be_removed(address, known, visitor.contracts.methods):
        fault = f"You cannot remove your primary email address ({address.email})."
        visitor.messages.add(ERROR, fault)
        return
    if await remove(visitor.contracts.legacy, address):
        visitor.messages.add(SUCCESS, f"Removed email address {address.email}.")


async def _make_primary(visitor: VisitorState, address: Address, known: Sequence[Address]) -> None:
    if not may_be_primary(address, known):
        visitor.messages.add(ERROR, "Your primary email address must be verified.")
        return
    if await set_primary(visitor.contracts.legacy, address):
        visitor.messages.add(SUCCESS, "Primary email address set.")


async def _context(visitor: VisitorState, user: User, form: AddEmailForm) -> dict[str, Any]:
    known = await addresses_of(visitor.contracts.legacy, user.id)
    radios = [
        {
            "id": f"email_radio_{number}",
            "checked": address.primary or len(known) == 1,
            "emailaddress": address,
        }
        for number, address in enumerate(known)
    ]
    return {
        "emailaddresses": known,
        "emailaddress_radios": radios,
        "add_email_form": form,
        "can_add_email": True,
    }


async def _for_scripts(visitor: VisitorState, user: User) -> list[dict[str, object]] | None:
    """The addresses as they are now, oldest first; None where no script asks."""
    if not is_script(visitor):
        return None
    known = await addresses_of(visitor.contracts.legacy, user.id)
    return [
        {
            "id": address.id,
            "email": address.email,
            "verified": address.verified,
            "primary": address.primary,
        }
        for address in sorted(known, key=lambda each: each.id)
    ]


EMAIL_ROUTES = (
    path("email/", manage_email, name="account_email", methods=ANY, guards=(login_required,)),
)
