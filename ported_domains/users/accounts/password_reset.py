"""A new password for who has lost the old one, by a link that is mailed.

1. reset/             asks for an address; says the same whether or not an account has it
2. reset/done/        a mail is on its way
3. reset/key/<uid>-<token>/
                      the link: moves the token to the session, so that it leaves the address
                      bar and is in no Referer; then asks for the password
4. reset/key/done/    the new password is stored; nobody is signed in by it
"""

from datetime import UTC, datetime
from typing import Final

from litestar import Response

from legacy_bridge.django.authentication.allauth_session import RESET_KEY
from legacy_bridge.django.identifiers import row_of_base36
from legacy_bridge.django.rate_limits import login_key
from legacy_bridge.django.settings import SUCCESS
from ported_domains.shared.forms.values import Values
from ported_domains.shared.render import Show, Showing, redirect
from ported_domains.shared.urls import ANY, FromUrl, path, re_path
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.addresses import keep_own_address
from ported_domains.users.accounts.current_site import current_site
from ported_domains.users.accounts.logout import sign_out
from ported_domains.users.accounts.mails import send_reset_key, send_unknown_account
from ported_domains.users.accounts.owners import Owner, owner_by_id, owners_of, who_may_reset
from ported_domains.users.accounts.password_forms import (
    BAD_TOKEN,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    TokenForm,
)
from ported_domains.users.accounts.rows import set_password
from ported_domains.users.accounts.services import Accounts, AccountServices
from ported_domains.users.accounts.view import (
    asking,
    bound_data,
    for_script,
    is_script,
    over_limit,
    redirect_names,
    show_form,
    wanted_next,
    with_next,
)

IN_SESSION: Final = "set-password"
"""Stands in the address for a token that is in the session."""
_FROM_KEY: Final = "account/password_reset_from_key.html"


async def ask_for_link(
    visitor: Calling, accounts: AccountServices, show: Showing
) -> Response[bytes]:
    form = ResetPasswordForm(bound_data(visitor))

    async def accept(form: ResetPasswordForm) -> Response[bytes]:
        email = form.cleaned.email
        if refusal := await over_limit(visitor, accounts, "reset_password", key=email):
            return refusal
        await _mail_link(visitor, accounts, show, email)
        return redirect(wanted_next(visitor) or paths.RESET_PASSWORD_DONE)

    context = {"password_reset_form": form, "login_url": with_next(visitor, paths.LOGIN)}
    context |= redirect_names(visitor)
    return await show_form(visitor, show, "account/password_reset.html", form, accept, context)


async def link_is_mailed(show: Showing) -> Response[bytes]:
    return await show("account/password_reset_done.html")


async def choose_password(
    visitor: Calling, accounts: AccountServices, show: Showing, uidb36: FromUrl, key: FromUrl
) -> Response[bytes]:
    """Scripts give the token with each request; they have no address bar."""
    if refusal := await over_limit(visitor, accounts, "reset_password_from_key"):
        return refusal
    await visitor.load()
    in_session = key == IN_SESSION and not is_script(visitor)
    token = _kept_token(visitor) if in_session else key
    owner = await _owner_of(visitor, accounts, uidb36, token)
    if owner is None:
        return await _refuse(visitor, accounts, show, uidb36, key)
    if not in_session and not is_script(visitor):
        visitor.session[RESET_KEY] = token
        return redirect(with_next(visitor, visitor.visit.path.replace(token, IN_SESSION)))
    await _sign_others_out(visitor, owner, token)
    form = _key_form(visitor, accounts)

    async def accept(form: ResetPasswordKeyForm) -> Response[bytes]:
        password = form.cleaned.password1.get_secret_value()
        encoded = await visitor.contracts.passwords.make(password)
        legacy, old = visitor.contracts.legacy, owner.password
        if not await set_password(legacy, owner.id, encoded, old=old):  # the token is used up
            return await _refuse(visitor, accounts, show, uidb36, key)
        await _forgive(visitor, accounts, owner)
        visitor.messages.add(SUCCESS, "Password successfully changed.")
        return redirect(wanted_next(visitor) or paths.RESET_KEY_DONE)

    context = {"action_url": paths.reset_key(uidb36, key)} | redirect_names(visitor)
    return await show_form(visitor, show, _FROM_KEY, form, accept, context)


