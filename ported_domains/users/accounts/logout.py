"""Logging out: a GET asks, a POST does it (behaviour/accounts.md, "Log-out")."""

from litestar import Response

from legacy_bridge.django.authentication.allauth_session import GONE_AT_LOG_OUT
from legacy_bridge.django.settings import SUCCESS
from ported_domains.shared.render import Showing
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts.services import AccountServices
from ported_domains.users.accounts.view import (
    for_script,
    is_script,
    redirect_names,
    sent_to,
    wanted_next,
)


async def logout(visitor: Calling, accounts: AccountServices, show: Showing) -> Response[bytes]:
    await visitor.load()
    location = wanted_next(visitor) or accounts.settings.logout_redirect_url
    if visitor.visit.method == "POST":
        await sign_out(visitor)
    elif visitor.user.is_authenticated:
        if is_script(visitor):
            return for_script(visitor, Response(b""))
        return await show("account/logout.html", **redirect_names(visitor))
    return for_script(visitor, sent_to(location))


async def sign_out(visitor: VisitorState) -> None:
    """End the login, if there is one, and whatever an account page had begun. After `load()`."""
    if visitor.user.is_authenticated:
        visitor.messages.add(SUCCESS, "You have signed out.")
        await visitor.log_out()
    for key in GONE_AT_LOG_OUT:
        visitor.session.pop(key, None)
