"""The URLs of the account pages, in Django's order: the site's own two, then allauth's.

Where a page decides something before it looks at the method, it gets ANY of them (see `view.py`).
"""

from ported_domains.shared.urls import ANY, path, re_path
from ported_domains.shared.visitors.guards import login_required, no_robots
from ported_domains.users.accounts.confirmation import confirm_email
from ported_domains.users.accounts.login import login
from ported_domains.users.accounts.logout import logout
from ported_domains.users.accounts.manage_email import EMAIL_ROUTES
from ported_domains.users.accounts.password_change import CHANGE_ROUTES
from ported_domains.users.accounts.password_reset import RESET_ROUTES
from ported_domains.users.accounts.reauthentication import reauthenticate
from ported_domains.users.accounts.signup import signup
from ported_domains.users.accounts.small_pages import (
    confirm_login_code,
    inactive,
    verification_sent,
)

ROUTES = (
    path("signup/", signup, name="account_signup", methods=ANY, guards=(no_robots,)),
    path("login/", login, name="account_login", methods=ANY),
    path("logout/", logout, name="account_logout", methods=("GET", "POST")),
    path("inactive/", inactive, name="account_inactive"),
    path(
        "reauthenticate/",
        reauthenticate,
        name="account_reauthenticate",
        methods=ANY,
        guards=(login_required,),
    ),
    *EMAIL_ROUTES,
    path("confirm-email/", verification_sent, name="account_email_verification_sent"),
    *CHANGE_ROUTES,
    path("login/code/confirm/", confirm_login_code, name="account_confirm_login_code", methods=ANY),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        confirm_email,
        name="account_confirm_email",
        methods=("GET", "POST"),
    ),
    *RESET_ROUTES,
)