async def password_is_chosen(show: Showing) -> Response[bytes]:
    return await show("account/password_reset_from_key_done.html")


async def _mail_link(visitor: VisitorState, accounts: Accounts, show: Show, email: str) -> None:
    """To all that may be meant; to the address itself if there is none."""
    legacy = visitor.contracts.legacy
    owners = who_may_reset(await owners_of(legacy, email))
    for owner in owners:
        await _keep_address(visitor, owner)
        token = accounts.reset_tokens.make(owner.resetter, datetime.now(UTC))
        await send_reset_key(visitor, accounts, show, owner, email, token)
    if not owners:
        await send_unknown_account(visitor, accounts, show, email)


async def _keep_address(visitor: VisitorState, owner: Owner) -> None:
    """The row that allauth makes now, if it is not there: to ask for nothing would take the time
    that tells known addresses from unknown ones."""
    if owner.email.lower() not in owner.addresses:
        await keep_own_address(visitor.contracts.legacy, owner.id, owner.email)


def _kept_token(visitor: VisitorState) -> str:
    kept = visitor.session.get(RESET_KEY)
    return kept if isinstance(kept, str) else ""


async def _owner_of(
    visitor: VisitorState, accounts: Accounts, uid: str, token: str
) -> Owner | None:
    """Whose password the token sets; None if it is no good (any more)."""
    user_id = row_of_base36(uid)
    owner = None if user_id is None else await owner_by_id(visitor.contracts.legacy, user_id)
    if owner is None:
        return None
    await _keep_address(visitor, owner)
    good = accounts.reset_tokens.is_good(token, owner.resetter, datetime.now(UTC))
    return owner if good else None


async def _refuse(
    visitor: VisitorState, accounts: Accounts, show: Show, uid: str, key: str
) -> Response[bytes]:
    page = await show(
        _FROM_KEY,
        form=_key_form(visitor, accounts),
        token_fail=True,
        action_url=paths.reset_key(uid, key),
        **redirect_names(visitor),
    )
    told = TokenForm(Values((("uidb36", uid), ("key", key))))
    told.add_error(None, BAD_TOKEN)
    return for_script(visitor, page, told)


async def _sign_others_out(visitor: VisitorState, owner: Owner, token: str) -> None:
    """Who follows the link of one account while signed in to another leaves the latter."""
    if visitor.user.is_authenticated and visitor.user.id != owner.id:
        await sign_out(visitor)
        visitor.session[RESET_KEY] = token


def _key_form(visitor: VisitorState, accounts: Accounts) -> ResetPasswordKeyForm:
    return ResetPasswordKeyForm(bound_data(visitor), least=accounts.settings.password_min_length)


async def _forgive(visitor: VisitorState, accounts: Accounts, owner: Owner) -> None:
    """Failed log-ins count no more: whoever reads the user's mail may try again at once."""
    site = await current_site(visitor.contracts.legacy, accounts.settings.site_id)
    for email in sorted({*owner.addresses, owner.email.lower()} - {""}):
        asked = asking(visitor, key=login_key(site.domain, email))
        await accounts.limits.clear("login_failed", asked)


RESET_ROUTES = (
    path("password/reset/", ask_for_link, name="account_reset_password", methods=ANY),
    path(
        "password/reset/key/done/", password_is_chosen, name="account_reset_password_from_key_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        choose_password,
        name="account_reset_password_from_key",
        methods=ANY,
    ),
    path("password/reset/done/", link_is_mailed, name="account_reset_password_done"),
)
