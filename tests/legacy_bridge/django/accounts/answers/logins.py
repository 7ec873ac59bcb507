"""Logging in and out, and what it does to the session."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from typing import Any
from unittest import mock

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.account.internal.flows import login as login_flow
from allauth.account.internal.flows import reauthentication
from allauth.account.models import Login
from allauth.account.utils import has_verified_email
from allauth.core import context
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test.utils import override_settings

from tests.legacy_bridge.django.accounts.answers.passwords import Costs, with_costs
from tests.legacy_bridge.django.accounts.answers.rows import make_user, remove_rows
from tests.legacy_bridge.django.accounts.answers.users.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Session(dict[str, Any]):
    """Remembers what became of its key."""

    key = "kept"

    def cycle_key(self) -> None:
        self.key = "cycled"

    def flush(self) -> None:
        self.clear()
        self.key = "flushed"

    def outcome(self) -> list[Any]:
        return [self.key, dict(self)]


class NoMessages(BaseStorage):
    def _get(self) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: list[Any], response: Any) -> list[Any]:
        return []


def _request(session: dict[str, Any]) -> HttpRequest:
    request = HttpRequest()
    request.META = {"SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    request.session = Session(session)
    request.user = AnonymousUser()
    request._messages = NoMessages(request)
    return request


def log_in(session: dict[str, Any], user_id: int, password: str, backend: str) -> list[Any]:
    request = _request(session)
    with mock.patch.object(auth.user_logged_in, "send"):
        auth.login(request, User(pk=user_id, password=password), backend)
    return request.session.outcome()


def log_out(session: dict[str, Any]) -> list[Any]:
    request = _request(session)
    auth.logout(request)
    return request.session.outcome()


def visitor(session: dict[str, Any], user: dict[str, Any] | None) -> list[Any]:
    """Whose session it is, if the database has that user alone."""
    remove_rows()
    if user is not None:
        make_user([], **user)
    request = _request(session)
    found = auth.get_user(request)
    return [found.pk, *request.session.outcome()]


def password_changed(session: dict[str, Any], user_id: int, changed: dict[str, Any]) -> list[Any]:
    request = _request(session)
    request.user = User(pk=user_id)
    auth.update_session_auth_hash(request, User(**changed))
    return request.session.outcome()


def authenticate(
    users: list[dict[str, Any]], login: str, password: str, methods: list[str], costs: Costs
) -> dict[str, Any]:
    """Who logs in, and how, if the database has these users alone."""
    with_costs(costs)
    remove_rows()
    for each in users:
        make_user(**each)
    with override_settings(ACCOUNT_LOGIN_METHODS=set(methods)):
        form = LoginForm()
        form.cleaned_data = {"login": login, "password": password}
        given = form.user_credentials()
        request = _request({})
        with context.request_context(request):
            found = get_adapter().authenticate(request, **given)
        return {
            "user": found and found.pk,
            "backend": getattr(found, "backend", None),
            "active": bool(found and found.is_active),
            "verified": bool(found and has_verified_email(found, given.get("email"))),
            "made_anew": [
                user.pk
                for user, before in zip(User.objects.order_by("pk"), users, strict=True)
                if user.password != before["password"]
            ],
        }


def proof(session: dict[str, Any], credentials: dict[str, str]) -> dict[str, Any]:
    request = _request(session)
    extra = {name: credentials[name] for name in ("email", "username") if credentials.get(name)}
    login_flow.record_authentication(request, User(pk=1), method="password", **extra)
    return dict(request.session)


def proof_again(session: dict[str, Any]) -> dict[str, Any]:
    request = _request(session)
    reauthentication.reauthenticate_by_password(request)
    return dict(request.session)


def is_proof_recent(session: dict[str, Any]) -> bool:
    request = _request(session)
    request.user = User(pk=1, password="md5$a$b")
    return reauthentication.did_recently_authenticate(request)


def pending(user_id: int | None, email: str | None, signup: bool, next_url: str | None) -> Any:
    """What the session has while a mail is on its way."""
    remove_rows()
    user = None if user_id is None else make_user([], pk=user_id, username="pending")
    request = _request({})
    signal_kwargs: dict[str, Any] | None = {} if signup and user else None
    login = Login(
        user=user, email=email, signup=signup, redirect_url=next_url, signal_kwargs=signal_kwargs
    )
    with context.request_context(request):
        login_flow.perform_login(request, login)
    return dict(request.session)


def read_pending(session: dict[str, Any]) -> list[Any] | None:
    """What allauth understands of it."""
    from allauth.account.internal.stagekit import unstash_login

    login = unstash_login(_request(session))
    return login and [login.user and login.user.pk, login.email, login.signup, login.redirect_url]


def stored_session(values: dict[str, Any]) -> str:
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key
