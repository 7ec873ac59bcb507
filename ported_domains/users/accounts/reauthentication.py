"""Proving once more who one is: allauth asks for it before delicate changes.

No page of the site does, but other apps of a legacy project may.
"""

import time
from functools import partial

from litestar import Response
from litestar.exceptions import PermissionDeniedException

from legacy_bridge.django.authentication.allauth_session import proved_again
from legacy_bridge.django.authentication.user import User
from legacy_bridge.django.passwords.checking import is_usable
from legacy_bridge.django.rate_limits import login_key
from ported_domains.shared.render import Showing, redirect
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts.addresses import best_address_of
from ported_domains.users.accounts.current_site import current_site
from ported_domains.users.accounts.forms import (
    INCORRECT_PASSWORD,
    TOO_MANY_ATTEMPTS,
    ReauthenticateForm,
)
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.view import (
    Answer,
    asking,
    bound_data,
    over_limit,
    redirect_names,
    show_form,
    wanted_next,
)

SUSPENDED = "account_reauthentication_state"
"""In the session: a request of the legacy site's that waits for the proof."""


async def reauthenticate(
    visitor: Calling, accounts: AccountServices, show: Showing
) -> Response[bytes]:
    """After `login_required`. 403 for who has no password."""
    user = visitor.user
    if not isinstance(user, User) or not is_usable(user.password):
        raise PermissionDeniedException
    if refused := await over_limit(visitor, accounts, "reauthenticate", user_id=user.id):
        return refused
    form = ReauthenticateForm(bound_data(visitor))
    context = {**redirect_names(visitor), "reauthentication_alternatives": []}
    accept = partial(_accept, visitor, accounts, user)
    template = "account/reauthenticate.html"
    return await show_form(visitor, show, template, form, accept, context, for_scripts=False)


async def _accept(
    visitor: VisitorState, accounts: Accounts, user: User, form: ReauthenticateForm
) -> Answer | None:
    """Counted as attempts to log in are.

    An outdated password stays as it is until the next login: a new one would end all sessions.
    """
    counted = asking(visitor, key=await _login_key(visitor, accounts, user))
    usage = await accounts.limits.consume("login_failed", counted)
    if usage is None:
        form.add_error("password", TOO_MANY_ATTEMPTS)
        return None
    password = form.cleaned.password.get_secret_value()
    verdict = await visitor.contracts.passwords.verify(password, user.password)
    if not verdict.correct:
        form.add_error("password", INCORRECT_PASSWORD)
        return None
    await accounts.limits.give_back(usage)
    visitor.session.update(proved_again(visitor.session, time.time()))
    visitor.session.pop(SUSPENDED, None)
    return redirect(wanted_next(visitor) or accounts.settings.login_redirect_url)


async def _login_key(visitor: VisitorState, accounts: Accounts, user: User) -> str:
    """By the address that the user would be mailed at, else by the name."""
    legacy = visitor.contracts.legacy
    site = await current_site(legacy, accounts.settings.site_id)
    address = await best_address_of(legacy, user.id)
    primary = address.email if address is not None and address.primary else user.email
    return login_key(site.domain, primary or user.username)
