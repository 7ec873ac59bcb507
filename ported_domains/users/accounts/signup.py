"""Signing up (behaviour/accounts.md, "Sign-up"): nobody learns here whether an address is known."""

import time
from functools import partial

from litestar import Response

from legacy_bridge.django.authentication.allauth_session import pending_login
from ported_domains.shared.render import Show, Showing, redirect
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.current_site import current_site
from ported_domains.users.accounts.forms import NAME_TAKEN, SignUpForm, proposed_email
from ported_domains.users.accounts.login import already_inside
from ported_domains.users.accounts.mails import send_account_exists, send_confirmation
from ported_domains.users.accounts.owners import owners_of
from ported_domains.users.accounts.rows import NewUser, Taken, create_user, is_name_taken
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.view import (
    Answer,
    bound_data,
    never_cached,
    over_limit,
    redirect_names,
    show_form,
    wanted_next,
    with_next,
)

FLAGS = {
    "SOCIALACCOUNT_ENABLED": False,
    "SOCIALACCOUNT_ONLY": False,
    "PASSKEY_SIGNUP_ENABLED": False,
    "signup_by_passkey_url": None,
}
"""Ways to sign up that allauth's templates ask about, none of which the site has."""


async def signup(visitor: Calling, accounts: AccountServices, show: Showing) -> Response[bytes]:
    if refused := await over_limit(visitor, accounts, "signup"):
        return refused
    if inside := await already_inside(visitor, accounts):
        return inside
    legacy, settings = visitor.contracts.legacy, accounts.settings
    form = SignUpForm(bound_data(visitor), settings, proposed_email(visitor.query))
    await form.refuse_if("username", partial(is_name_taken, legacy), NAME_TAKEN)
    context = {
        **redirect_names(visitor),
        **FLAGS,
        "login_url": with_next(visitor, paths.LOGIN),
        "signup_url": with_next(visitor, paths.SIGNUP),
        "site": await current_site(legacy, settings.site_id),
    }
    accept = partial(_accept, visitor, accounts, show)
    return never_cached(
        await show_form(visitor, show, "account/signup.html", form, accept, context)
    )


async def _accept(
    visitor: VisitorState, accounts: Accounts, show: Show, form: SignUpForm
) -> Answer | None:
    """Known or not, it takes as long, looks the same, and ends at the same page."""
    contracts, email = visitor.contracts, form.cleaned.email
    known = bool(await owners_of(contracts.legacy, email))
    password = await contracts.passwords.make(form.cleaned.password1.get_secret_value())
    new = NewUser(username=form.cleaned.username, email=email, password=password)
    made = Taken.ADDRESS if known else await create_user(contracts.legacy, new)
    if made is Taken.NAME:
        form.add_error("username", NAME_TAKEN)
        return None
    if made is Taken.ADDRESS:
        await send_account_exists(visitor, accounts, show, email)
        pending = pending_login(None, email, time.time(), next_url=None, signup=True)
    else:
        await send_confirmation(visitor, accounts, show, made, new, signup=True)
        pending = pending_login(
            made.user_id, None, time.time(), next_url=wanted_next(visitor), signup=True
        )
    visitor.session.update(pending)
    return redirect(paths.CONFIRM_EMAIL)
