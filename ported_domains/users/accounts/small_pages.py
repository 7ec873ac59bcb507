"""Pages of accounts that only say something, or only send on."""

from litestar import Response

from ported_domains.shared.render import Showing, redirect
from ported_domains.shared.visitors.state import Calling
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


async def index(visitor: Calling) -> Response[bytes]:
    """`/accounts/` itself is no page."""
    await visitor.load()
    return redirect(paths.EMAIL if visitor.user.is_authenticated else paths.LOGIN)
