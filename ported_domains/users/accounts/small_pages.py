"""Pages of accounts that only say something, or only send on."""

from http import HTTPStatus

from litestar import Response

from ported_domains.shared.manners import HTML, PER_VISITOR, Answer
from ported_domains.shared.render import Showing, redirect
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.login import forget_stale_login
from ported_domains.users.accounts.services import AccountServices
from ported_domains.users.accounts.view import never_cached, wanted_next


async def inactive(show: Showing) -> Response[bytes]:
    return await show("account/account_inactive.html")


async def verification_sent(show: Showing) -> Response[bytes]:
    return await show("account/verification_sent.html")


async def confirm_login_code(visitor: Calling, accounts: AccountServices) -> Response[bytes]:
    """Logging in by a mailed code is off, so no code is ever waited for."""
    await visitor.load()
    if visitor.user.is_authenticated:
        return never_cached(redirect(wanted_next(visitor) or accounts.settings.login_redirect_url))
    forget_stale_login(visitor)
    return never_cached(redirect(paths.LOGIN))


async def index(visit: Visit, visitor: VisitorState | None, *_: object) -> Answer | None:
    """`/accounts/` itself is no page, and no URL of Django's: allauth answers where otherwise
    nothing is, whatever the method."""
    if visitor is None or visit.path != paths.ACCOUNTS:
        return None
    await visitor.load()
    there = paths.EMAIL if visitor.user.is_authenticated else paths.LOGIN
    return Answer(HTTPStatus.FOUND, (HTML, PER_VISITOR, ("location", there)))
