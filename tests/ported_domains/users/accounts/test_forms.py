"""What the login form asks for depends on how one may log in; judged by allauth's settings."""

import pytest
from pydantic import SecretStr

from legacy_bridge.django.authentication.sign_in import Methods
from ported_domains.shared.forms import Values
from ported_domains.users.accounts.forms import Login, LoginForm, proposed_email
from ported_domains.users.accounts.settings import AccountSettings


@pytest.mark.parametrize(
    ("methods", "label", "attributes"),
    [
        (Methods(), "Login", {"placeholder": "Username or email", "autocomplete": "email"}),
        (
            Methods(email=False),
            "Username",
            {"placeholder": "Username", "autocomplete": "username", "maxlength": "150"},
        ),
        (
            Methods(username=False),
            "Email",
            {
                "type": "email",
                "autocomplete": "email",
                "placeholder": "Email address",
                "maxlength": "320",
            },
        ),
    ],
)
def test_the_login_field(methods: Methods, label: str, attributes: dict[str, str]) -> None:
    form = LoginForm(None, methods, AccountSettings())
    assert [*form.fields] == ["login", "password", "remember"]
    assert form["login"].label == label
    assert form["login"].widget.attrs == attributes


def test_an_address_is_the_same_in_any_case_where_only_addresses_log_in() -> None:
    data = Values([("login", "Some.One@Example.org"), ("password", "secret")])
    form = LoginForm(data, Methods(username=False), AccountSettings(remember=True))
    assert form.is_valid()
    secret = SecretStr("secret")
    assert form.cleaned == Login(login="some.one@example.org", password=secret, remember=False)
    assert "'secret'" not in repr(form.cleaned)


@pytest.mark.parametrize(
    ("query", "proposed"),
    [
        (b"email=some.one%40example.org", "some.one@example.org"),
        (b"email=some.one", None),
        (b"email=", None),
        (b"", None),
    ],
)
def test_an_address_that_a_link_brings(query: bytes, proposed: str | None) -> None:
    assert proposed_email(Values.parse_query(query)) == proposed
