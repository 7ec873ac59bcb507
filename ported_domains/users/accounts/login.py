"""Logging in by name or address and password (behaviour/accounts.md, "Log-in")."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from litestar import Response

from legacy_bridge.django.authentication.allauth_session import (
    PENDING,
    PENDING_SECONDS,
    pending_login,
    proved_by_password,
)
from legacy_bridge.django.authentication.sign_in import (
    Credentials,
    Match,
    authenticate,
    credentials,
    must_confirm,
)
from legacy_bridge.django.authentication.user import User
from legacy_bridge.django.rate_limits import login_key
from legacy_bridge.django.settings import SUCCESS
from ported_domains.shared.render import Show, Showing, redirect
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.addresses import Address, best_address_of, create_address
from ported_domains.users.accounts.current_site import CurrentSite, current_site
from ported_domains.users.accounts.forms import (
    TOO_MANY_ATTEMPTS,
    WRONG_ADDRESS,
    WRONG_NAME,
    LoginForm,
)
from ported_domains.users.accounts.mails import send_confirmation
from ported_domains.users.accounts.rows import matches, record_login, renew_password
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.view import (
    Answer,
    asking,
    bound_data,
    for_script,
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
    "LOGIN_BY_CODE_ENABLED": False,
    "PASSKEY_LOGIN_ENABLED": False,
}
"""Ways to log in that allauth's templates ask about, none of which the site has."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose password it was. With `backend` None that account is inactive.

    `user` has the password that was proved, which the session gets tied to.
    """

    match: Match
    backend: str | None
    user: User


async def login(visitor: Calling, accounts: AccountServices, show: Showing) -> Response[bytes]:
    if refused := await over_limit(visitor, accounts, "login"):
        return refused
    if inside := await already_inside(visitor, accounts):
        return inside
    site = await current_site(visitor.contracts.legacy, accounts.settings.site_id)
    form = LoginForm(bound_data(visitor), visitor.contracts.methods, accounts.settings)
    context = {
        **redirect_names(visitor),
        **FLAGS,
        "signup_url": with_next(visitor, paths.SIGNUP),
        "site": site,
    }
    accept = partial(_try_login, visitor, accounts, show, site)
    return never_cached(await show_form(visitor, show, "account/login.html", form, accept, context))


async def already_inside(visitor: VisitorState, accounts: Accounts) -> Answer | None:
    """Where to send a visitor who is logged in; None if nobody is."""
    await visitor.load()
    if visitor.user.is_authenticated:
        location = wanted_next(visitor) or accounts.settings.login_redirect_url
        return never_cached(for_script(visitor, redirect(location)))
    forget_stale_login(visitor)
    return None


def forget_stale_login(visitor: VisitorState) -> None:
    """A login waits for its mail a quarter of an hour."""
    pending = visitor.session.get(PENDING)
    begun = pending.get("initiated_at") if isinstance(pending, dict) else None
    if isinstance(begun, int | float) and time.time() - begun > PENDING_SECONDS:
        del visitor.session[PENDING]


async def _try_login(
    visitor: VisitorState, accounts: Accounts, show: Show, site: CurrentSite, form: LoginForm
) -> Answer | None:
    """Failures are counted before the password is looked at, and given back if it was right."""
    text, password = form.cleaned.login, form.cleaned.password.get_secret_value()
    counted = asking(visitor, key=login_key(site.domain, text))
    usage = await accounts.limits.consume("login_failed", counted)
    if usage is None:
        form.add_error(None, TOO_MANY_ATTEMPTS)
        return None
    given = credentials(text, visitor.contracts.methods)
    proved = await _prove(visitor, text, password)
    if proved is None:
        form.add_error(None, WRONG_ADDRESS if given.email is not None else WRONG_NAME)
        return None
    await accounts.limits.give_back(usage)
    visitor.session.update(proved_by_password(visitor.session, given, time.time()))
    answer = await _proceed(visitor, accounts, show, proved, given)
    settings = accounts.settings
    remember = form.cleaned.remember if settings.remember is None else settings.remember
    visitor.session.set_expiry(settings.remembered_seconds if remember else 0)
    return answer


async def _prove(visitor: VisitorState, text: str, password: str) -> Proved | None:
    """None where no account has this password, or none any more.

    Outdated passwords are made anew, which must come before the session is tied to them. A
    password takes its time, in which another request may have stored a new one: whoever knows only
    the old one must not get a session that is good for the new one.
    """
    contracts = visitor.contracts
    outcome = await authenticate(
        text,
        password,
        methods=contracts.methods,
        look_up=partial(matches, contracts),
        passwords=contracts.passwords,
    )
    renewed = await _renew(visitor, outcome.outdated, password)
    match = outcome.match
    user = None if match is None else await contracts.recognition.user(match.user_id)
    if match is None or user is None:
        return None
    if user.password != renewed.get(user.id, match.password):
        verdict = await contracts.passwords.verify(password, user.password)
        if not verdict.correct:
            return None
    return Proved(match, outcome.backend, user)


async def _renew(visitor: VisitorState, outdated: Iterable[Match], password: str) -> dict[int, str]:
    """What is stored now, by user; of those that no other request has changed meanwhile."""
    contracts = visitor.contracts
    renewed = {}
    for match in outdated:
        encoded = await contracts.passwords.make(password)
        if await renew_password(contracts, match, encoded):
            renewed[match.user_id] = encoded
    return renewed


async def _proceed(
    visitor: VisitorState, accounts: Accounts, show: Show, proved: Proved, given: Credentials
) -> Answer:
    """The password was right; whether that is enough."""
    if proved.backend is None:
        return redirect(paths.INACTIVE)
    if must_confirm(proved.match, given):
        return await _await_confirmation(visitor, accounts, show, proved.user, given)
    return await _enter(visitor, accounts, proved.user, proved.backend)


async def _await_confirmation(
    visitor: VisitorState, accounts: Accounts, show: Show, user: User, given: Credentials
) -> Answer:
    address = await _address_to_confirm(visitor, user, given)
    if address is not None:
        await send_confirmation(visitor, accounts, show, address, user)
    pending = pending_login(user.id, given.email, time.time(), next_url=wanted_next(visitor))
    visitor.session.update(pending)
    return redirect(paths.CONFIRM_EMAIL)


async def _address_to_confirm(
    visitor: VisitorState, user: User, given: Credentials
) -> Address | None:
    """The one that was typed, else the user's, if there is any; a row is made where none is."""
    legacy = visitor.contracts.legacy
    if given.email is not None:
        return (await create_address(legacy, user.id, given.email))[0]
    if address := await best_address_of(legacy, user.id):
        return address
    if not user.email:
        return None
    return (await create_address(legacy, user.id, user.email))[0]


async def _enter(visitor: VisitorState, accounts: Accounts, user: User, backend: str) -> Answer:
    """The login itself."""
    visitor.session.pop(PENDING, None)
    await visitor.log_in(user, backend)
    await record_login(visitor.contracts, user.id)
    visitor.messages.add(SUCCESS, f"Successfully signed in as {user.username}.")
    return redirect(wanted_next(visitor) or accounts.settings.login_redirect_url)
