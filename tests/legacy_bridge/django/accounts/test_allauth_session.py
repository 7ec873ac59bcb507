"""What allauth keeps in the session beside the login: the same, and read by either side."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.authentication import allauth_session
from legacy_bridge.django.authentication.sign_in import Credentials
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.vectors import NOW, fewer

credentials = st.builds(
    Credentials,
    username=st.none() | st.just("a@example.org"),
    email=st.none() | st.just("a@example.org"),
)
records: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.just(
    {"account_authentication_methods": [{"method": "x", "at": 1}]}
)


@fewer
@given(session=records, given_=credentials)
def test_proofs_as_allauth(
    accounts: AccountsSide, session: dict[str, Any], given_: Credentials
) -> None:
    there = accounts.ask(
        "proof",
        session=session,
        credentials={"username": given_.username, "email": given_.email},
        now=NOW,
    )
    assert {**session, **allauth_session.proved_by_password(session, given_, NOW)} == there
    again = accounts.ask("proof_again", session=session, now=NOW)
    assert {**session, **allauth_session.proved_again(session, NOW)} == again


@pytest.mark.parametrize("seconds", [0, 299, 300, 301])
def test_recent_proofs_as_allauth(accounts: AccountsSide, seconds: int) -> None:
    session = allauth_session.proved_again({}, NOW)
    ours = allauth_session.is_proof_recent(session, NOW + seconds)
    assert ours is accounts.ask("is_proof_recent", session=session, now=NOW + seconds)
    assert not allauth_session.is_proof_recent({}, NOW)
    assert not allauth_session.is_proof_recent({allauth_session.METHODS: ["x"]}, NOW)


@pytest.mark.parametrize("user_id", [None, 1, 4711])
@pytest.mark.parametrize("signup", [False, True])
@pytest.mark.parametrize("email", [None, "a@example.org"])
def test_pending_logins_as_allauth(
    accounts: AccountsSide, user_id: int | None, signup: bool, email: str | None
) -> None:
    if user_id is None and not signup:
        return  # only a sign-up pretends
    there = accounts.ask(
        "pending", user_id=user_id, email=email, signup=signup, next_url="/next", now=NOW
    )
    ours = allauth_session.pending_login(user_id, email, NOW, next_url="/next", signup=signup)
    assert ours == there
    read = accounts.ask("read_pending", session=ours, now=NOW)
    assert read == [user_id, email, signup, "/next"]
    late = NOW + allauth_session.PENDING_SECONDS + 1
    assert accounts.ask("read_pending", session=ours, now=late) is None
