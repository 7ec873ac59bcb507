"""A new password for who is signed in: instead of the old one, or as the first one.

This session stays, all others of the user end.
"""

from dataclasses import replace

from litestar import Response

from legacy_bridge.django.authentication.user import User
from legacy_bridge.django.passwords.checking import is_usable
from legacy_bridge.django.settings import SUCCESS
from ported_domains.shared.render import Showing, redirect
from ported_domains.shared.urls import ANY, path
from ported_domains.shared.visitors.guards import login_required, no_robots
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.users.accounts import paths
from ported_domains.users.accounts.password_forms import (
    WRONG_PASSWORD,
    ChangePasswordForm,
    NewPasswordForm,
    SetPasswordForm,
)
from ported_domains.users.accounts.rows import set_password as store_password
from ported_domains.users.accounts.services import AccountServices
from ported_domains.users.accounts.signed_in import signed_in
from ported_domains.users.accounts.view import (
    bound_data,
    over_limit,
    redirect_names,
    show_form,
    wanted_next,
)

LIMIT = "change_password"
"""Of both pages."""


async def change_password(
    visitor: Calling, accounts: AccountServices, show: Showing
) -> Response[bytes]:
    """Leads to the profile's form, whatever `next` says."""
    user = signed_in(visitor)
    if refusal := await over_limit(visitor, accounts, LIMIT, user_id=user.id):
        return refusal
    if not is_usable(user.password):
        return redirect(paths.SET_PASSWORD)
    form = ChangePasswordForm(bound_data(visitor), least=accounts.settings.password_min_length)

    async def is_wrong(old: str) -> bool:
        return not (await visitor.contracts.passwords.verify(old, user.password)).correct

    await form.refuse_if("oldpassword", is_wrong, WRONG_PASSWORD)

    async def accept(form: ChangePasswordForm) -> Response[bytes] | None:
        if not await _store(visitor, user, form, "Password successfully changed."):
            form.add_error("oldpassword", WRONG_PASSWORD)
            return None
        return redirect(accounts.settings.password_change_redirect_url)

    context = {"password_change_form": form} | redirect_names(visitor)
    return await show_form(visitor, show, "account/password_change.html", form, accept, context)


async def set_password(
    visitor: Calling, accounts: AccountServices, show: Showing
) -> Response[bytes]:
    user = signed_in(visitor)
    if refusal := await over_limit(visitor, accounts, LIMIT, user_id=user.id):
        return refusal
    if is_usable(user.password):
        return redirect(paths.CHANGE_PASSWORD)
    form = SetPasswordForm(bound_data(visitor), least=accounts.settings.password_min_length)

    async def accept(form: SetPasswordForm) -> Response[bytes]:
        if not await _store(visitor, user, form, "Password successfully set."):
            return redirect(paths.CHANGE_PASSWORD)
        return redirect(wanted_next(visitor) or accounts.settings.password_set_redirect_url)

    context = {"password_set_form": form} | redirect_names(visitor)
    return await show_form(visitor, show, "account/password_set.html", form, accept, context)


async def _store(visitor: VisitorState, user: User, form: NewPasswordForm, told: str) -> bool:
    """False if the password was changed meanwhile, so that this session is over, too."""
    password = form.cleaned.password1.get_secret_value()
    encoded = await visitor.contracts.passwords.make(password)
    legacy, old = visitor.contracts.legacy, user.password
    if not await store_password(legacy, user.id, encoded, old=old):
        return False
    await visitor.password_changed(replace(user, password=encoded))
    visitor.messages.add(SUCCESS, told)
    return True


CHANGE_ROUTES = (
    path(
        "password/change/",
        change_password,
        name="account_change_password",
        methods=ANY,
        guards=(no_robots, login_required),
    ),
    path(
        "password/set/",
        set_password,
        name="account_set_password",
        methods=ANY,
        guards=(login_required,),
    ),
)
